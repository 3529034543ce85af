/** `polarity pretrain`: makes a base policy from a task's demonstrations and writes it as a model folder. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { stringify } from 'yaml';
import { writeDurably, writeFailure } from '../../core/durable-file.ts';
import { UserError } from '../../core/errors.ts';
import { childKey, randomKey } from '../../core/random.ts';
import type { Evaluation } from '../../evaluate/evaluation.ts';
import { publishWhole } from '../../journal/disk.ts';
import { createTask } from '../../tasks/catalogue.ts';
import type { Task } from '../../tasks/task.ts';
import { createCharacterTokenizer } from '../../text/character-tokenizer.ts';
import { evaluatePolicy, evaluationLine } from '../../train/evaluation.ts';
import { type PretrainStep, pretrain } from '../../train/pretrain.ts';
import { modelOf, type PretrainConfig, parsePretrainConfig } from '../../train/pretrain-config.ts';
import { checkEvaluation } from '../../train/requirements.ts';
import { createFreshEngine, type OpenedEngine } from '../engines.ts';
import { absolute, isDirectory, readText, shown } from '../files.ts';
import { bar, count, duration, sparkline } from '../format.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Terminal } from '../terminal.ts';
import { passAtOf } from '../training-result.ts';
import { evaluationText } from '../training-view.ts';
import { versions } from '../versions.ts';

export interface PretrainOptions {
  readonly set: readonly string[];
  /** The model folder, instead of the file's `policy`. */
  readonly out?: string;
  /** Replace a folder that exists. */
  readonly overwrite?: boolean;
}

/** @returns the exit code */
export async function pretrainCommand(file: string, options: PretrainOptions, terminal: Terminal): Promise<number> {
  const config = parsePretrainConfig(readText(file), file, options.set);
  const beside = isAbsolute(config.policy) ? config.policy : join(dirname(file), config.policy);
  const folder = absolute(options.out ?? beside);
  checkReplaceable(folder, options.overwrite === true);
  const task = createTask(config.task, `${file}: task`);
  if (task.alphabet === undefined)
    throw new UserError(`${file}: task ${task.name} has no alphabet to make a tokenizer of`);
  const tokenizer = createCharacterTokenizer(task.alphabet);
  const model = modelOf(config, tokenizer.vocabularySize);
  if (!('onnx' in config.engine)) throw new UserError(`${file}: engine must be onnx`);
  const key = childKey(randomKey(config.seed), 'weights');
  await checkWritable(folder);
  const opened = await createFreshEngine(config.engine.onnx, tokenizer, { ...model, key });
  const interruption = listenForInterrupt(() => terminal.print('stopping; nothing is written'));
  try {
    if (config.evaluation.atEnd)
      checkEvaluation({ config: { ...config, evaluation: atEnd(config) }, task, tokenizer, engine: opened.engine });
    const began = performance.now();
    const reporter = new PretrainReporter(terminal, config.training.steps, `${task.name} · ${opened.description}`);
    const stop = interruption.signal;
    const steps = await pretrain({
      config,
      task,
      tokenizer,
      engine: opened.engine,
      stop,
      report: (step) => reporter.tell(step),
    });
    terminal.keepPanel();
    if (stop.aborted) return interruption.exitCode ?? 130;
    const evaluation = config.evaluation.atEnd ? await measure(config, task, opened, terminal) : undefined;
    await writePolicy(folder, opened, tokenizer.toJSON(), config);
    const seconds = (performance.now() - began) / 1000;
    terminal.print(`${steps} steps, ${duration(seconds)}; policy in ${shown(folder)}`);
    terminal.result({
      policy: folder,
      steps,
      seconds,
      loss: reporter.lastLoss,
      ...(evaluation === undefined ? {} : { evaluation: passAtOf(evaluation) }),
    });
    return 0;
  } finally {
    interruption.release();
    await opened.engine.close();
  }
}

const atEnd = ({ evaluation }: PretrainConfig) => ({ ...evaluation, every: 0, atStart: false });

