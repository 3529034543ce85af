/**
 * A study file as runs that are known to start: every arm's settings resolved and checked against its task, policy and engine before
 * anything is written.
 */
import { basename, dirname, join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { parseObjective, requirementsOf } from '../objectives/objective.ts';
import type { Settings } from '../study/merge-patch.ts';
import { type Arm, armSettings, armsOf, type PlannedRun, plannedRuns } from '../study/plan.ts';
import type { RunEnd } from '../study/run-state.ts';
import { parseStudy, type StudyFile, type StudyForm } from '../study/study-file.ts';
import { resolveTask } from '../tasks/catalogue.ts';
import type { Task } from '../tasks/task.ts';
import { type RunConfig, resolveConfig } from '../train/config.ts';
import { checkTraining } from '../train/requirements.ts';
import { expandShorthands, parseYaml, readSettings } from '../train/run-file.ts';
import { type BenchmarkSettings, openBenchmarks, parseBenchmarks } from './benchmarks.ts';
import { checkBenchmark } from './commands/evaluate.ts';
import { type OpenedEngine, openEngine } from './engines.ts';
import { absolute, readText } from './files.ts';
import { withPolicyBeside } from './targets.ts';
import { openRunTask } from './tasks.ts';

export interface StudyPlan {
  /** Of the study's folder. */
  readonly name: string;
  readonly file: string;
  readonly isQuick: boolean;
  readonly study: StudyFile;
  readonly arms: readonly Arm[];
  readonly runs: readonly PlannedRun[];
  /** Of one run. */
  readonly threads: number;
  /** When a run is whole, by its name. */
  readonly ends: ReadonlyMap<string, RunEnd>;
  /** As in a benchmark file, its data's paths absolute; absent without `evaluations`. */
  readonly benchmarks?: Benchmarks;
}

/** Runs beside each other use cores better than threads of one run do. */
const THREADS = 1;

/** @throws UserError naming every arm and key that is wrong */
export async function planStudy(file: string, form: StudyForm = {}): Promise<StudyPlan> {
  const study = parseStudy(parseYaml(readText(file), file), file, form);
  const isQuick = form.quick === true;
  const folder = dirname(absolute(file));
  const configs = resolveArms(study, file, folder);
  const arms = armsOf(study, configs as ReadonlyMap<string, Settings & RunConfig>);
  const stem = study.name ?? basename(file).replace(/\.[^.]*$/, '');
  const benchmarks = benchmarksOf(study, `${file}: evaluations`, folder);
  await checkArms(configs, benchmarks, file);
  const runs = plannedRuns(arms, study.seeds);
  return {
    name: isQuick ? `${stem}-quick` : stem,
    file,
    isQuick,
    study,
    arms,
    runs,
    threads: Math.max(...[...configs.values()].map(threadsOf)),
    ends: new Map(runs.map(({ name, settings }) => [name, endOf(settings as unknown as RunConfig)])),
    ...(benchmarks !== undefined && { benchmarks }),
  };
}

const endOf = ({ training, evaluation }: RunConfig): RunEnd => ({
  steps: training.steps,
  isEvaluated: evaluation.atEnd,
});

const threadsOf = ({ engine }: RunConfig): number => ('onnx' in engine ? (engine.onnx.threads ?? THREADS) : 1);

function resolveArms(study: StudyFile, file: string, folder: string): Map<string, RunConfig> {
  const common = study.base === undefined ? {} : baseSettings(join(folder, study.base));
  const written = { ...study, run: expandShorthands(study.run) };
  const [configs, problems] = [new Map<string, RunConfig>(), [] as string[]];
  for (const [arm, patch] of Object.entries(study.arms)) {
    const where = `${file}: arms.${arm}`;
    try {
      configs.set(arm, resolveArm(armSettings(common, written, expandShorthands(patch)), where, folder));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return configs;
}

/** A run file's settings without name and seed, its paths absolute. */
function baseSettings(path: string): Settings {
  const { name: _name, seed: _seed, ...settings } = readSettings(readText(path), path);
  const { policy, task } = settings;
  const folder = dirname(path);
  return {
    ...settings,
    ...(typeof policy === 'string' && { policy: absolute(join(folder, policy)) }),
    ...(task !== undefined && { task: resolveTask(task as never, `${path}: task`, () => folder) }),
  };
}

function resolveArm(settings: Settings, where: string, folder: string): RunConfig {
  const read = withPolicyBeside(resolveConfig({ ...settings }, where), folder);
  const task = resolveTask(read.task, `${where}: task`, () => folder);
  saying(where, () => parseObjective(read.objective));
  const engine = 'onnx' in read.engine ? { onnx: { ...read.engine.onnx, threads: threadsOf(read) } } : read.engine;
  return { ...read, task, engine };
}

/** Its failure names the arm. */
function saying<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message.replace(/^/gm, `${where}: `), { cause: error });
  }
}

type Benchmarks = Readonly<Record<string, BenchmarkSettings>>;

function benchmarksOf({ evaluations }: StudyFile, where: string, folder: string): Benchmarks | undefined {
  if (Object.keys(evaluations).length === 0) return undefined;
  const parsed = parseBenchmarks(JSON.stringify({ benchmarks: evaluations }), where);
  const resolved = Object.entries(parsed).map(([name, benchmark]) => [
    name,
    { ...benchmark, task: resolveTask(benchmark.task, `${where}: benchmarks.${name}.task`, () => folder) },
  ]);
  return Object.fromEntries(resolved);
}

/** Opens each different task, policy and engine once, and checks what every arm needs of them. */
async function checkArms(
  configs: ReadonlyMap<string, RunConfig>,
  benchmarks: Benchmarks | undefined,
  file: string,
): Promise<void> {
  const opened = new Map<string, Opened>();
  const problems: string[] = [];
  const partsOf = async (config: RunConfig, where: string): Promise<Opened> => {
    const { task, policy, engine, sampling, chat } = config;
    const key = JSON.stringify([task, policy, engine, chat, sampling.maxTokens]);
    const known = opened.get(key) ?? (await open(config, where));
    if (!opened.has(key)) await checkBenchmarks(benchmarks, known, config, where);
    opened.set(key, known);
    return known;
  };
  try {
    for (const [arm, config] of configs) {
      const where = `${file}: arms.${arm}`;
      try {
        checkArm(config, await partsOf(config, where));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        problems.push(error.message.startsWith(where) ? error.message : error.message.replace(/^/gm, `${where}: `));
      }
    }
  } finally {
    for (const { engine } of opened.values()) await engine.close();
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
}

interface Opened extends OpenedEngine {
  readonly task: Task;
}

async function open(config: RunConfig, where: string): Promise<Opened> {
  const task = await openRunTask(config.task, `${where}: task`);
  return { ...(await openEngine(config.engine, config.policy, task, config.seed, { chat: config.chat })), task };
}

async function checkBenchmarks(
  benchmarks: Benchmarks | undefined,
  parts: Opened,
  config: RunConfig,
  where: string,
): Promise<void> {
  const tasks = await openBenchmarks(benchmarks ?? {}, `${where}: evaluations`, config, '.');
  for (const benchmark of tasks) checkBenchmark(benchmark, parts);
}

function checkArm(config: RunConfig, { task, engine, tokenizer }: Opened): void {
  const objective = parseObjective(config.objective);
  // the starting policy is the reference; the run opens it a second time
  const reference = requirementsOf(objective).referenceLogprobs ? engine : undefined;
  checkTraining({ config, task, tokenizer, engine, objective, reference });
}
