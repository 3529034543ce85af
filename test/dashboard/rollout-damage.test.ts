/**
 * Files that changed on a disk, one bit at a time. Some decode to something else, most are refused, and some make the decoder run for
 * ever (about one bit in 500 does): whoever asks gets an answer within the limit, and the next one as if nothing had been.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeBigRun } from '../../bench/ui/big-run.ts';
import { UserError } from '../../src/core/errors.ts';
import { RandomStream, randomKey } from '../../src/core/random.ts';
import type { Job } from '../../src/dashboard/rollout-jobs.ts';
import { RolloutReader } from '../../src/dashboard/rollout-reader.ts';

const FLIPS = 500;
const MIB = 2 ** 20;
/** Generous to a loaded machine: a whole file takes milliseconds. */
const LIMITS = { answerMs: 3000, memoryBytes: 512 * MIB, idleMs: 60_000 };

let folder = '';
let whole: Buffer;
let reader: RolloutReader;

beforeAll(async () => {
  folder = fs.mkdtempSync(join(tmpdir(), 'rollout-damage-'));
  await writeBigRun({ runsDirectory: folder, name: 'run', steps: 1, problemsPerStep: 9, groupSize: 8, maxTokens: 12 });
  whole = fs.readFileSync(join(folder, 'run', 'rollouts', 'step-000001.parquet'));
  reader = new RolloutReader(LIMITS);
});

afterAll(() => {
  reader.close();
  fs.rmSync(folder, { recursive: true });
});

/** `answered`, or the sentence it is refused with. */
const outcome = (job: Job): Promise<string> =>
  reader.ask(job).then(
    () => 'answered',
    (error: unknown) => {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    },
  );

it(`every one of ${FLIPS} flipped bits is answered, refused or given up`, { timeout: 300_000 }, async () => {
  const random = new RandomStream(randomKey(7));
  const path = join(folder, 'flipped.parquet');
  const jobs: readonly Job[] = [
    { kind: 'summary', path },
    { kind: 'group', path, row: 70 },
    { kind: 'texts', path, rows: [0, 71], text: 'plus' },
    { kind: 'search', path, text: 'plus' },
  ];
  const heap = process.memoryUsage().heapUsed;
  const refused = { answered: 0, refused: 0, givenUp: 0 };
  for (let i = 0; i < FLIPS; i++) {
    const bytes = Uint8Array.from(whole);
    const at = random.integer(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    fs.writeFileSync(path, bytes);
    const said = await outcome(jobs[i % jobs.length] as Job);
    if (said === 'answered') refused.answered++;
    else {
      expect(said).toContain(path);
      if (said.includes('nothing could be read')) refused.givenUp++;
      else refused.refused++;
    }
  }
  expect(refused.answered + refused.refused + refused.givenUp).toBe(FLIPS);
  expect(refused.refused).toBeGreaterThan(0);
  expect(process.memoryUsage().heapUsed - heap).toBeLessThan(64 * MIB);
  // and a whole file is read as ever
  fs.writeFileSync(path, whole);
  for (const job of jobs) expect(await outcome(job)).toBe('answered');
});

it.skipIf(process.platform === 'win32')('a file that never answers is given up, and the next one is read', async () => {
  const impatient = new RolloutReader({ ...LIMITS, answerMs: 500 });
  const pipe = join(folder, 'pipe.parquet');
  execFileSync('mkfifo', [pipe]);
  const path = join(folder, 'whole.parquet');
  fs.writeFileSync(path, whole);
  // opening a pipe that nobody writes waits for ever; five of them take every thread that opens files
  const asked = Array.from({ length: 5 }, () => impatient.ask({ kind: 'rules', path: pipe }));
  for (const answer of asked) await expect(answer).rejects.toThrow(`${pipe}: nothing could be read for 0.5 s`);
  expect(await impatient.ask({ kind: 'rules', path })).toEqual(['positive_low', 'negative_high']);
  impatient.close();
});

it('a reader that is closed gives up what waits, and starts nothing', async () => {
  const closed = new RolloutReader(LIMITS);
  const waiting = closed.ask({ kind: 'rules', path: join(folder, 'any.parquet') });
  closed.close();
  await expect(waiting).rejects.toThrow('the reader of rollouts was closed');
  await expect(closed.ask({ kind: 'rules', path: folder })).rejects.toThrow('the reader of rollouts is closed');
});
