import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import type { Verdict } from '../core/rollout.ts';
import { encodeRollouts, RolloutFile, type RolloutRow, writeRollouts } from './rollout-file.ts';

let directory = '';

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'rollouts-'));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

const integer = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
// every code point that UTF-8 can carry
const text = fc.string({ unit: 'binary', maxLength: 20 });
const evidence = fc.record({ answerForm: text, steps: fc.nat() }, { requiredKeys: [] });
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  fc.record({ outcome: fc.constantFrom('correct', 'incorrect'), reward: fc.double(), explanation: text }),
  fc.record({ outcome: fc.constant('correct' as const), reward: fc.constant(1), explanation: text, evidence }),
  fc.record({ outcome: fc.constant('unknown' as const), reason: text, explanation: text }),
);

function perToken(T: number) {
  const ints = fc.array(integer, { minLength: T, maxLength: T }).map((list) => Int32Array.from(list));
  const floats = fc.array(fc.float(), { minLength: T, maxLength: T }).map((list) => Float32Array.from(list));
  const maybe = <A>(list: fc.Arbitrary<A>, none: A) => fc.oneof(list, fc.constant(none));
  return fc.record({
    tokens: ints,
    logprobs: floats,
    entropies: maybe(floats, new Float32Array(0)),
    advantages: maybe(floats, new Float32Array(0)),
    rules: maybe(ints, new Int32Array(0)),
    logprobChanges: maybe(floats, new Float32Array(0)),
  });
}

const row: fc.Arbitrary<RolloutRow> = fc
  .tuple(
    fc.record({
      step: fc.nat(),
      group: fc.nat(),
      index: fc.nat(),
      problemId: text,
      prompt: text,
      completion: text,
      verdict,
      stopReason: fc.constantFrom('stop' as const, 'length' as const),
      policyVersion: fc.nat(),
      promptTokens: fc.array(integer).map((list) => Int32Array.from(list)),
    }),
    fc.nat({ max: 12 }).chain(perToken),
  )
  .map(([fields, lists]) => ({ ...fields, ...lists }));

test('rollouts come back from Parquet exactly as they were written', async () => {
  const path = join(directory, 'step-000001.parquet');
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 6 }), async (rows) => {
      fs.writeFileSync(path, encodeRollouts(rows, ['a', 'b']));
      const file = await RolloutFile.open(path);
      try {
        expect(await file.read()).toEqual(rows);
      } finally {
        await file.close();
      }
    }),
    { numRuns: 100 },
  );
});

function plain(index: number, T = 3): RolloutRow {
  return {
    step: 4,
    group: Math.floor(index / 8),
    index: index % 8,
    problemId: `train/${index}`,
    prompt: 'a prompt that is the same for all',
    completion: `completion ${index}`,
    verdict: { outcome: 'incorrect', reward: 0, explanation: 'no answer' },
    stopReason: 'length',
    policyVersion: 3,
    promptTokens: Int32Array.of(1, 2, 3),
    tokens: new Int32Array(T).map((_, t) => (index * 7919 + t * 104_729) % 50_000),
    logprobs: new Float32Array(T).map((_, t) => -Math.abs(Math.sin(index + t))),
    entropies: new Float32Array(T).map((_, t) => Math.abs(Math.cos(index * t))),
    advantages: new Float32Array(T).fill(-0.125),
    rules: new Int32Array(T),
    logprobChanges: new Float32Array(0),
  };
}

test('equal rollouts give equal bytes', () => {
  const rows = [plain(0), plain(1)];
  expect(encodeRollouts(rows, ['a'])).toEqual(encodeRollouts(structuredClone(rows), ['a']));
});

test('one rollout of a large file is read without reading the rest', async () => {
  const path = join(directory, 'large.parquet');
  await writeRollouts(
    path,
    Array.from({ length: 512 }, (_, i) => plain(i, 300)),
    [],
  );
  const before = readBytes();
  const file = await RolloutFile.open(path);
  expect(file.rows).toBe(512);
  expect((await file.read({ start: 100, end: 101 })).map((found) => found.completion)).toEqual(['completion 100']);
  expect(await file.columns(['outcome', 'completion'], { start: 510 })).toEqual([
    { outcome: 'incorrect', completion: 'completion 510' },
    { outcome: 'incorrect', completion: 'completion 511' },
  ]);
  await file.close();
  const after = readBytes();
  if (before !== undefined && after !== undefined)
    // the footer (64 KiB are asked for first), one row group of eight, two columns of another
    expect(after - before).toBeLessThan(0.3 * fs.statSync(path).size);
});

test('one rollout of 32,000 tokens is read without its neighbours in the row group', async () => {
  const path = join(directory, 'long.parquet');
  const T = 32_000;
  await writeRollouts(
    path,
    Array.from({ length: 16 }, (_, i) => plain(i, T)),
    [],
  );
  const file = await RolloutFile.open(path);
  const before = readBytes();
  expect((await file.read({ start: 9, end: 10 }))[0]?.tokens).toEqual(plain(9, T).tokens);
  const after = readBytes();
  expect(await file.columns(['tokenCount'], { start: 15 })).toEqual([{ tokenCount: T }]);
  await file.close();
  if (before !== undefined && after !== undefined)
    // its own pages of three columns that do not compress, at most one neighbour's, and the dictionary of the token ids
    expect(after - before).toBeLessThan(0.25 * fs.statSync(path).size);
});

/** Bytes this process asked the system for so far; Linux only. */
function readBytes(): number | undefined {
  try {
    return Number(/rchar: (\d+)/.exec(fs.readFileSync('/proc/self/io', 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

test('a file cut at any byte is refused by name, never read as fewer rollouts', async () => {
  const bytes = encodeRollouts([plain(0), plain(1)], ['a']);
  const path = join(directory, 'cut.parquet');
  for (let length = 0; length < bytes.length; length += length < 16 || length > bytes.length - 64 ? 1 : 37) {
    fs.writeFileSync(path, bytes.subarray(0, length));
    const error = await RolloutFile.open(path).then(
      (file) => file.close(),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(`${path} is not a readable file of rollouts`);
  }
});

test('lists of different lengths are our bug, found before anything is written', () => {
  expect(() => encodeRollouts([{ ...plain(0), logprobs: new Float32Array(2) }], [])).toThrow(
    'bug in polarity: 2 logprobs for 3 tokens of train/0',
  );
  expect(() => encodeRollouts([{ ...plain(0), rules: new Int32Array(1) }], [])).toThrow('1 rules for 3 tokens');
});

test('a file written before verdicts had evidence is read as it was', async () => {
  const file = await RolloutFile.open(
    join(import.meta.dirname, '../../test/fixtures/rollouts-without-evidence.parquet'),
  );
  const [row] = await file.read();
  await file.close();
  expect(row?.verdict).toEqual({ outcome: 'correct', reward: 1, explanation: 'reaches 7' });
});
