import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LineTail } from './line-tail.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'polarity-tail-'));
  path = join(directory, 'metrics.jsonl');
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

function tailOf(file: string) {
  const lines: unknown[] = [];
  const forget = () => {
    lines.length = 0;
  };
  return { lines, tail: new LineTail(file, { decode: (value) => value, take: (line) => lines.push(line), forget }) };
}

it('looks at a file written in any pieces give the lines of the whole file, each once', async () => {
  const pieces = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 8 }), pieces, async (values, sizes) => {
      const text = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
      fs.writeFileSync(path, '');
      const { lines, tail } = tailOf(path);
      let at = 0;
      for (const size of [...sizes, text.length]) {
        fs.appendFileSync(path, text.subarray(at, at + size));
        at = Math.min(text.length, at + size);
        await tail.look();
        expect(tail.damaged).toBe(0);
      }
      expect(lines).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
      expect(tail.generation).toBe(0);
    }),
    { numRuns: 60 },
  );
});

it('a file that was replaced by one of the same length, or by a shorter or longer one, is read again', async () => {
  const { lines, tail } = tailOf(path);
  for (const [generation, text] of ['1\n2\n', '3\n4\n', '5\n', '6\n7\n8\n'].entries()) {
    fs.writeFileSync(`${path}.new`, text);
    fs.renameSync(`${path}.new`, path);
    await tail.look();
    expect(lines.join('\n')).toBe(text.trim());
    expect(tail.generation).toBe(generation);
  }
});

it('a file that goes takes its lines with it, and may come back', async () => {
  const { lines, tail } = tailOf(path);
  await tail.look();
  fs.writeFileSync(path, '1\n');
  await tail.look();
  fs.rmSync(path);
  await tail.look();
  expect(lines).toEqual([]);
  fs.writeFileSync(path, '2\n');
  await tail.look();
  expect(lines).toEqual([2]);
});

it('looks made at the same time take each line once', async () => {
  fs.writeFileSync(path, '1\n2\n3\n');
  const { lines, tail } = tailOf(path);
  await Promise.all([tail.look(), tail.look(), tail.look()]);
  expect(lines).toEqual([1, 2, 3]);
});
