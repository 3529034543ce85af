import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listRuns, RunReader } from './reader.ts';
import { takeBack } from './resume.ts';
import { createRun, resumeRun } from './writer.ts';

let runsDirectory = '';

beforeEach(() => {
  runsDirectory = fs.mkdtempSync(join(tmpdir(), 'resume-'));
});

afterEach(() => {
  fs.rmSync(runsDirectory, { recursive: true });
});

const manifest = { seed: 1, versions: {}, dataHashes: {}, environment: {} };
const line = (value: number) => `${JSON.stringify({ step: value, 'a/b': value })}\n`;

test('taken back from any cut, a file is what it was at the checkpoint and the rest is in discarded/', async () => {
  const before = { metrics: line(1) + line(2), evaluations: line(2) };
  const after = { metrics: line(3) + line(4), evaluations: line(4) };
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: after.metrics.length }),
      fc.nat({ max: after.evaluations.length }),
      fc.nat({ max: 3 }),
      async (metricsCut, evaluationsCut, laterFiles) => {
        const directory = join(runsDirectory, String(run++));
        fs.mkdirSync(join(directory, 'rollouts'), { recursive: true });
        const tails = {
          metrics: after.metrics.slice(0, metricsCut),
          evaluations: after.evaluations.slice(0, evaluationsCut),
        };
        for (const name of ['metrics', 'evaluations'] as const)
          fs.writeFileSync(join(directory, `${name}.jsonl`), before[name] + tails[name]);
        for (let step = 1; step <= 2 + laterFiles; step++)
          fs.writeFileSync(join(directory, 'rollouts', `step-00000${step}.parquet`), String(step));
        const moment = {
          step: 2,
          journalBytes: { metrics: before.metrics.length, evaluations: before.evaluations.length },
        };
        const { directory: into } = await takeBack(directory, moment);
        for (const name of ['metrics', 'evaluations'] as const) {
          expect(fs.readFileSync(join(directory, `${name}.jsonl`), 'utf8')).toBe(before[name]);
          if (tails[name] !== '')
            expect(fs.readFileSync(join(directory, into!, `${name}.jsonl`), 'utf8')).toBe(tails[name]);
        }
        expect(fs.readdirSync(join(directory, 'rollouts'))).toEqual(['step-000001.parquet', 'step-000002.parquet']);
        if (laterFiles > 0) expect(fs.readdirSync(join(directory, into!, 'rollouts'))).toHaveLength(laterFiles);
        expect(into === undefined).toBe(tails.metrics === '' && tails.evaluations === '' && laterFiles === 0);
        // again: nothing more to take
        expect(await takeBack(directory, moment)).toEqual({ moved: [] });
      },
    ),
    { numRuns: 60 },
  );
});

test('a run that another one is writing cannot be resumed; after its death it can, and says so', async () => {
  const journal = await createRun({ runsDirectory, name: 'busy', config: { a: [1, Infinity] }, manifest });
  await expect(resumeRun({ runsDirectory, name: 'busy' })).rejects.toThrow(
    /is being written by process \d+ \(this one\)/,
  );
  const lock = join(journal.directory, 'lock.json');
  const owner = JSON.parse(fs.readFileSync(lock, 'utf8'));
  // a process id beyond any system's limit belongs to nobody
  fs.writeFileSync(lock, JSON.stringify({ ...owner, pid: 2 ** 30 }));
  const resumed = await resumeRun({ runsDirectory, name: 'busy', clock: () => 5000 });
  resumed.journal.close();
  const run = await RunReader.open(runsDirectory, 'busy');
  expect((await run.events()).lines).toEqual([
    {
      step: 0,
      level: 'note',
      kind: 'lock-taken-over',
      message: `process ${2 ** 30} died without closing the run`,
      details: { pid: 2 ** 30 },
      unixSeconds: 5,
    },
  ]);
  expect(await run.config()).toEqual({ a: [1, Infinity] });
});

test('only directories with a manifest are runs', async () => {
  (await createRun({ runsDirectory, name: 'b', config: {}, manifest })).close();
  (await createRun({ runsDirectory, name: 'a', config: {}, manifest })).close();
  fs.mkdirSync(join(runsDirectory, 'notes'));
  fs.writeFileSync(join(runsDirectory, 'readme.txt'), '');
  expect(await listRuns(runsDirectory)).toEqual(['a', 'b']);
  expect(await listRuns(join(runsDirectory, 'none'))).toEqual([]);
  await expect(RunReader.open(runsDirectory, 'notes')).rejects.toThrow('holds no run: it has no manifest.json');
});

test('a run that died before its manifest was written can be created again', async () => {
  fs.mkdirSync(join(runsDirectory, 'early'));
  fs.writeFileSync(join(runsDirectory, 'early', 'run.yaml'), 'half: wri');
  fs.writeFileSync(join(runsDirectory, 'early', 'manifest.json.12-0.partial'), '{');
  const journal = await createRun({ runsDirectory, name: 'early', config: { seed: 3 }, manifest });
  journal.close();
  expect(await (await RunReader.open(runsDirectory, 'early')).config()).toEqual({ seed: 3 });
});
