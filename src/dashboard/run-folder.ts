/**
 * From a name to a folder, and from a folder to its files, without ever leaving the folder served. A path counts by where it really
 * leads: links out are refused, and only plain files are opened (a named pipe would never end).
 */
import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FILES } from '../journal/names.ts';
import { refusal } from './refusal.ts';

/** A run lies this deep below the folder served, at most: `study/run`, `group/study/run`. */
export const DEEPEST = 3;

const PART = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;

/** Whether a folder's name may be part of a run's. */
export const isPlainName = (name: string): boolean => PART.test(name);

/** Any of these makes a folder a run, be it a broken one. */
export const SIGNS = [FILES.manifest, FILES.config, FILES.metrics] as const;

export interface RunFolder {
  /** `polarity-single/grpo-s1` */
  readonly run: string;
  /** Where it really is. */
  readonly directory: string;
}

/** @param root absolute and real @throws a refusal when there is no such folder below it */
export async function folderBelow(root: string, name: string): Promise<string> {
  const parts = name.split('/');
  if (name.length > 300 || parts.length > DEEPEST || !parts.every(isPlainName))
    throw refusal('not-found', `there is no run ${JSON.stringify(name.slice(0, 100))}: that is no run's name`);
  const directory = join(root, ...parts);
  const found = await realPath(directory);
  if (found === undefined) throw refusal('not-found', `there is no ${JSON.stringify(name)} in ${root}`);
  if (!isBelow(root, found)) throw refusal('refused', `${name} is a link that leads out of ${root}`);
  return found;
}

/** @throws a refusal when there is no such run */
export async function findRun(root: string, run: string): Promise<RunFolder> {
  const directory = await folderBelow(root, run);
  const signs = await Promise.all(SIGNS.map((name) => plainFile(directory, name)));
  if (signs.every((sign) => sign === undefined))
    throw refusal('not-found', `${run} is no run: it has none of ${SIGNS.join(', ')}`);
  return { run, directory };
}

export interface PlainFile {
  readonly path: string;
  readonly bytes: number;
  /** Another file, or other content, has another one. */
  readonly signature: string;
  readonly modifiedMs: number;
}

/** A plain file of a run that lies where it seems to; undefined for anything else. @param name inside the run, with `/` */
export async function plainFile(directory: string, name: string): Promise<PlainFile | undefined> {
  const path = join(directory, ...name.split('/'));
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  if (name.includes('/') && (await realPath(path)) !== path) return undefined;
  const { size, ino, mtimeMs } = found;
  return { path, bytes: size, signature: `${ino}/${size}/${mtimeMs}`, modifiedMs: mtimeMs };
}

export const isBelow = (folder: string, path: string): boolean =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/** Undefined when it does not exist or cannot be followed. */
export const realPath = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);
