/** Files -> problems: reads row by row, drops copies as they come, so memory holds each problem once. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { showValue } from '../../core/settings.ts';
import { chooseMapping, type DatasetProblem, type Mapping } from './mapping.ts';
import { unreadable } from './read-errors.ts';
import { readRows } from './read-rows.ts';
import type { Row } from './row.ts';
import { type FileEntry, type LayoutSettings, layoutOf, pathOf } from './settings.ts';

/** How often something was seen, with the first few cases. */
export interface Tally {
  readonly count: number;
  readonly examples: readonly Example[];
}

export interface Example {
  /** A file and line, or a problem's id. */
  readonly place: string;
  readonly text: string;
}

/** Cases shown of each finding. */
export const MOST_EXAMPLES = 5;

export class Count implements Tally {
  count = 0;
  readonly examples: Example[] = [];

  add(place: string, text: string): void {
    this.count++;
    if (this.examples.length < MOST_EXAMPLES) this.examples.push({ place, text });
  }
}

export interface LoadedFiles {
  readonly problems: readonly DatasetProblem[];
  /** Row each problem came from, by id; of copies the first. */
  readonly places: ReadonlyMap<string, string>;
  readonly rows: number;
  /** Rows that pose nothing: no gold, an empty problem, tests that cannot be read. */
  readonly faults: Tally;
  /** Rows that repeat an earlier one. */
  readonly copies: Tally;
  /** Problems that come with more than one gold. */
  readonly conflicts: Tally;
}

/** One file and how it is read. */
export interface MappedFile {
  readonly path: string;
  readonly mapping: Mapping;
}

/** The mapping that settings ask for, or that fits the file's first row. @throws UserError */
export async function mapFile(file: FileEntry, settings: LayoutSettings, seed: number): Promise<MappedFile> {
  const path = pathOf(file);
  let first: Row | undefined;
  for await (const row of readRows(path, { limit: 1 })) first = row;
  return { path, mapping: chooseMapping(layoutOf(file, settings), seed, first, path) };
}

/** Of one text; ids of equal texts differ by their golds. */
interface Seen {
  readonly id: string;
  readonly index: number;
  isContested: boolean;
}

/** @param dedupe drop copies, and all of a problem that has several golds @throws UserError for files that cannot be read */
export async function loadFiles(files: readonly MappedFile[], dedupe: boolean): Promise<LoadedFiles> {
  const problems: DatasetProblem[] = [];
  const places = new Map<string, string>();
  const seen = new Map<string, Seen>();
  const [faults, copies, conflicts] = [new Count(), new Count(), new Count()];
  let rows = 0;
  const take = (row: Row, mapping: Mapping): void => {
    rows++;
    const mapped = mapping.map(row);
    if ('fault' in mapped) {
      faults.add(row.place, mapped.fault);
      return;
    }
    const { problem } = mapped;
    const before = seen.get(problem.text);
    if (before === undefined) seen.set(problem.text, { id: problem.id, index: problems.length, isContested: false });
    else if (before.id === problem.id) copies.add(row.place, problem.text);
    else if (!before.isContested) {
      const golds = `${showValue(problem.gold)} and ${showValue(problems[before.index]?.gold)}`;
      conflicts.add(row.place, `${golds}: ${problem.text}`);
      before.isContested = true;
    }
    if (before !== undefined && dedupe) return;
    places.set(problem.id, places.get(problem.id) ?? row.place);
    problems.push(problem);
  };
  for (const { path, mapping } of files)
    for await (const row of readRows(path, mapping.columns === undefined ? {} : { columns: mapping.columns }))
      take(row, mapping);
  const contested = new Set(dedupe ? [...seen.values()].filter((s) => s.isContested).map(({ index }) => index) : []);
  const kept = contested.size === 0 ? problems : problems.filter((_, index) => !contested.has(index));
  return { problems: kept, places, rows, faults, copies, conflicts };
}

/** SHA-256 of a file's bytes, hex. @throws UserError */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (error) {
    throw unreadable(path, error);
  }
  return hash.digest('hex');
}
