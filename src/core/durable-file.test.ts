import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FileCalls, writeDurably, writeFailure } from './durable-file.ts';
import { UserError } from './errors.ts';

let directory = '';

beforeEach(async () => {
  directory = await fs.mkdtemp(join(tmpdir(), 'durable-'));
});

afterEach(async () => {
  await fs.rm(directory, { recursive: true });
});

/** The real file system, except that a handle for writing answers `writeFile` with this. */
function failingAt(code: string): FileCalls {
  return {
    ...fs,
    open: async (...args: Parameters<typeof fs.open>) => {
      const handle = await fs.open(...args);
      if (args[1] !== 'wx') return handle;
      const writeFile = handle.writeFile.bind(handle);
      handle.writeFile = async (content) => {
        await writeFile((content as string).slice(0, 3));
        throw Object.assign(new Error(`${code}: write`), { code });
      };
      return handle;
    },
  };
}

test('text, bytes and pieces of bytes arrive as written', async () => {
  const path = join(directory, 'file');
  await writeDurably(path, 'für');
  expect(await fs.readFile(path, 'utf8')).toBe('für');
  await writeDurably(path, Uint8Array.of(0, 255, 1));
  expect([...(await fs.readFile(path))]).toEqual([0, 255, 1]);
  await writeDurably(path, [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
  expect([...(await fs.readFile(path))]).toEqual([1, 2, 3]);
  expect(await fs.readdir(directory)).toEqual(['file']);
});

test('a disk that fills up half way leaves the old file, no litter, and an error naming file and remedy', async () => {
  const path = join(directory, 'file');
  await writeDurably(path, 'old content');
  const failure = await writeDurably(path, 'new content', failingAt('ENOSPC')).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect((failure as Error).message).toBe(
    `cannot write ${path} (ENOSPC): no space is left on its disk; free some, or choose a directory on another disk`,
  );
  expect(await fs.readFile(path, 'utf8')).toBe('old content');
  expect(await fs.readdir(directory)).toEqual(['file']);
});

test('a failing rename leaves the old file and no litter', async () => {
  const path = join(directory, 'file');
  await writeDurably(path, 'old content');
  const rename = () => Promise.reject(Object.assign(new Error('EIO: rename'), { code: 'EIO' }));
  await expect(writeDurably(path, 'new content', { ...fs, rename })).rejects.toThrow('EIO: rename');
  expect(await fs.readFile(path, 'utf8')).toBe('old content');
  expect(await fs.readdir(directory)).toEqual(['file']);
});

test("the kernel's own answer for a full device is understood", async (context) => {
  const full = await fs.open('/dev/full', 'w').catch(() => undefined);
  if (full === undefined) return context.skip('this system has no /dev/full');
  const error = await full.writeFile('x').catch((error: unknown) => error);
  await full.close();
  expect((writeFailure('weights', error) as Error).message).toContain(
    'cannot write weights (ENOSPC): no space is left',
  );
});

test('a missing directory is named, and an unforeseen error stays as it is', async () => {
  await expect(writeDurably(join(directory, 'missing', 'file'), 'x')).rejects.toThrow(
    /missing\/file \(ENOENT\): its directory does not exist; create it first/,
  );
  const error = new Error('odd');
  expect(writeFailure('file', error)).toBe(error);
});

test('concurrent writers of one file leave one of their contents, whole', async () => {
  const path = join(directory, 'file');
  const contents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(50_000));
  await Promise.all(contents.map((content) => writeDurably(path, content)));
  expect(contents).toContain(await fs.readFile(path, 'utf8'));
  expect(await fs.readdir(directory)).toEqual(['file']);
});
