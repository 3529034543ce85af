/**
 * Benchmark files: several tasks, each with how it is sampled, to measure one policy on. What is left out comes from the file's
 * `defaults`, then from the run file.
 */
import { dirname } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { childKey, type RandomKey } from '../core/random.ts';
import { parseSettings } from '../core/settings.ts';
import type { TruncatedPolicy } from '../rollout/grade.ts';
import type { Task } from '../tasks/task.ts';
import { evaluationContradictions, evaluationSchema, type RunConfig } from '../train/config.ts';
import { evaluationKey } from '../train/evaluation.ts';
import { type Mapping, parseYaml } from '../train/run-file.ts';
import { absolute, readText } from './files.ts';
import { openRunTask } from './tasks.ts';

const { samples, temperature, topK, topP } = evaluationSchema.shape;
const count = z.int().min(1);

const benchmarkSchema = z.strictObject({
  /** A name of the catalogue beside that task's own settings; files are looked up beside this one. */
  task: z.looseObject({ name: z.string() }),
  /** The first so many of the test split. Absent: all. */
  problems: count.optional(),
  samples,
  temperature,
  topK,
  topP,
  /** k of the pass@k that are reported beside avg@n. */
  passAt: z.array(count).default([]),
  /** k of the maj@k, where the task's verifier gives normal forms of answers. Absent: all samples vote. */
  majorityAt: z.array(count).optional(),
  /** Absent: the run file's `sampling`. */
  maxTokens: count.optional(),
  truncated: z.enum(['incorrect', 'verify', 'unknown']).optional(),
});

const fileSchema = z.strictObject({
  /** Settings of every benchmark that does not say otherwise. */
  defaults: benchmarkSchema.omit({ task: true }).partial().prefault({}),
  /** Name -> what is measured. */
  benchmarks: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,60}$/), benchmarkSchema)
    .refine((all) => Object.keys(all).length > 0, 'must name at least one benchmark'),
});

export type BenchmarkSettings = z.output<typeof benchmarkSchema>;

/** One thing to measure. */
export interface Benchmark {
  readonly name: string;
  readonly task: Task;
  readonly problems: number;
  readonly samples: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly passAt: readonly number[];
  /** Absent: all samples vote. */
  readonly majorityAt?: readonly number[] | undefined;
  readonly maxTokens: number;
  readonly truncated: TruncatedPolicy;
  readonly key: RandomKey;
}

/** What the run file's own `evaluation` measures, with the draws of its training run. */
export function ownBenchmark({ evaluation, sampling, seed }: RunConfig, task: Task): Benchmark {
  const { problems, samples, temperature, topK, topP, passAt } = evaluation;
  const { maxTokens, truncated } = sampling;
  const settings = { problems, samples, temperature, topK, topP, passAt, maxTokens, truncated };
  return { name: `${task.name}/test`, task, ...settings, key: evaluationKey(seed) };
}

/** A benchmark file's settings, defaults filled in. @throws UserError naming the file and the key */
export function parseBenchmarks(text: string, where: string): Record<string, BenchmarkSettings> {
  const { defaults = {}, benchmarks, ...others } = parseYaml(text, where);
  const filled = isMapping(benchmarks)
    ? Object.fromEntries(Object.entries(benchmarks).map(([name, value]) => [name, withDefaults(value, defaults)]))
    : benchmarks;
  const parsed = parseSettings(fileSchema, { defaults, benchmarks: filled, ...others }, where).benchmarks;
  const found = Object.entries(parsed).flatMap(([name, settings]) =>
    contradictions(settings).map((message) => `${where}: benchmarks.${name}.${message}`),
  );
  if (found.length > 0) throw new UserError(found.join('\n'));
  return parsed;
}

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `task: echo` is `task: { name: echo }`, as in a run file. */
function withDefaults(value: unknown, defaults: unknown): unknown {
  if (!isMapping(value)) return value;
  const { task } = value;
  return {
    ...(isMapping(defaults) ? defaults : {}),
    ...value,
    ...(typeof task === 'string' && { task: { name: task } }),
  };
}

function contradictions(settings: BenchmarkSettings): string[] {
  const { samples, majorityAt = [] } = settings;
  const tooMany = majorityAt.filter((k) => k > samples);
  return [
    ...evaluationContradictions({ ...settings, problems: 1, every: 0, atStart: false, atEnd: true }),
    ...(tooMany.length > 0 ? [`majorityAt must be at most samples (${samples}), got ${tooMany.join(', ')}`] : []),
  ];
}

/** The benchmarks of a file, their tasks opened. @throws UserError */
export function readBenchmarks(path: string, config: RunConfig): Promise<Benchmark[]> {
  return openBenchmarks(parseBenchmarks(readText(path), path), path, config, dirname(absolute(path)));
}

/** @param folder where relative paths of data begin */
export async function openBenchmarks(
  all: Readonly<Record<string, BenchmarkSettings>>,
  where: string,
  { sampling, seed }: RunConfig,
  folder: string,
): Promise<Benchmark[]> {
  const opened: Benchmark[] = [];
  for (const [name, settings] of Object.entries(all)) {
    const {
      task: spec,
      problems,
      maxTokens = sampling.maxTokens,
      truncated = sampling.truncated,
      ...others
    } = settings;
    const task = await openRunTask(spec, `${where}: benchmarks.${name}.task`, () => folder);
    const key = childKey(evaluationKey(seed), name);
    opened.push({ name, task, ...others, problems: problems ?? task.size('test'), maxTokens, truncated, key });
  }
  return opened;
}
