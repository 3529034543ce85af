/** The files of a run as they are: which there are, and one of them as a download. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { RawFile } from './api.ts';
import { refusal } from './refusal.ts';
import { isBelow, plainFile, realPath } from './run-folder.ts';

/** Below the run: `checkpoints/step-000010/ahead/step-000011.parquet`. */
const DEEPEST_FILE = 4;

export interface RawFiles {
  readonly files: readonly RawFile[];
  readonly moreFiles: number;
}

/** Plain files, sorted by path; links and folders that cannot be read are left out. */
export async function rawFiles(directory: string, most: number): Promise<RawFiles> {
  const paths: string[] = [];
  const visit = async (inside: string, depth: number): Promise<void> => {
    const entries = await readdir(join(directory, inside), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isFile() && isServed(path)) paths.push(path);
      else if (entry.isDirectory() && !entry.name.startsWith('.') && depth < DEEPEST_FILE) await visit(path, depth + 1);
    }
  };
  await visit('', 1);
  const found = await Promise.all(paths.slice(0, most).map((path) => plainFile(directory, path)));
  const files = found.flatMap((file, i) => (file === undefined ? [] : [{ path: paths[i] ?? '', bytes: file.bytes }]));
  return { files, moreFiles: Math.max(0, paths.length - most) };
}

/** Names as ours are: nothing hidden, no control characters, no way up. */
const isServed = (path: string): boolean => path.split('/').every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part));

const TEXT = new Set(['.json', '.jsonl', '.yaml', '.yml', '.txt', '.csv']);

/** @param path inside the run, decoded @throws a refusal */
export async function download(directory: string, path: string): Promise<Response> {
  const missing = refusal('not-found', `the run has no file ${JSON.stringify(path.slice(0, 200))}`);
  if (path.length > 500 || !isServed(path)) throw missing;
  const real = await realPath(join(directory, path));
  if (real !== undefined && !isBelow(directory, real))
    throw refusal('refused', `${path} is a link that leads out of the run`);
  const file = await plainFile(directory, path);
  if (file === undefined) throw missing;
  const { bytes } = file;
  // a file that grows meanwhile is cut at the length promised
  const body = bytes === 0 ? null : (Readable.toWeb(createReadStream(file.path, { end: bytes - 1 })) as ReadableStream);
  const type = TEXT.has(extname(path)) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  return new Response(body, {
    headers: {
      'content-type': type,
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${basename(path)}"`,
    },
  });
}
