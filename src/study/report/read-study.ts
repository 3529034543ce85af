/**
 * A study's folder, read whatever state it is in: runs may be missing, unfinished or torn. What is wrong is listed, never guessed at.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import type { DamagedLine, JsonLines } from '../../journal/jsonl.ts';
import { RunReader } from '../../journal/reader.ts';
import { decodeEvaluation, type EvaluationLine, type MetricsLine, type RunManifest } from '../../journal/schema.ts';
import { parseStudyRecord, START, STUDY_FILES, type StudyRecord } from '../record.ts';

export interface ReadRun {
  readonly name: string;
  readonly arm: string;
  readonly seed: number;
  readonly state: 'complete' | 'unfinished' | 'missing';
  /** Of the whole run. */
  readonly steps: number;
  /** Ascending; a step once. */
  readonly metrics: readonly MetricsLine[];
  /** Of the run's own held-out problems. */
  readonly evaluations: readonly EvaluationLine[];
  /** Of the last policy on the study's evaluations; empty when they were not made. */
  readonly benchmarks: readonly EvaluationLine[];
  readonly manifest?: RunManifest;
}

export interface ReadStudy {
  readonly record: StudyRecord;
  readonly directory: string;
  readonly runs: readonly ReadRun[];
  /** Of the starting policy on the study's evaluations. */
  readonly start: readonly EvaluationLine[];
  /** For people: what is missing or damaged, a line each. */
  readonly problems: readonly string[];
}

/** @param directory absolute @throws UserError when it holds no study */
export async function readStudy(directory: string): Promise<ReadStudy> {
  const path = join(directory, STUDY_FILES.study);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError(`${directory} holds no study: it has no readable ${STUDY_FILES.study}`, { cause: error });
  });
  const record = parseStudyRecord(text, path);
  const problems: string[] = [];
  const say = (problem: string) => problems.push(problem);
  const arms = new Map(record.arms.map((arm) => [arm.name, planOf(arm.settings)]));
  const runs: ReadRun[] = [];
  for (const run of record.runs) {
    const plan = arms.get(run.arm);
    if (plan === undefined) say(`run ${run.name}: the study has no arm ${run.arm}; left out`);
    else runs.push(await readRun(directory, record, run, plan, say));
  }
  const start = record.evaluations.length === 0 ? [] : await readBenchmarks(directory, START, say);
  return { record, directory, runs, start, problems };
}

const planSchema = z.object({
  training: z.object({ steps: z.number() }),
  evaluation: z.object({ atEnd: z.boolean() }),
});
type Plan = z.output<typeof planSchema>;

function planOf(settings: unknown): Plan {
  const parsed = planSchema.safeParse(settings);
  return parsed.success ? parsed.data : { training: { steps: Number.NaN }, evaluation: { atEnd: true } };
}

type Say = (problem: string) => void;

async function readRun(
  directory: string,
  { evaluations: wanted }: StudyRecord,
  run: Pick<ReadRun, 'name' | 'arm' | 'seed'>,
  { training: { steps }, evaluation }: Plan,
  say: Say,
): Promise<ReadRun> {
  const sayOf = (problem: string) => say(`run ${run.name}: ${problem}`);
  const reader = await orSaid(() => RunReader.open(directory, run.name), sayOf);
  if (reader === undefined) return { ...run, steps, state: 'missing', metrics: [], evaluations: [], benchmarks: [] };
  const metrics = whole(await orSaid(() => reader.metrics(), sayOf), 'metrics.jsonl', sayOf);
  const evaluations = whole(await orSaid(() => reader.evaluations(), sayOf), 'evaluations.jsonl', sayOf);
  const last = metrics.at(-1)?.step ?? 0;
  const isMeasured = !evaluation.atEnd || evaluations.some((line) => line.step >= steps);
  const state = last >= steps && isMeasured ? 'complete' : 'unfinished';
  const missing = last >= steps ? 'without its last evaluation' : `after step ${last} of ${steps}`;
  if (state === 'unfinished') sayOf(`unfinished, ${missing}: in the curves, not in the tables`);
  const benchmarks = wanted.length === 0 || state !== 'complete' ? [] : await readBenchmarks(directory, run.name, say);
  return { ...run, steps, state, metrics, evaluations, benchmarks, manifest: reader.manifest };
}

async function orSaid<T>(read: () => Promise<T>, say: Say): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(error.message);
    return undefined;
  }
}

/** The readable lines, a step's last one where it has several of one name, ascending. */
function whole<Line extends { readonly step: number; readonly name?: string }>(
  read: JsonLines<Line> | undefined,
  file: string,
  say: Say,
): Line[] {
  if (read === undefined) return [];
  if (read.tornBytes > 0) say(`${file} ends in ${read.tornBytes} bytes of an unfinished line, left out`);
  if (read.damaged.length > 0)
    say(`${file} has ${read.damaged.length} unreadable lines, left out: ${first(read.damaged)}`);
  const byStep = new Map(read.lines.map((line) => [JSON.stringify([line.step, line.name]), line]));
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

const first = ([damage]: readonly DamagedLine[]): string =>
  `at byte ${damage?.offset}, ${damage?.reason.slice(0, 100)}`;

const benchmarkFile = z.object({ evaluations: z.array(z.unknown()) });

async function readBenchmarks(directory: string, name: string, say: Say): Promise<EvaluationLine[]> {
  const path = join(directory, STUDY_FILES.benchmarks, `${name}.json`);
  try {
    return benchmarkFile.parse(JSON.parse(await readFile(path, 'utf8'))).evaluations.map(decodeEvaluation);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    say(`${name}: its evaluations at the end ${isMissing ? 'were not made' : 'cannot be read'}`);
    return [];
  }
}
