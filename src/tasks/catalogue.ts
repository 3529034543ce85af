/**
 * The tasks by name, each with one strict schema for its settings. The only file here that a new task touches.
 */
import type { z } from 'zod';
import { nearest } from '../core/edit-distance.ts';
import { UserError } from '../core/errors.ts';
import { parseSettings, showValue } from '../core/settings.ts';
import type { Verify } from '../verify/verifier.ts';
import { arithmeticSettings, createArithmetic } from './arithmetic.ts';
import { countdownSettings, createCountdown } from './countdown.ts';
import { createDatasetTask, withAbsolutePaths } from './dataset/dataset-task.ts';
import { datasetSettings } from './dataset/settings.ts';
import { createEcho, echoSettings } from './echo.ts';
import type { Split, Task } from './task.ts';

/** What a run file says: the task's name beside its settings, all of which have defaults. */
export interface TaskSpec {
  readonly name: string;
  readonly [setting: string]: unknown;
}

/** What a task is given beside its settings. */
export interface TaskContext {
  /** Where relative paths of a setting begin: the run file's folder, or the working directory for `--set`. */
  readonly directoryOf: (setting: string) => string;
  /** Decides for tasks whose verifier is named in their settings. */
  readonly verify: Verify;
}

export interface CatalogueEntry {
  readonly name: string;
  /** One sentence for lists of tasks. */
  readonly summary: string;
  readonly settings: z.ZodType;
  /** The settings with every default filled in, paths absolute. @throws UserError naming the key. */
  resolve(settings: unknown, where: string, directoryOf: TaskContext['directoryOf']): Record<string, unknown>;
  /** Makes a task of nothing but settings, all of which have defaults; absent for a task that is read from files. */
  create?(settings: unknown, where: string): Task;
  open(settings: unknown, where: string, context: TaskContext): Promise<Task>;
}

function entry<S extends z.ZodType<Record<string, unknown>>>(
  name: string,
  summary: string,
  settings: S,
  create: (settings: z.output<S>) => Task,
): CatalogueEntry {
  return {
    name,
    summary,
    settings,
    resolve: (value, where) => parseSettings(settings, value, where),
    create: (value, where) => create(parseSettings(settings, value, where)),
    open: async (value, where) => create(parseSettings(settings, value, where)),
  };
}

const dataset: CatalogueEntry = {
  name: 'dataset',
  summary: 'Problems from your files (JSONL, JSON, CSV, Parquet), decided by a verifier of the catalogue.',
  settings: datasetSettings,
  resolve: (value, where, directoryOf) => ({
    ...withAbsolutePaths(parseSettings(datasetSettings, value, where), directoryOf),
  }),
  open: (value, where, { directoryOf, verify }) =>
    createDatasetTask(withAbsolutePaths(parseSettings(datasetSettings, value, where), directoryOf), verify),
};

export const taskCatalogue: readonly CatalogueEntry[] = [
  entry(
    'countdown',
    'Reach a target from a few numbers with + - * /, each used once, by a visible search.',
    countdownSettings,
    createCountdown,
  ),
  entry(
    'arithmetic',
    'Add, subtract and multiply numbers of several digits in written steps.',
    arithmeticSettings,
    createArithmetic,
  ),
  entry(
    'echo',
    'Repeat the last letter of a word: a toy for trying objectives on the fake engine in a second.',
    echoSettings,
    createEcho,
  ),
  dataset,
];

function find(spec: TaskSpec, where: string): { found: CatalogueEntry; settings: Record<string, unknown> } {
  const { name, ...settings } = spec;
  const found = taskCatalogue.find((candidate) => candidate.name === name);
  if (found !== undefined) return { found, settings };
  const names = taskCatalogue.map((candidate) => candidate.name);
  const hint = typeof name === 'string' ? `; did you mean ${nearest(name, names)}?` : '';
  throw new UserError(`${where}: name must be one of ${names.join(', ')}, got ${showValue(name)}${hint}`);
}

/** A task of the catalogue, read from files where it is one of those. @throws UserError naming what is wrong: the task, the key, the file. */
export async function openTask(spec: TaskSpec, where: string, context: TaskContext): Promise<Task> {
  const { found, settings } = find(spec, where);
  return found.open(settings, where, context);
}

/** A generated task, made at once. @throws UserError naming the task or the key that is wrong, and the nearest that exists. */
export function createTask(spec: TaskSpec, where = 'task'): Task {
  const { found, settings } = find(spec, where);
  if (found.create === undefined) throw new UserError(`${where}: ${found.name} is read from files, not generated`);
  return found.create(settings, where);
}

/** The same specification with every default written out and every path absolute, as `run.yaml` keeps it. */
export function resolveTask(
  spec: TaskSpec,
  where = 'task',
  directoryOf: TaskContext['directoryOf'] = () => '.',
): TaskSpec {
  const { found, settings } = find(spec, where);
  return { name: found.name, ...found.resolve(settings, where, directoryOf) };
}

export interface SelfCheck {
  readonly checked: number;
  /** Golds the task's own verifier refused: a broken task. */
  readonly failures: readonly { readonly id: string; readonly gold: string; readonly explanation: string }[];
}

/** Verifies the golds of the first `count` problems of each split; a problem without a gold is not counted. */
export async function selfCheck(task: Task, count: number): Promise<SelfCheck> {
  const splits: readonly Split[] = ['train', 'test'];
  const failures: { id: string; gold: string; explanation: string }[] = [];
  let checked = 0;
  for (const split of splits) {
    for (let index = 0; index < Math.min(count, task.size(split)); index++) {
      const problem = task.problem(split, index);
      const gold = task.gold(problem);
      if (gold === undefined) continue;
      checked++;
      const verdict = await task.verify(problem, gold);
      if (verdict.outcome !== 'correct') failures.push({ id: problem.id, gold, explanation: verdict.explanation });
    }
  }
  return { checked, failures };
}
