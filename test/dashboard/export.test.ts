/** `polarity export tensorboard` and `csv`, as a shell runs them; what they wrote is read back. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskedCrc32c } from '../../src/dashboard/export/crc32c.ts';
import { EventMessage } from '../../src/dashboard/export/event-file.ts';
import type { RolloutRow } from '../../src/journal/rollout-file.ts';
import { createRun } from '../../src/journal/writer.ts';
import { polarity } from '../e2e/polarity.ts';

const ROLLOUT: RolloutRow = {
  step: 2,
  group: 0,
  index: 0,
  problemId: 'train/1',
  prompt: 'p',
  completion: 'c',
  verdict: { outcome: 'incorrect', reward: -0.5, explanation: '=HYPERLINK("http://x", "y")' },
  stopReason: 'length',
  policyVersion: 1,
  promptTokens: Int32Array.of(1),
  tokens: Int32Array.of(4, 5),
  logprobs: Float32Array.of(-1, -2),
  entropies: new Float32Array(0),
  advantages: new Float32Array(0),
  rules: new Int32Array(0),
  logprobChanges: new Float32Array(0),
};

let folder = '';

beforeAll(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'export-')));
  let unixMs = 1_700_000_000_000;
  for (const name of ['a', 'b']) {
    const journal = await createRun({
      runsDirectory: join(folder, 'runs'),
      name,
      config: {},
      manifest: { seed: 1, versions: {}, dataHashes: {}, environment: {} },
      clock: () => (unixMs += 1000),
    });
    journal.metrics(1, { 'rollout/reward/mean': 0.25, 'policy/entropy_nats/mean': Number.NaN });
    journal.evaluation({
      step: 1,
      policyVersion: 1,
      name: 'countdown/test',
      protocol: {},
      metrics: { 'evaluate/pass_at_1': 0 },
      intervals: { 'evaluate/pass_at_1': [0, 0.5] },
    });
    journal.metrics(2, { 'rollout/reward/mean': -0.5 });
    const unknown = { outcome: 'unknown', reason: 'timeout', explanation: '@late' } as const;
    await journal.rollouts(2, [ROLLOUT, { ...ROLLOUT, index: 1, verdict: unknown, stopReason: 'stop' }], []);
    journal.close();
  }
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

/** The events of a file of records, every length and checksum looked at. */
function eventsIn(path: string): Record<string, unknown>[] {
  const bytes = fs.readFileSync(path);
  const events: Record<string, unknown>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(message));
    events.push(EventMessage.toObject(EventMessage.decode(message), { longs: Number }));
    at += length + 16;
  }
  return events;
}

describe('export tensorboard', () => {
  it('writes every metric and evaluation of each run in a folder of its own, again where it was', async () => {
    for (const targets of [['runs'], ['runs/a', 'runs/b']]) {
      expect((await polarity(['export', 'tensorboard', ...targets, '--out', 'logs'], folder)).exitCode).toBe(0);
      expect(fs.readdirSync(join(folder, 'logs'))).toEqual(['a', 'b']);
      expect(fs.readdirSync(join(folder, 'logs', 'b'))).toEqual(['events.out.tfevents.1700000004.polarity']);
    }
    expect(eventsIn(join(folder, 'logs/a/events.out.tfevents.1700000001.polarity'))).toEqual([
      { wallTime: 1_700_000_001, fileVersion: 'brain.Event:2' },
      {
        wallTime: 1_700_000_001,
        step: 1,
        summary: {
          value: [
            { tag: 'rollout/reward/mean', simpleValue: 0.25 },
            { tag: 'policy/entropy_nats/mean', simpleValue: Number.NaN },
          ],
        },
      },
      {
        wallTime: 1_700_000_002,
        step: 1,
        summary: {
          value: [
            { tag: 'evaluate/pass_at_1/countdown/test', simpleValue: 0 },
            { tag: 'evaluate/pass_at_1/countdown/test/low', simpleValue: 0 },
            { tag: 'evaluate/pass_at_1/countdown/test/high', simpleValue: 0.5 },
          ],
        },
      },
      {
        wallTime: 1_700_000_003,
        step: 2,
        summary: { value: [{ tag: 'rollout/reward/mean', simpleValue: -0.5 }] },
      },
    ]);
  });

  it('refuses what is no run', async () => {
    const { exitCode, stderr } = await polarity(['export', 'tensorboard', 'logs'], folder);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('logs holds no run');
  });
});

describe('export csv', () => {
  it('writes three tables in which nothing a policy wrote is a formula', async () => {
    const { exitCode, stdout } = await polarity(['export', 'csv', 'runs/a', '--out', 'tables', '--json'], folder);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ run: 'a', folder: join(folder, 'tables'), damage: [] });
    const table = (name: string) => parse(fs.readFileSync(join(folder, 'tables', name))) as string[][];
    expect(table('metrics.csv')).toEqual([
      ['step', 'policy/entropy_nats/mean', 'rollout/reward/mean', 'time/unix_s'],
      ['1', 'NaN', '0.25', '1700000001'],
      ['2', '', '-0.5', '1700000003'],
    ]);
    expect(table('evaluations.csv')[1]).toEqual([
      '1',
      '1',
      'countdown/test',
      'evaluate/pass_at_1',
      '0',
      '0',
      '0.5',
      '',
      '',
      '1700000002',
    ]);
    expect(table('rollouts.csv').slice(1)).toEqual([
      ['2', '0', '0', '0', 'train/1', 'incorrect', '-0.5', '2', 'true', '1', '', `'=HYPERLINK("http://x", "y")`],
      ['2', '1', '0', '1', 'train/1', 'unknown', '', '2', 'false', '1', 'timeout', "'@late"],
    ]);
  });

  it('leaves a damaged file out and says so', async () => {
    fs.writeFileSync(join(folder, 'runs/b/rollouts/step-000002.parquet'), 'damaged');
    const { exitCode, stdout } = await polarity(['export', 'csv', 'runs/b'], folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('left out: ');
    expect(stdout).toContain('step-000002.parquet is not a readable file of rollouts');
    expect(fs.readFileSync(join(folder, 'b-csv/rollouts.csv'), 'utf8').split('\n')).toHaveLength(2);
  });
});
