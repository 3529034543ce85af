/**
 * The study's folder: `study.yaml` (what was asked, resolved), `settings/<run>.yaml` (each run's run file), `<run>/` (ordinary run
 * directories) and `benchmarks/<run>.json` (the evaluations at the end). How far it has come is read from the runs.
 */
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { writeDurably } from '../core/durable-file.ts';
import { UserError } from '../core/errors.ts';
import type { Arm, PlannedRun } from './plan.ts';

export const STUDY_FILES = {
  study: 'study.yaml',
  settings: 'settings',
  benchmarks: 'benchmarks',
  benchmarkFile: 'benchmarks.yaml',
  lock: 'study.lock.json',
  report: 'report',
} as const;

/** The starting policy's evaluations, beside those of the runs. */
export const START = 'start';

const VERSION = 1;

const seed = z.int().min(0);
const recordSchema = z.object({
  polarityStudy: z.int().min(1).max(VERSION),
  name: z.string(),
  about: z.string(),
  /** The study file, as it was named. */
  file: z.string(),
  quick: z.boolean(),
  reference: z.string(),
  seeds: z.array(seed),
  arms: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['reference', 'treatment', 'control']),
      changes: z.string(),
      settings: z.record(z.string(), z.unknown()),
    }),
  ),
  /** Benchmarks at the end. */
  evaluations: z.array(z.string()),
  groups: z.record(z.string(), z.array(z.string())),
  runs: z.array(z.object({ name: z.string(), arm: z.string(), seed })),
});

export type StudyRecord = z.output<typeof recordSchema>;

export interface Recorded {
  readonly about: Pick<
    StudyRecord,
    'name' | 'about' | 'file' | 'quick' | 'reference' | 'seeds' | 'evaluations' | 'groups'
  >;
  readonly arms: readonly Arm[];
  readonly runs: readonly PlannedRun[];
}

export function studyRecord({ about, arms, runs }: Recorded): StudyRecord {
  return {
    polarityStudy: VERSION,
    ...about,
    seeds: [...about.seeds],
    arms: arms.map(({ name, role, changes, settings }) => ({ name, role, changes, settings })),
    runs: runs.map(({ name, arm, seed }) => ({ name, arm, seed })),
  };
}

/** The same study with its arms compared with another one, e.g. with a control. @throws UserError when it has no such arm */
export function comparedWith(record: StudyRecord, reference: string): StudyRecord {
  const names = record.arms.map(({ name }) => name);
  if (!names.includes(reference))
    throw new UserError(`${record.name} has no arm ${reference} to compare with; its arms: ${names.join(', ')}`);
  const roleOf = ({ name, role }: StudyRecord['arms'][number]) =>
    name === reference ? 'reference' : role === 'reference' ? 'treatment' : role;
  return { ...record, reference, arms: record.arms.map((arm) => ({ ...arm, role: roleOf(arm) })) };
}

export const writeStudyRecord = (directory: string, record: StudyRecord): Promise<void> =>
  writeDurably(join(directory, STUDY_FILES.study), stringify(record, { aliasDuplicateObjects: false }));

/** @param text of study.yaml @param where names it @throws UserError when it is no study's */
export function parseStudyRecord(text: string, where: string): StudyRecord {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new UserError(`${where} is not YAML: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success)
    throw new UserError(`${where} is not what \`polarity study\` writes: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
