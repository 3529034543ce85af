/**
 * What lies below the folder served: runs, and studies with runs in them. Looks some folders deep and no further, and says so.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSummary, RunsReply, StudySummary } from './api.ts';
import { DEEPEST, isPlainName, plainFile, type RunFolder, SIGNS } from './run-folder.ts';
import { summarise } from './run-summary.ts';
import { brokenStudy, type DescribedStudy, readStudy, type StudyReader, studyDetail } from './studies.ts';

const MOST_RUNS = 2000;
const MOST_FOLDERS = 20_000;
/** Summaries made at a time: each opens a few files. */
const AT_ONCE = 16;

export interface FoundRun extends RunFolder {
  readonly study: string | null;
}

export interface Found {
  readonly runs: readonly FoundRun[];
  /** Paths of studies below the root. */
  readonly studies: readonly string[];
  readonly notes: readonly string[];
}

/** @param root absolute and real */
export async function findAll(root: string, studyFile: string): Promise<Found> {
  const runs: FoundRun[] = [];
  const studies: string[] = [];
  const notes: string[] = [];
  const deeper: string[] = [];
  let folders = 0;
  const visit = async (name: string, study: string | null): Promise<void> => {
    const directory = join(root, name);
    const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      notes.push(`${name === '' ? root : name} cannot be read (${error.code})`);
      return [];
    });
    const files = new Set(entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name));
    if (name !== '' && SIGNS.some((sign) => files.has(sign))) {
      if (runs.length < MOST_RUNS) runs.push({ run: name, directory, study });
      else if (runs.length === MOST_RUNS)
        notes.push(`there are more than ${MOST_RUNS} runs: the others are not listed`);
      return;
    }
    const isStudy = files.has(studyFile) && name !== '';
    if (isStudy) studies.push(name);
    if (name.split('/').length >= DEEPEST && name !== '') {
      if (entries.some((entry) => entry.isDirectory() && !entry.name.startsWith('.'))) deeper.push(name);
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = name === '' ? entry.name : `${name}/${entry.name}`;
      if (entry.isSymbolicLink() && !entry.name.startsWith('.')) notes.push(`${shortened(inner)} is a link, left out`);
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      if (!isPlainName(entry.name)) notes.push(`${shortened(inner)} is no name of a run, left out`);
      else if (++folders <= MOST_FOLDERS) await visit(inner, isStudy ? name : study);
    }
  };
  await visit('', null);
  if (deeper.length > 0) notes.push(tooDeep(deeper));
  if (folders > MOST_FOLDERS) notes.push(`there are more than ${MOST_FOLDERS} folders: the rest was not looked at`);
  return { runs, studies, notes: notes.slice(0, 100) };
}

const tooDeep = (folders: readonly string[]): string =>
  `folders in ${folders.slice(0, 3).map(shortened).join(', ')}${folders.length > 3 ? ` and ${folders.length - 3} others` : ''} lie too deep to be looked into: name one to polarity ui to see its runs`;

const shortened = (name: string): string => JSON.stringify(name.slice(0, 100));

export async function listAll(root: string, studies: StudyReader): Promise<RunsReply> {
  const found = await findAll(root, studies.file);
  const runs: RunSummary[] = [];
  for (let i = 0; i < found.runs.length; i += AT_ONCE)
    runs.push(...(await Promise.all(found.runs.slice(i, i + AT_ONCE).map((run) => summarise(run, run.study)))));
  const described: StudySummary[] = [];
  for (const study of found.studies) described.push(await summariseStudy(root, study, studies, runs));
  return { root, runs: runs.sort(newestFirst), studies: described, notes: found.notes };
}

/** The runs of one study that have begun. */
export async function summariseBelow(
  directory: string,
  study: string,
  { runs }: DescribedStudy,
): Promise<RunSummary[]> {
  const there = runs.map(async ({ name }) => {
    const isThere = isPlainName(name) && (await hasSign(join(directory, name)));
    return isThere ? [await summarise({ run: `${study}/${name}`, directory: join(directory, name) }, study)] : [];
  });
  return (await Promise.all(there)).flat();
}

const hasSign = async (directory: string): Promise<boolean> =>
  (await Promise.all(SIGNS.map((sign) => plainFile(directory, sign)))).some((file) => file !== undefined);

/** Those without a line yet have just begun. */
const newestFirst = (a: RunSummary, b: RunSummary): number =>
  (b.started ?? Infinity) - (a.started ?? Infinity) || (a.run < b.run ? -1 : 1);

async function summariseStudy(
  root: string,
  study: string,
  reader: StudyReader,
  runs: readonly RunSummary[],
): Promise<StudySummary> {
  const described = await readStudy(reader, join(root, study), (path) => readFile(path, 'utf8'));
  return typeof described === 'string' ? brokenStudy(study, described) : studyDetail(study, described, runs).summary;
}

/** The study a run lies in; the nearest one. */
export async function studyOf(root: string, run: string, studyFile: string): Promise<string | null> {
  const parts = run.split('/');
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const above = parts.slice(0, depth).join('/');
    if ((await plainFile(join(root, above), studyFile)) !== undefined) return above;
  }
  return null;
}
