/** `polarity train`: trains a run file's policy, or goes on with a run. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { writeDurably } from '../../core/durable-file.ts';
import { UserError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { FILES, runDirectory } from '../../journal/names.ts';
import { createRun, type RunWriter, resumeRun } from '../../journal/writer.ts';
import { type Objective, parseObjective, requirementsOf } from '../../objectives/objective.ts';
import { resolveTask } from '../../tasks/catalogue.ts';
import type { Task } from '../../tasks/task.ts';
import { yieldNotes } from '../../train/adam.ts';
import { initialState } from '../../train/checkpoint-state.ts';
import { parseConfig, type RunConfig } from '../../train/config.ts';
import { train } from '../../train/loop.ts';
import { checkTraining } from '../../train/requirements.ts';
import { restore, type Start } from '../../train/restore.ts';
import type { Report } from '../../train/run.ts';
import { type OpenedEngine, openEngine } from '../engines.ts';
import { visible } from '../escape.ts';
import { planText } from '../evaluation-view.ts';
import { absolute, readText, shown } from '../files.ts';
import { duration } from '../format.ts';
import { type Interruption, listenForInterrupt } from '../interrupt.ts';
import { readRunFile, runReference, withPolicyBeside } from '../targets.ts';
import { openRunTask } from '../tasks.ts';
import type { Terminal } from '../terminal.ts';
import { openDashboard } from '../training-dashboard.ts';
import { TrainingReporter } from '../training-reporter.ts';
import { resultLines, type TrainingResult, trainingResult } from '../training-result.ts';
import { healthText } from '../training-view.ts';
import { policyHashes, versions } from '../versions.ts';

export interface TrainOptions {
  readonly set: readonly string[];
  /** Of the run's directory. */
  readonly name?: string;
  /** Folder of run directories. */
  readonly runs: string;
  /** A run directory to go on with, instead of a run file. */
  readonly resume?: string;
  /** Take at most so many steps, save, and stop. */
  readonly stopAfter?: number;
  /** Show the run in a dashboard while it trains. */
  readonly ui?: boolean;
}

/** The policy that is trained, and the one it started from, where a penalty pulls towards that. */
interface Engines {
  readonly opened: OpenedEngine;
  readonly reference: Engine | undefined;
}

/** Everything a run needs, opened. */
interface Opened extends Start {
  readonly config: RunConfig;
  readonly task: Task;
  readonly objective: Objective;
  /** Of this moment: a lost engine is replaced. */
  readonly engines: { current: Engines };
  readonly journal: RunWriter;
}

/** @returns the exit code */
export async function trainCommand(
  file: string | undefined,
  options: TrainOptions,
  terminal: Terminal,
): Promise<number> {
  if ((file === undefined) === (options.resume === undefined))
    throw new UserError('train takes a run file, or --resume <run directory>; not both, not neither');
  const interruption = listenForInterrupt(() =>
    terminal.print('finishing this step, then saving; Ctrl-C again leaves at once'),
  );
  try {
    const run = file === undefined ? await openExisting(options, terminal) : await openNew(file, options);
    const say = (line: string) => terminal.print(line);
    const dashboard = options.ui === true ? openDashboard(run.journal.directory, say) : undefined;
    try {
      return await runTraining(run, options, terminal, interruption);
    } finally {
      dashboard?.close();
      run.journal.close();
      await closeEngines(run.engines.current);
    }
  } finally {
    interruption.release();
  }
}

/** Parts that depend on the configuration alone, checked against each other before anything is written. */
async function openParts(config: RunConfig, where: string): Promise<Omit<Opened, 'journal' | keyof Start>> {
  const resolved = { ...config, task: resolveTask(config.task, `${where}: task`) };
  const task = await openRunTask(resolved.task, `${where}: task`);
  const objective = parseObjective(resolved.objective);
  const engines = await openEngines({ config: resolved, task, objective });
  const { opened, reference } = engines;
  checkTraining({ config: resolved, task, objective, reference, ...opened });
  return { config: resolved, task, objective, engines: { current: engines } };
}

async function openEngines({
  config,
  task,
  objective,
}: Pick<Opened, 'config' | 'task' | 'objective'>): Promise<Engines> {
  const { engine, policy, seed, chat, training } = config;
  const opened = await openEngine(engine, policy, task, seed, { ...training, chat });
  if (!requirementsOf(objective).referenceLogprobs) return { opened, reference: undefined };
  try {
    return { opened, reference: (await openEngine(engine, policy, task, seed, { chat })).engine };
  } catch (error) {
    await opened.engine.close();
    throw error;
  }
}

async function closeEngines({ opened, reference }: Engines): Promise<void> {
  await opened.engine.close();
  await reference?.close();
}

async function openNew(file: string, options: TrainOptions): Promise<Opened> {
  const read = readRunFile(file, options.set);
  const runsDirectory = absolute(options.runs);
  const name = options.name ?? freeName(runsDirectory, read.name ?? basename(file).replace(/\.[^.]*$/, ''));
  runDirectory(runsDirectory, name);
  const parts = await openParts({ ...read, name }, file);
  const manifest = {
    seed: read.seed,
    versions: versions(),
    dataHashes: { ...(await policyHashes(read.policy)), ...parts.task.dataHashes },
    environment: { platform: `${process.platform} ${process.arch}`, ...parts.engines.current.opened.environment },
  };
  const journal = await createRun({ runsDirectory, name, config: parts.config, manifest });
  for (const message of parts.task.notes ?? [])
    journal.event({ step: 0, level: 'note', kind: 'data', message, details: {} });
  for (const message of yieldNotes(parts.config.training, parts.engines.current.opened.engine.capabilities))
    journal.event({ step: 0, level: 'note', kind: 'engine-settings', message, details: {} });
  return { ...parts, journal, state: initialState, ahead: [] };
}

