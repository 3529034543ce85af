/**
 * What the journal asks of the disk besides `writeDurably`: looking, syncing, removing; refusals are UserErrors naming the path.
 */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { writeFailure } from '../core/durable-file.ts';
import { UserError } from '../core/errors.ts';
import { errorCode, readFailure } from './file-errors.ts';

/** Names in a directory, sorted; none when it does not exist. */
export async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await fs.readdir(directory)).sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw readFailure(directory, error);
  }
}

/** Whether something stands at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await fs.lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw readFailure(path, error);
  }
}

/** @throws UserError when the system refuses. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await fs.mkdir(path, { recursive: true });
  } catch (error) {
    if (errorCode(error) === 'EEXIST')
      throw new UserError(`${path} is a file where a directory is needed: move it away`);
    throw writeFailure(path, error);
  }
}

/** @throws UserError when it cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    return await fs.readFile(path, 'utf8');
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Undefined when the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** In bytes; undefined when there is no such file. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await fs.stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw readFailure(path, error);
  }
}

/** Every file below `directory`, as sorted `/`-joined paths inside it. */
export async function filesBelow(directory: string, inside = ''): Promise<string[]> {
  const entries = await fs.readdir(join(directory, inside), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(directory, path) : [path];
    }),
  );
  return found.flat().sort();
}

/** Flushes a file or a directory to the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // some systems cannot sync a directory: there a rename is as durable as it gets
    if (!['EISDIR', 'EINVAL', 'EPERM', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Removes a directory so that a crash on the way never leaves half of it under its name. */
export async function removeWhole(parent: string, name: string): Promise<void> {
  const aside = join(parent, `.${name}.removed`);
  await fs.rm(aside, { recursive: true, force: true });
  await fs.rename(join(parent, name), aside);
  await fs.rm(aside, { recursive: true, force: true });
}

/** Gives the filled directory `aside` its name; one that bore it is gone afterwards. */
export async function publishWhole(parent: string, aside: string, name: string): Promise<void> {
  const replaced = join(parent, `.${name}.removed`);
  await fs.rm(replaced, { recursive: true, force: true });
  if (await exists(join(parent, name))) await fs.rename(join(parent, name), replaced);
  await fs.rename(aside, join(parent, name));
  await syncPath(parent);
  await fs.rm(replaced, { recursive: true, force: true });
}
