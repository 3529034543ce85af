/**
 * Durable files: after `writeDurably` resolves the file holds the new content even through a power cut; when it rejects, or the
 * process dies on the way, the file is what it was before. Written aside in the same directory, synced, renamed.
 */
import fs from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from './errors.ts';

/** The calls to the file system that can fail; a parameter so that a full disk can be tried. */
export type FileCalls = Pick<typeof fs, 'open' | 'rename' | 'rm'>;

/** Bytes in one or several pieces (written one after the other, so large files need not be joined in memory), or text as UTF-8. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on its disk; free some, or choose a directory on another disk',
  EDQUOT: 'the disk quota is used up; free some space, or choose a directory on another disk',
  EFBIG: 'the file is larger than its file system or the process limit allows; choose a directory on another disk',
  EROFS: 'its disk is mounted read-only; choose another directory',
  EACCES: 'permission is denied; change the permissions of its directory, or choose another',
  EPERM: 'permission is denied; change the permissions of its directory, or choose another',
  ENOENT: 'its directory does not exist; create it first',
  ENOTDIR: 'a part of its path is a file, not a directory; choose another path',
  EISDIR: 'a directory of that name exists; remove it, or choose another name',
};

/** A failed write as the user can act on it; anything unforeseen stays as it is. */
export function writeFailure(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const remedy = REMEDIES[code];
  return remedy === undefined ? error : new UserError(`cannot write ${path} (${code}): ${remedy}`, { cause: error });
}

/**
 * Replaces or creates `path`, entirely or not at all. Two writers of one path: the last to finish wins, whole.
 * @throws UserError naming the file and the remedy when the disk is full, read-only, forbidden or the directory is missing.
 */
export async function writeDurably(path: string, content: FileContent, files: FileCalls = fs): Promise<void> {
  const aside = `${path}.${process.pid}-${nextAside++}.partial`;
  try {
    await writeAndSync(aside, content, files);
    await files.rename(aside, path);
    await syncDirectory(dirname(path), files);
  } catch (error) {
    // the first failure is the one to report: a failing clean-up must not hide it
    await files.rm(aside, { force: true }).catch(() => undefined);
    throw writeFailure(path, error);
  }
}

let nextAside = 0;

async function writeAndSync(path: string, content: FileContent, files: FileCalls): Promise<void> {
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  const file = await files.open(path, 'wx');
  try {
    for (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable. Some systems (Windows) cannot open or sync a directory: there the rename is as durable as it gets. */
async function syncDirectory(path: string, files: FileCalls): Promise<void> {
  let directory: fs.FileHandle;
  try {
    directory = await files.open(path, 'r');
  } catch {
    return;
  }
  try {
    await directory.sync();
  } catch (error) {
    if (!['EISDIR', 'EINVAL', 'EPERM', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await directory.close();
  }
}