/** `quickstart`, or `quickstart-2` when that is taken: a file may be run again. */
function freeName(runs: string, stem: string): string {
  const isFree = (name: string) => !existsSync(runDirectory(runs, name));
  let name = stem;
  for (let n = 2; !isFree(name); n++) name = `${stem}-${n}`;
  return name;
}

async function openExisting({ resume = '', set, name }: TrainOptions, terminal: Terminal): Promise<Opened> {
  if (name !== undefined) throw new UserError('--name has no effect with --resume: the run keeps its name');
  const reference = runReference(resume);
  const path = shown(join(reference.directory, FILES.config));
  const config = withPolicyBeside(parseConfig(readText(path), path, set), '.');
  const parts = await openParts(config, path);
  const { journal, manifest, checkpoint, discarded } = await resumeRun(reference);
  try {
    checkUnchanged(parts.task, manifest.dataHashes);
    const { engine } = parts.engines.current.opened;
    const start = await restore({ ...parts, engine }, checkpoint);
    const { step } = start.state;
    if (set.length > 0) await recordChanges(journal, parts.config, step, set);
    terminal.print(`resuming ${shown(reference.directory)} after step ${step}`);
    for (const item of discarded) terminal.print(`  set aside: ${item}`);
    return { ...parts, journal, ...start };
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** Other data would be another run: problems are drawn by their place. @throws UserError naming the file. */
function checkUnchanged({ dataHashes = {} }: Task, before: Readonly<Record<string, string>>): void {
  for (const [path, hash] of Object.entries(dataHashes))
    if (before[path] !== undefined && before[path] !== hash)
      throw new UserError(`${shown(path)} has changed since the run began; restore it, or begin a new run`);
}

/** The run's configuration as it is from here on, and an event that says what changed. */
async function recordChanges(
  journal: RunWriter,
  config: RunConfig,
  step: number,
  changes: readonly string[],
): Promise<void> {
  await writeDurably(join(journal.directory, FILES.config), stringify(config));
  journal.event({
    step,
    level: 'note',
    kind: 'settings-changed',
    message: `resumed with ${changes.join(', ')}`,
    details: { set: [...changes] },
  });
}

async function runTraining(
  run: Opened,
  options: TrainOptions,
  terminal: Terminal,
  interruption: Interruption,
): Promise<number> {
  const { config, journal, engines, objective } = run;
  const { opened, reference } = engines.current;
  const clock = () => performance.now() / 1000;
  const began = clock();
  const title = `${config.task.name} · ${objective.name} · ${opened.description}`;
  const reporter = new TrainingReporter(terminal, {
    title,
    steps: config.training.steps,
    firstStep: run.state.step,
    clock,
  });
  for (const note of objective.notes) terminal.print(terminal.colors.dim(`${objective.name}: ${note}`));
  for (const note of run.task.notes ?? []) terminal.print(terminal.colors.dim(`data: ${visible(note)}`));
  for (const note of yieldNotes(config.training, opened.engine.capabilities))
    terminal.print(terminal.colors.dim(`engine: ${note}`));
  if (config.evaluation.atStart && config.evaluation.atEnd)
    terminal.print(terminal.colors.dim(`held-out: ${planText(config.evaluation)} (docs/EVALUATION.md)`));
  terminal.print(`run ${shown(journal.directory)}`);
  const limit = new AbortController();
  const stopAt = options.stopAfter === undefined ? Number.POSITIVE_INFINITY : run.state.step + options.stopAfter;
  const report = (event: Report) => {
    reporter.tell(event);
    if (event.kind === 'step' && event.step >= stopAt && event.step < config.training.steps) limit.abort();
  };
  const stop = AbortSignal.any([interruption.signal, limit.signal]);
  const reopen = {
    open: async () => {
      const fresh = await openEngines(run);
      engines.current = fresh;
      return { engine: fresh.opened.engine, reference: fresh.reference };
    },
    wait: (milliseconds: number, signal: AbortSignal) =>
      setTimeout(milliseconds, undefined, { signal }).catch(() => {}),
  };
  const state = await train({ ...run, ...opened, reference, clock, report, stop, reopen });
  reporter.finish();
  const isUnfinished = state.step < config.training.steps;
  const about = {
    run: shown(journal.directory),
    seconds: clock() - began,
    interrupted: interruption.exitCode !== undefined,
  };
  const result = trainingResult(state, about);
  conclude(result, isUnfinished, terminal);
  return interruption.exitCode ?? 0;
}

function conclude(result: TrainingResult, isUnfinished: boolean, terminal: Terminal): void {
  terminal.print('');
  for (const line of resultLines(result)) terminal.print(line);
  terminal.print(`${result.steps} steps, ${duration(result.seconds)}`);
  terminal.print(healthText(result.health, terminal.colors));
  terminal.print(`run directory  ${result.run}  (metrics.jsonl, evaluations.jsonl, rollouts/, checkpoints/)`);
  if (isUnfinished) terminal.print(`go on          polarity train --resume ${result.run}`);
  terminal.print(`look           polarity ui ${result.run}, polarity sample ${result.run}`);
  terminal.result(result);
}