async function measure(
  config: PretrainConfig,
  task: Task,
  { engine, tokenizer }: OpenedEngine,
  terminal: Terminal,
): Promise<Evaluation> {
  const sampler = await engine.sampler();
  const { seed, sampling } = config;
  const evaluation = await evaluatePolicy(atEnd(config), {
    ...sampling,
    task,
    tokenizer,
    sampler,
    seed,
    truncated: 'incorrect',
  });
  terminal.print(evaluationText(evaluationLine(config.training.steps, evaluation)));
  return evaluation;
}

/** What `--overwrite` may remove is a model folder and nothing else. @throws UserError */
function checkReplaceable(folder: string, overwrite: boolean): void {
  if (!existsSync(folder)) return;
  if (!overwrite)
    throw new UserError(`${shown(folder)} exists already; choose another with --out, or give --overwrite`);
  const names = isDirectory(folder) ? readdirSync(folder) : undefined;
  if (names?.length === 0 || names?.includes('model.safetensors')) return;
  throw new UserError(`${shown(folder)} is not a model folder, so it is not overwritten; choose another with --out`);
}

const asideOf = (folder: string): string => join(dirname(folder), `.${basename(folder)}.${process.pid}.partial`);

/** Tried before the work begins, so that it is not lost at the end. @throws UserError when the folder could not be written. */
async function checkWritable(folder: string): Promise<void> {
  try {
    await mkdir(asideOf(folder), { recursive: true });
    await rm(asideOf(folder), { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/** The folder appears whole: written aside, renamed. */
async function writePolicy(
  folder: string,
  { engine }: OpenedEngine,
  tokenizer: unknown,
  config: PretrainConfig,
): Promise<void> {
  const aside = asideOf(folder);
  try {
    await mkdir(aside);
    await engine.exportWeights(aside);
    await writeDurably(join(aside, 'tokenizer.json'), `${JSON.stringify(tokenizer, null, 2)}\n`);
    const { policy: _folder, ...settings } = config;
    await writeDurably(
      join(aside, 'pretrain.yaml'),
      `# made by polarity pretrain, ${JSON.stringify(versions())}\n${stringify({ ...settings, policy: basename(folder) })}`,
    );
    await publishWhole(dirname(folder), aside, basename(folder));
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(folder, error);
  }
}

const SECONDS_BETWEEN_LINES = 5;

/** A line or a panel a step. */
class PretrainReporter {
  lastLoss = Number.NaN;
  readonly #terminal: Terminal;
  readonly #steps: number;
  readonly #began = performance.now() / 1000;
  readonly #losses: number[] = [];
  #tokens = 0;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, steps: number, title: string) {
    this.#terminal = terminal;
    this.#steps = steps;
    terminal.print(title);
  }

  tell({ step, lossPerToken, gradNorm, learningRate, tokens }: PretrainStep): void {
    this.lastLoss = lossPerToken;
    this.#losses.push(lossPerToken);
    this.#tokens += tokens;
    const now = performance.now() / 1000;
    const isLast = step === this.#steps;
    const pause = this.#terminal.isLive ? 0.1 : SECONDS_BETWEEN_LINES;
    if (!isLast && now - this.#shownAt < pause) return;
    this.#shownAt = now;
    const elapsed = now - this.#began;
    const left = duration((elapsed / step) * (this.#steps - step));
    const speed = `${count(this.#tokens / elapsed)} tokens/s`;
    const gradient = gradNorm === undefined ? '' : `  gradient ${gradNorm.toFixed(3)}`;
    const numbers = `loss ${lossPerToken.toFixed(4)}${gradient}  learning rate ${learningRate.toExponential(2)}  ${speed}`;
    const line = `step ${step}/${this.#steps}  ${numbers}  ${left} left`;
    if (!this.#terminal.isLive) this.#terminal.print(line);
    else this.#terminal.panel([`${bar(step / this.#steps, 30)} ${line}`, `loss ${sparkline(this.#losses, 60)}`]);
  }
}
