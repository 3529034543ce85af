/** A run's rollouts as the server gets them: from files, through the processes that read them, while the run goes on. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { NEEDLE, writeBigRun } from '../../bench/ui/big-run.ts';
import type { RolloutsReply } from '../../src/dashboard/api.ts';
import { RolloutFolder } from '../../src/dashboard/rollout-folder.ts';
import type { RolloutFilter, RolloutPageQuery } from '../../src/dashboard/rollout-source.ts';
import { RolloutFile } from '../../src/journal/rollout-file.ts';

// the scanner lets everything else on the machine go first
vi.setConfig({ testTimeout: 180_000 });

const STEPS = 12;
const ROWS = 40;
const ALL: RolloutFilter = { firstStep: 0, lastStep: 1000 };

let runs = '';
let directory = '';
let source: RolloutFolder;

beforeAll(async () => {
  runs = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'rollout-source-')));
  directory = join(runs, 'big');
  await writeBigRun({
    runsDirectory: runs,
    name: 'big',
    steps: STEPS,
    problemsPerStep: 5,
    groupSize: 8,
    maxTokens: 24,
  });
  source = new RolloutFolder(directory);
});

afterAll(async () => {
  await source.close();
  fs.rmSync(runs, { recursive: true });
});

const pathOf = (step: number, run = directory) =>
  join(run, 'rollouts', `step-${String(step).padStart(6, '0')}.parquet`);

/** The same query again until nothing is left to scan, as a page asks. */
async function settled(from: RolloutFolder, query: Partial<RolloutPageQuery> = {}): Promise<RolloutsReply> {
  for (;;) {
    const reply = await from.page({ filter: ALL, sort: 'step', offset: 0, limit: 50, ...query });
    if (reply.complete) return reply;
    await new Promise((next) => setTimeout(next, 20));
  }
}

describe('the rollouts of a run', () => {
  it('are all found, with their numbers and the beginnings of their texts', async () => {
    const { rows, total, scanned, damage } = await settled(source);
    expect({ total, scanned, damage }).toEqual({ total: STEPS * ROWS, scanned: { files: 12, of: 12 }, damage: [] });
    expect(rows.map(({ step, row }) => [step, row]).slice(38, 42)).toEqual([
      [1, 38],
      [1, 39],
      [2, 0],
      [2, 1],
    ]);
    const file = await RolloutFile.open(pathOf(1));
    const [written] = await file.read({ start: 9, end: 10 });
    await file.close();
    expect(rows[9]).toMatchObject({
      group: written?.group,
      index: written?.index,
      problemId: written?.problemId,
      outcome: written?.verdict.outcome,
      tokens: written?.tokens.length,
      truncated: written?.stopReason === 'length',
      policyVersion: 0,
      prompt: written?.prompt,
      completion: written?.completion,
      hit: null,
      explanation: written?.verdict.explanation,
    });
  });

  it('of one step are there with the first reply', async () => {
    const fresh = new RolloutFolder(directory);
    const reply = await fresh.page({ filter: { firstStep: 5, lastStep: 5 }, sort: '-tokens', offset: 0, limit: 3 });
    await fresh.close();
    expect(reply).toMatchObject({ total: ROWS, complete: true, scanned: { files: 1, of: 1 } });
    expect(reply.rows.map((row) => row.step)).toEqual([5, 5, 5]);
  });

  it('are found by text, with the place of the hit', async () => {
    const { rows, total } = await settled(source, { filter: { ...ALL, text: 'LEAVES' } });
    expect(total).toBeGreaterThan(0);
    for (const { completion, hit } of rows) expect(completion.slice(...(hit ?? [0, 0]))).toBe('leaves');
    expect((await settled(source, { filter: { ...ALL, text: NEEDLE } })).total).toBe(0);
    // prompts and explanations are searched too
    expect((await settled(source, { filter: { ...ALL, text: 'Use ' } })).total).toBe(STEPS * ROWS);
  });

  it('come with their whole group', async () => {
    const { rules, at, group } = await source.one(3, 21);
    expect(rules).toEqual(['positive_low', 'negative_high']);
    expect(await source.rules()).toEqual(rules);
    expect(group.map(({ row }) => row)).toEqual([16, 17, 18, 19, 20, 21, 22, 23]);
    expect(at).toBe(5);
    expect(group[at]?.tokens.length).toBe(group[at]?.logprobs.length);
  });

  it('that are not there are none, and files that are not there are named', async () => {
    expect((await source.one(3, 40)).group).toEqual([]);
    await expect(source.one(99, 0)).rejects.toThrow('step 99 has no rollouts to read');
  });
});

describe('a run that goes on', () => {
  it('shows files that came, and forgets what a resume took away', async () => {
    const live = join(runs, 'live');
    fs.cpSync(directory, live, { recursive: true });
    const aside = join(runs, 'aside.parquet');
    fs.renameSync(pathOf(12, live), aside);
    const watched = new RolloutFolder(live);
    const until = async (total: number): Promise<void> => {
      while ((await settled(watched)).total !== total) await new Promise((next) => setTimeout(next, 50));
    };
    await until(11 * ROWS);
    fs.renameSync(aside, pathOf(12, live));
    await until(12 * ROWS);
    fs.mkdirSync(join(live, 'discarded'));
    fs.renameSync(pathOf(12, live), join(live, 'discarded', 'step-000012.parquet'));
    await until(11 * ROWS);
    await watched.close();
  });
});

describe('what is broken', () => {
  it('is reported, and the rest is shown', async () => {
    const broken = join(runs, 'broken');
    fs.cpSync(directory, broken, { recursive: true });
    fs.writeFileSync(pathOf(4, broken), 'no parquet');
    fs.rmSync(pathOf(5, broken));
    fs.symlinkSync(pathOf(5), pathOf(5, broken));
    const opened = new RolloutFolder(broken);
    const reply = await settled(opened);
    expect(reply.total).toBe(10 * ROWS);
    expect(reply.scanned).toEqual({ files: 12, of: 12 });
    expect(reply.damage).toEqual([
      expect.stringContaining('step-000004.parquet is not a readable file of rollouts'),
      expect.stringContaining('step-000005.parquet is not there, or no plain file of its run'),
    ]);
    await expect(opened.one(5, 0)).rejects.toThrow('no plain file of its run');
    await opened.close();
  });

  it('is nothing but empty for a run without rollouts', async () => {
    const empty = new RolloutFolder(join(runs, 'nothing'));
    expect(await settled(empty)).toEqual({
      rows: [],
      total: 0,
      scanned: { files: 0, of: 0 },
      complete: true,
      damage: [],
    });
    expect(await empty.rules()).toEqual([]);
    await empty.close();
  });
});
