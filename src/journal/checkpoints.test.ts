import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import {
  type Checkpoint,
  checkpointAt,
  findCheckpoint,
  latestCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  readCheckpointState,
  stepsToPrune,
  verifyCheckpoint,
  writeCheckpoint,
} from './checkpoints.ts';

let runs = '';
let run = '';

beforeEach(() => {
  runs = fs.mkdtempSync(join(tmpdir(), 'checkpoints-'));
  run = join(runs, 'run');
  fs.mkdirSync(run);
});

afterEach(() => {
  fs.rmSync(runs, { recursive: true });
});

function write(step: number, bytes: Uint8Array | string = `weights ${step}`): Promise<Checkpoint> {
  return writeCheckpoint(run, {
    step,
    policyVersion: step,
    journalBytes: { metrics: 100, evaluations: 0 },
    state: { cursor: step, keys: [1, 2] },
    save: async (directory) => {
      fs.mkdirSync(join(directory, 'engine'));
      fs.writeFileSync(join(directory, 'engine', 'weights.bin'), bytes);
    },
  });
}

test('a checkpoint verifies, names its files, and gives the state back', async () => {
  const checkpoint = await write(10);
  expect(checkpoint.directory).toBe(join(run, 'checkpoints', 'step-000010'));
  const manifest = await verifyCheckpoint(checkpoint);
  expect(manifest).toEqual({
    journalVersion: 1,
    step: 10,
    policyVersion: 10,
    journalBytes: { metrics: 100, evaluations: 0 },
    files: {
      'engine/weights.bin': {
        bytes: 10,
        sha256: '6bcd9b86c50c7963c5fc82961152ebab3be3f972dc59b0e8ab7b3fc1330ae676',
      },
      'state.json': { bytes: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
  });
  expect(await readCheckpointState(checkpoint)).toEqual({ cursor: 10, keys: [1, 2] });
  expect(fs.readdirSync(join(run, 'checkpoints'))).toEqual(['step-000010']);
});

test('the latest is the last by step, and one of the same step is replaced', async () => {
  expect(await latestCheckpoint(run)).toBeUndefined();
  for (const step of [999_999, 1_000_000, 20]) await write(step);
  await write(20, 'other weights');
  expect((await latestCheckpoint(run))?.step).toBe(1_000_000);
  expect((await listCheckpoints(run)).map(({ step }) => step)).toEqual([20, 999_999, 1_000_000]);
  expect(fs.readFileSync(join(run, 'checkpoints/step-000020/engine/weights.bin'), 'utf8')).toBe('other weights');
  expect(fs.readdirSync(join(run, 'checkpoints'))).toHaveLength(3);
});

test('any changed byte of any file is found, and the error names the file and the checkpoint to use instead', async () => {
  await write(10);
  const checkpoint = await write(20);
  const cases = ['engine/weights.bin', 'state.json'].flatMap((name) => {
    const bytes = fs.readFileSync(join(checkpoint.directory, name));
    return Array.from(bytes, (_, at) => ({ name, bytes, at }));
  });
  for (const { name, bytes, at } of cases) {
    const damaged = Buffer.from(bytes);
    damaged[at]! ^= 1;
    fs.writeFileSync(join(checkpoint.directory, name), damaged);
    await expect(verifyCheckpoint(checkpoint)).rejects.toThrow(
      `checkpoint ${checkpoint.directory} is damaged: ${name} is not what was written (its sha256 differs); use the earlier checkpoint at step 10`,
    );
    fs.writeFileSync(join(checkpoint.directory, name), bytes);
  }
});

test('a short, missing or unlisted piece is found, and an earlier checkpoint that is damaged too is not recommended', async () => {
  const early = await write(10);
  const middle = await write(20);
  const late = await write(30);
  const weights = (checkpoint: Checkpoint) => join(checkpoint.directory, 'engine', 'weights.bin');
  fs.truncateSync(weights(late), 3);
  await expect(verifyCheckpoint(late)).rejects.toThrow(
    /weights.bin has 3 bytes, its manifest says 10; use the earlier checkpoint at step 20/,
  );
  fs.rmSync(weights(middle));
  await expect(verifyCheckpoint(middle)).rejects.toThrow(/engine\/weights.bin is missing; use .* step 10/);
  await expect(verifyCheckpoint(late)).rejects.toThrow(/use the earlier checkpoint at step 10/);
  fs.rmSync(join(early.directory, 'manifest.json'));
  await expect(verifyCheckpoint(early)).rejects.toThrow(
    /manifest.json is missing; the run has no earlier checkpoint that is whole, so start it again/,
  );
});

test('whatever a manifest holds, it is either accepted as it was or refused by name', async () => {
  const checkpoint = await write(10);
  const path = join(checkpoint.directory, 'manifest.json');
  const text = fs.readFileSync(path, 'utf8');
  for (let cut = 0; cut < text.trimEnd().length; cut++) {
    fs.writeFileSync(path, text.slice(0, cut));
    await expect(verifyCheckpoint(checkpoint)).rejects.toThrow(UserError);
  }
  const evil = JSON.parse(text);
  for (const name of ['../../../secret', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', '']) {
    fs.writeFileSync(path, JSON.stringify({ ...evil, files: { [name]: { bytes: 1, sha256: 'a'.repeat(64) } } }));
    await expect(verifyCheckpoint(checkpoint)).rejects.toThrow(/manifest.json cannot be read .*Invalid key in record/);
  }
  fs.writeFileSync(path, JSON.stringify({ ...evil, step: 11 }));
  await expect(verifyCheckpoint(checkpoint)).rejects.toThrow('manifest.json is that of step 11');
  fs.writeFileSync(path, JSON.stringify({ ...evil, journalVersion: 2 }));
  await expect(verifyCheckpoint(checkpoint)).rejects.toThrow('upgrade polarity');
});

test('a save that fails leaves no trace and the earlier checkpoint of the same step', async () => {
  const checkpoint = await write(10);
  const failing = writeCheckpoint(run, {
    step: 10,
    policyVersion: 10,
    journalBytes: { metrics: 0, evaluations: 0 },
    state: {},
    save: async (directory) => {
      fs.writeFileSync(join(directory, 'half'), 'x');
      throw new Error('the engine is gone');
    },
  });
  await expect(failing).rejects.toThrow('the engine is gone');
  expect(fs.readdirSync(join(run, 'checkpoints'))).toEqual(['step-000010']);
  expect((await verifyCheckpoint(checkpoint)).step).toBe(10);
});

test('a disk that refuses half way is a clear error, with the earlier checkpoints as they were', async (context) => {
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`]);
  try {
    limit('unlimited');
  } catch {
    return context.skip('no prlimit here to make the system refuse a write');
  }
  const checkpoint = await write(10);
  const ignore = () => undefined;
  process.on('SIGXFSZ', ignore);
  limit('4096');
  try {
    const error = await write(20, new Uint8Array(100_000)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(`cannot write ${join(run, 'checkpoints', 'step-000020')} (EFBIG)`);
  } finally {
    limit('unlimited');
    process.off('SIGXFSZ', ignore);
  }
  expect(fs.readdirSync(join(run, 'checkpoints'))).toEqual(['step-000010']);
  expect((await verifyCheckpoint(checkpoint)).step).toBe(10);
});

test('a file in the place of the checkpoints directory is named', async () => {
  fs.writeFileSync(join(run, 'checkpoints'), '');
  await expect(write(10)).rejects.toThrow(UserError);
  await expect(write(10)).rejects.toThrow(join(run, 'checkpoints'));
});

test('references name a run and a step, and nothing outside the runs directory', async () => {
  await write(10);
  await write(20);
  expect((await findCheckpoint(runs, 'run')).step).toBe(20);
  expect((await findCheckpoint(runs, 'run@latest')).step).toBe(20);
  expect((await findCheckpoint(runs, 'run@10')).step).toBe(10);
  await expect(findCheckpoint(runs, 'run@15')).rejects.toThrow('run run has no checkpoint at step 15: it has 10, 20');
  await expect(findCheckpoint(runs, 'nun')).rejects.toThrow(`there is no run nun in ${runs}`);
  for (const bad of ['../run', 'run@../10', 'run@-1', 'run@1e3', 'run@', 'run/checkpoints', 'run@10@10'])
    await expect(findCheckpoint(runs, bad)).rejects.toThrow(UserError);
  await expect(checkpointAt(run, 11)).rejects.toThrow(UserError);
});

test('pruning keeps the last ones and the milestones', async () => {
  expect(stepsToPrune([10, 20, 30, 40, 50], { keepLast: 2, keepEvery: 20 })).toEqual([10, 30]);
  expect(stepsToPrune([30, 10, 20], { keepLast: 1 })).toEqual([10, 20]);
  for (const step of [1, 2, 3, 4]) await write(step);
  expect(await pruneCheckpoints(run, { keepLast: 1, keepEvery: 2 })).toEqual([1, 3]);
  expect(fs.readdirSync(join(run, 'checkpoints'))).toEqual(['step-000002', 'step-000004']);
});

test('pruning never takes the latest nor a milestone, and twice is once', () => {
  const steps = fc.uniqueArray(fc.nat({ max: 1000 }), { minLength: 1 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 5 }),
      fc.option(fc.integer({ min: 1, max: 50 })),
      (all, last, every) => {
        const policy = { keepLast: last, keepEvery: every ?? undefined };
        const pruned = stepsToPrune(all, policy);
        const kept = all.filter((step) => !pruned.includes(step));
        expect(kept).toContain(Math.max(...all));
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(last, all.length));
        expect(pruned.some((step) => every !== null && step % every === 0)).toBe(false);
        expect(stepsToPrune(kept, policy)).toEqual([]);
      },
    ),
  );
});
