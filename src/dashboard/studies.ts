/**
 * Studies below the folder served. What a study's own files mean is known to the command line alone, which hands in how to read them.
 */
import { basename } from 'node:path';
import type { RunSummary, StudyDetail, StudySummary } from './api.ts';
import { checkDepth } from './bounded-yaml.ts';
import { plainFile } from './run-folder.ts';

export interface DescribedStudy {
  readonly about: string;
  readonly arms: readonly { readonly name: string; readonly role: string; readonly changes: string }[];
  readonly seeds: number;
  readonly runs: readonly { readonly name: string; readonly arm: string; readonly seed: number }[];
}

export interface StudyReader {
  /** The file that makes a folder a study. */
  readonly file: string;
  /** @throws UserError when it is none */
  describe(text: string, where: string): DescribedStudy;
  /** The report as one HTML page, of how far the runs are. @throws UserError */
  report(directory: string, signal: AbortSignal): Promise<string>;
}

/** Of study.yaml, in bytes: one of a hundred arms has a tenth of it. */
const LARGEST = 1 << 18;

/** @returns why it cannot be read, where it cannot */
export async function readStudy(
  reader: StudyReader,
  directory: string,
  read: (path: string) => Promise<string>,
): Promise<DescribedStudy | string> {
  const file = await plainFile(directory, reader.file);
  const name = basename(directory);
  if (file === undefined) return `${name} holds no ${reader.file}`;
  if (file.bytes > LARGEST) return `${reader.file} of ${name} has ${file.bytes} bytes, more than a study's`;
  const text = await read(file.path);
  try {
    checkDepth(text);
    return reader.describe(text, reader.file);
  } catch (error) {
    return `${reader.file} of ${name} cannot be read: ${error instanceof Error ? error.message : error}`;
  }
}

/** @param runs of the whole list */
export function studyDetail(study: string, described: DescribedStudy, runs: readonly RunSummary[]): StudyDetail {
  const byName = new Map(runs.map((summary) => [summary.run, summary]));
  const planned = described.runs.map(({ name, arm, seed }) => {
    const run = `${study}/${name}`;
    return { run, arm, seed, summary: byName.get(run) ?? null };
  });
  const count = (status: RunSummary['status']) => planned.filter(({ summary }) => summary?.status === status).length;
  const summary: StudySummary = {
    study,
    about: described.about,
    arms: described.arms.length,
    seeds: described.seeds,
    runs: planned.length,
    finished: count('finished'),
    running: count('running'),
    damage: [],
  };
  return { summary, arms: described.arms, runs: planned };
}

export const brokenStudy = (study: string, damage: string): StudySummary => ({
  study,
  about: '',
  arms: 0,
  seeds: 0,
  runs: 0,
  finished: 0,
  running: 0,
  damage: [damage],
});
