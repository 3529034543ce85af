/** `polarity data lint`: what is wrong with a dataset, before a run learns it. */

import { UserError } from '../../core/errors.ts';
import type { Prompt } from '../../core/rollout.ts';
import { parseSettings } from '../../core/settings.ts';
import { loadDataset } from '../../tasks/dataset/dataset.ts';
import { withAbsolutePaths } from '../../tasks/dataset/dataset-task.ts';
import { checkGolds, Verifiers } from '../../tasks/dataset/gold-check.ts';
import { type Finding, type LintInput, type LintReport, lint, type Severity } from '../../tasks/dataset/lint.ts';
import { type DatasetSettings, datasetSettings } from '../../tasks/dataset/settings.ts';
import type { ChatOptions } from '../../text/chat-template.ts';
import { loadTokenizer } from '../../text/load-tokenizer.ts';
import { encodePrompt } from '../../text/prompt.ts';
import { applyOverride } from '../../train/run-file.ts';
import { localContext } from '../engines.ts';
import { visible } from '../escape.ts';
import { shown } from '../files.ts';
import { readRunFile } from '../targets.ts';
import { verifyInPool } from '../tasks.ts';
import type { Terminal } from '../terminal.ts';

export interface LintOptions {
  /** Of the dataset task's settings, e.g. `columns.gold=answer`. */
  readonly set: readonly string[];
  readonly format?: string;
  /** A policy folder whose tokenizer measures the prompts. */
  readonly policy?: string;
  /** Tokens a prompt may have. Absent: what a run file leaves for it, else `DEFAULT_PROMPT_TOKENS`. */
  readonly promptTokens?: number;
}

const DEFAULT_PROMPT_TOKENS = 2048;

/** @param target a data file, or a run file whose task is `dataset` @returns the exit code: 1 when the data is not fit to train on */
export async function lintCommand(target: string, options: LintOptions, terminal: Terminal): Promise<number> {
  const { settings, tokens } = asked(target, options);
  const dataset = await loadDataset(settings);
  const verifiers = await Verifiers.of([...dataset.train, ...dataset.test]);
  const outcomes = {
    train: await checkGolds(dataset.train, verifiers, verifyInPool),
    test: await checkGolds(dataset.test, verifiers, verifyInPool),
  };
  const report = lint({ dataset, outcomes, tokens });
  print(report, terminal);
  terminal.result(report);
  return report.isUsable ? 0 : 1;
}

interface Asked {
  readonly settings: DatasetSettings;
  readonly tokens: LintInput['tokens'];
}

function asked(target: string, options: LintOptions): Asked {
  return /\.ya?ml$/.test(target) ? askedOfRun(target, options) : askedOfFile(target, options);
}

function askedOfFile(path: string, { set, format, policy, promptTokens }: LintOptions): Asked {
  const given = { train: path, testFraction: 0, ...(format === undefined ? {} : { format }) };
  const settings = parseSettings(datasetSettings, set.reduce(applyOverride, given), '--set');
  return {
    settings: withAbsolutePaths(settings, () => '.'),
    tokens: measureWith(policy, promptTokens ?? DEFAULT_PROMPT_TOKENS, promptTokens),
  };
}

/** As the run would load it: its policy, its chat template's settings, and the context that its completions leave. */
function askedOfRun(path: string, { set, format, policy, promptTokens }: LintOptions): Asked {
  if (format !== undefined) throw new UserError('--format is for a data file; a run file names its own');
  const config = readRunFile(
    path,
    set.map((override) => `task.${override}`),
  );
  const { name, ...settings } = config.task;
  if (name !== 'dataset') throw new UserError(`${path}: task ${name} has no data files to look at`);
  const measured = policy ?? config.policy;
  const context = measured === undefined ? undefined : localContext(measured);
  const left = context === undefined ? DEFAULT_PROMPT_TOKENS : context - config.sampling.maxTokens;
  return {
    settings: parseSettings(datasetSettings, settings, `${path}: task`),
    tokens: measureWith(measured, promptTokens ?? left, promptTokens, config.chat),
  };
}

function measureWith(
  policy: string | undefined,
  limit: number,
  given: number | undefined,
  chat?: ChatOptions,
): LintInput['tokens'] {
  if (policy === undefined && given !== undefined)
    throw new UserError('--prompt-tokens has no effect without a policy to count them: add --policy');
  if (policy === undefined) return undefined;
  const tokenizer = loadTokenizer(policy, chat);
  return { count: (prompt: Prompt) => encodePrompt(tokenizer, prompt).length, limit };
}

/** Characters of an example's text. */
const EXAMPLE_WIDTH = 120;

function print(report: LintReport, terminal: Terminal): void {
  const { bold, dim } = terminal.colors;
  for (const { path, format } of report.files) terminal.print(`${visible(shown(path))}  ${dim(`format ${format}`)}`);
  const { problems, golds, rows } = report;
  terminal.print(
    `${rows} rows, ${problems.train + problems.test} problems${problems.test > 0 ? ` (${problems.train} to train on, ${problems.test} held out)` : ''}`,
  );
  const untried = golds.untried > 0 ? `, ${golds.untried} have none to try` : '';
  terminal.print(`${golds.passing} golds pass their own verifier, ${golds.failing} do not${untried}`);
  if (report.findings.length > 0) terminal.print('');
  for (const finding of report.findings) terminal.print(lineOf(finding, terminal));
  for (const { kind, examples } of report.findings) {
    terminal.print(`\n${bold(kind)}`);
    for (const { place, text } of examples) {
      const cut = text.length > EXAMPLE_WIDTH ? `${text.slice(0, EXAMPLE_WIDTH)}…` : text;
      terminal.print(`  ${dim(visible(shown(place)))}  ${visible(cut)}`);
    }
  }
}

function lineOf({ severity, count, kind, meaning }: Finding, { colors }: Terminal): string {
  const paint: Record<Severity, (text: string) => string> = {
    error: colors.red,
    warning: colors.yellow,
    note: colors.dim,
  };
  return `${paint[severity](severity.padEnd(7))} ${`${count}`.padStart(7)}  ${kind.padEnd(26)} ${meaning}`;
}
