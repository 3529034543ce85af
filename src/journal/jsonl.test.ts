import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { AppendFile } from './append-file.ts';
import { readJsonLines } from './jsonl.ts';

let directory = '';

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'jsonl-'));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

const same = (value: unknown) => value;

test('after a crash at any byte, what is read is a prefix of what was written', async () => {
  const path = join(directory, 'a.jsonl');
  const values = fc
    .array(fc.jsonValue(), { minLength: 1, maxLength: 5 })
    .map((list) => JSON.parse(JSON.stringify(list)));
  await fc.assert(
    fc.asyncProperty(values, fc.double({ min: 0, max: 1, noNaN: true }), async (written: unknown[], share) => {
      const bytes = Buffer.from(written.map((value) => `${JSON.stringify(value)}\n`).join(''));
      const cut = Math.round(bytes.length * share);
      fs.writeFileSync(path, bytes.subarray(0, cut));
      const { lines, end, tornBytes, damaged } = await readJsonLines(path, same);
      expect(lines).toEqual(written.slice(0, lines.length));
      expect([end + tornBytes, damaged]).toEqual([cut, []]);
      // reading on from there, when the rest has arrived, gives the rest
      fs.writeFileSync(path, bytes);
      const rest = await readJsonLines(path, same, end);
      expect([...lines, ...rest.lines]).toEqual(written);
      expect([rest.end, rest.tornBytes]).toEqual([bytes.length, 0]);
    }),
  );
});

test('every cut of a file of three lines gives the lines that were complete', async () => {
  const path = join(directory, 'a.jsonl');
  const text = '{"a":1}\n{"a":"é"}\n{"a":3}\n';
  const bytes = Buffer.from(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    fs.writeFileSync(path, bytes.subarray(0, cut));
    const complete = bytes.subarray(0, cut).filter((byte) => byte === 10).length;
    expect((await readJsonLines(path, same)).lines).toEqual([{ a: 1 }, { a: 'é' }, { a: 3 }].slice(0, complete));
  }
});

test('a damaged line is reported with its place and the others are read', async () => {
  const path = join(directory, 'a.jsonl');
  fs.writeFileSync(path, '{"a":1}\n\0\0\0\n{"a":3}\n');
  const { lines, damaged } = await readJsonLines(path, same);
  expect(lines).toEqual([{ a: 1 }, { a: 3 }]);
  expect(damaged.map(({ offset }) => offset)).toEqual([8]);
});

test('lines longer than the piece that is read at a time, and lines that end on its border, are read whole', async () => {
  const path = join(directory, 'a.jsonl');
  const lengths = [65_533, 1, 65_532, 200_000, 131_069];
  fs.writeFileSync(path, lengths.map((length) => `${JSON.stringify('é'.repeat(length))}\n`).join(''));
  const { lines } = await readJsonLines(path, same);
  expect(lines.map((line) => (line as string).length)).toEqual(lengths);
});

test('a file that does not exist has no lines; one that cannot be read is named', async () => {
  expect(await readJsonLines(join(directory, 'none'), same)).toEqual({ lines: [], end: 0, tornBytes: 0, damaged: [] });
  await expect(readJsonLines(directory, same)).rejects.toThrow(UserError);
});

test('an appended line is in the file when the call returns', async () => {
  const file = new AppendFile(join(directory, 'a.jsonl'));
  file.append('1');
  expect(fs.readFileSync(file.path, 'utf8')).toBe('1\n');
  file.append('2');
  file.sync();
  expect(file.bytes).toBe(4);
  file.close();
  const again = new AppendFile(file.path);
  again.append('3');
  again.close();
  expect((await readJsonLines(file.path, same)).lines).toEqual([1, 2, 3]);
  expect(() => again.append('4')).toThrow('after close');
});

test('a full disk is an error that names the file', (context) => {
  if (!fs.existsSync('/dev/full')) return context.skip('this system has no /dev/full');
  const path = join(directory, 'metrics.jsonl');
  fs.symlinkSync('/dev/full', path);
  const file = new AppendFile(path);
  expect(() => file.append('{}')).toThrow(`cannot write ${path} (ENOSPC): no space is left on its disk`);
  file.close();
});

test('a directory in the place of the file is an error that names it', () => {
  expect(() => new AppendFile(directory)).toThrow(`cannot write ${directory} (EISDIR)`);
});

test('a line longer than any of ours is damaged, and what follows is read', { timeout: 20_000 }, async () => {
  const path = join(directory, 'events.jsonl');
  fs.writeFileSync(path, '1\n');
  fs.truncateSync(path, 2 ** 27 + 2 ** 17);
  fs.appendFileSync(path, '\n2\n3');
  const { lines, damaged, tornBytes } = await readJsonLines(path, same);
  expect({ lines, damaged, tornBytes }).toEqual({
    lines: [1, 2],
    damaged: [{ offset: 2, reason: 'longer than 134217728 bytes' }],
    tornBytes: 1,
  });
});
