import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { UserError } from '../core/errors.ts';
import { RunReader } from './reader.ts';
import type { RolloutRow } from './rollout-file.ts';
import { withoutTime } from './schema.ts';
import { createRun, type RunWriter, resumeRun } from './writer.ts';

let runsDirectory = '';

beforeEach(() => {
  runsDirectory = fs.mkdtempSync(join(tmpdir(), 'journal-'));
});

afterEach(() => {
  fs.rmSync(runsDirectory, { recursive: true });
});

function create(name: string): Promise<RunWriter> {
  return createRun({
    runsDirectory,
    name,
    config: { seed: 7, task: { name: 'countdown' } },
    manifest: { seed: 7, versions: { polarity: '0.1.0' }, dataHashes: {}, environment: { cores: 4 } },
  });
}

function row(step: number, index: number): RolloutRow {
  return {
    step,
    group: 0,
    index,
    problemId: `train/${step}`,
    prompt: '2 3 -> 6',
    completion: '2*3',
    verdict: { outcome: 'correct', reward: 1, explanation: '2*3 = 6' },
    stopReason: 'stop',
    policyVersion: step - 1,
    promptTokens: Int32Array.of(1, 2),
    tokens: Int32Array.of(3, 4),
    logprobs: Float32Array.of(-0.5, -step),
    entropies: Float32Array.of(1, 2),
    advantages: Float32Array.of(0.25, 0.5),
    rules: Int32Array.of(0, 1),
    logprobChanges: new Float32Array(0),
  };
}

/** A loop of the length given: every file of a step, evaluation and checkpoint at even ones. */
async function train(journal: RunWriter, from: number, to: number): Promise<void> {
  for (let step = from; step <= to; step++) {
    await journal.rollouts(step, [row(step, 0), row(step, 1)], ['unlikely-positive']);
    journal.metrics(step, { 'rollout/reward/mean': 1 / step, 'time/step_s': Math.random() });
    if (step % 2 !== 0) continue;
    journal.evaluation({
      step,
      policyVersion: step,
      name: 'countdown/test',
      protocol: { problems: 2 },
      metrics: { 'evaluate/pass_at_1': step / 10 },
      intervals: {},
    });
    await journal.checkpoint({
      step,
      policyVersion: step,
      state: { cursor: step },
      save: async (directory) => fs.writeFileSync(join(directory, 'weights.bin'), `weights ${step}`),
    });
  }
}

function equalParts(name: string): unknown {
  const directory = join(runsDirectory, name);
  const lines = (file: string) =>
    fs
      .readFileSync(join(directory, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.stringify(withoutTime(JSON.parse(line))));
  const rollouts = fs.readdirSync(join(directory, 'rollouts')).map((file) => {
    return [file, fs.readFileSync(join(directory, 'rollouts', file)).toString('hex')];
  });
  return [lines('metrics.jsonl'), lines('evaluations.jsonl'), rollouts, fs.readdirSync(join(directory, 'checkpoints'))];
}

test('a run directory holds the configuration, the manifest and the lines as given', async () => {
  const journal = await create('first');
  await train(journal, 1, 2);
  journal.event({ step: 2, level: 'warning', kind: 'ratio-canary', message: 'ratio 1.2', details: { ratio: 1.2 } });
  journal.close();
  expect(parse(fs.readFileSync(join(runsDirectory, 'first', 'run.yaml'), 'utf8'))).toEqual({
    seed: 7,
    task: { name: 'countdown' },
  });
  const run = await RunReader.open(runsDirectory, 'first');
  expect(run.manifest).toEqual({
    journalVersion: 1,
    name: 'first',
    seed: 7,
    versions: { polarity: '0.1.0' },
    dataHashes: {},
    environment: { cores: 4 },
  });
  expect((await run.metrics()).lines.map(({ step, metrics }) => [step, metrics['rollout/reward/mean']])).toEqual([
    [1, 1],
    [2, 0.5],
  ]);
  expect((await run.evaluations()).lines.map((line) => line.metrics)).toEqual([{ 'evaluate/pass_at_1': 0.2 }]);
  expect((await run.events()).lines.map((line) => line.kind)).toEqual(['ratio-canary']);
  expect(await run.rolloutSteps()).toEqual([1, 2]);
  const file = await run.rollouts(2);
  expect(file.rules).toEqual(['unlikely-positive']);
  expect((await file.read({ start: 1 })).map((found) => found.index)).toEqual([1]);
  await file.close();
});

test('a run resumed from any checkpoint after any crash ends with the files of one never interrupted', async () => {
  const whole = await create('whole');
  await train(whole, 1, 6);
  whole.close();
  for (const [crashAfter, resumeFrom] of [
    [1, undefined],
    [4, undefined],
    [5, undefined],
    [5, 2],
    [6, 4],
  ] as const) {
    const name = `crash-${crashAfter}-${resumeFrom ?? 'latest'}`;
    const interrupted = await create(name);
    await train(interrupted, 1, crashAfter);
    interrupted.close();
    // the crash: a torn line, an unfinished checkpoint and an unfinished Parquet file
    const directory = join(runsDirectory, name);
    fs.appendFileSync(join(directory, 'metrics.jsonl'), '{"step":');
    fs.appendFileSync(join(directory, 'events.jsonl'), '{"st');
    fs.mkdirSync(join(directory, 'checkpoints', '.step-000006.partial'), { recursive: true });
    fs.writeFileSync(join(directory, 'rollouts', 'step-000007.parquet.1-1.partial'), 'PAR1');
    const { journal, checkpoint } = await resumeRun({
      runsDirectory,
      name,
      ...(resumeFrom === undefined ? {} : { step: resumeFrom }),
    });
    const step = checkpoint?.step ?? 0;
    expect(step).toBe(resumeFrom ?? crashAfter - (crashAfter % 2));
    await train(journal, step + 1, 6);
    journal.close();
    expect(equalParts(name)).toEqual(equalParts('whole'));
    const { lines, tornBytes } = await (await RunReader.open(runsDirectory, name)).events();
    expect([lines.map((line) => line.kind), tornBytes]).toEqual([['taken-back'], 0]);
  }
});

test('what a resume takes away is kept in discarded/', async () => {
  const journal = await create('kept');
  await train(journal, 1, 4);
  const before = fs.readFileSync(join(runsDirectory, 'kept', 'metrics.jsonl'), 'utf8');
  journal.close();
  const resumed = await resumeRun({ runsDirectory, name: 'kept', step: 2 });
  resumed.journal.close();
  const into = join(runsDirectory, 'kept', 'discarded', '001-after-step-2');
  expect(fs.readFileSync(join(runsDirectory, 'kept', 'metrics.jsonl'), 'utf8')).toBe(
    before.slice(0, before.indexOf('{"step":3')),
  );
  expect(fs.readFileSync(join(into, 'metrics.jsonl'), 'utf8')).toBe(before.slice(before.indexOf('{"step":3')));
  expect(fs.readdirSync(into).sort()).toEqual(['checkpoints', 'evaluations.jsonl', 'metrics.jsonl', 'rollouts']);
  expect(fs.readdirSync(join(into, 'rollouts'))).toEqual(['step-000003.parquet', 'step-000004.parquet']);
  expect(fs.readFileSync(join(into, 'checkpoints', 'step-000004', 'weights.bin'), 'utf8')).toBe('weights 4');
  expect(resumed.discarded).toHaveLength(5);
});

test('a run can be neither created twice nor resumed before it exists nor from a step without a checkpoint', async () => {
  const journal = await create('twice');
  await train(journal, 1, 2);
  journal.close();
  await expect(create('twice')).rejects.toThrow(/run twice exists already in .*: resume it, or choose another name/);
  await expect(resumeRun({ runsDirectory, name: 'absent' })).rejects.toThrow(/absent holds no run/);
  await expect(resumeRun({ runsDirectory, name: 'twice', step: 3 })).rejects.toThrow(
    'run twice has no checkpoint at step 3: it has 2',
  );
});

test('a directory with foreign files is not taken for a run', async () => {
  fs.mkdirSync(join(runsDirectory, 'thesis'));
  fs.writeFileSync(join(runsDirectory, 'thesis', 'chapter-1.tex'), '');
  await expect(create('thesis')).rejects.toThrow(/is not empty \(it holds chapter-1.tex\)/);
});

test('a metrics file that was edited below the checkpoint is not cut blindly', async () => {
  const journal = await create('edited');
  await train(journal, 1, 2);
  journal.close();
  const path = join(runsDirectory, 'edited', 'metrics.jsonl');
  fs.writeFileSync(path, fs.readFileSync(path, 'utf8').slice(5));
  await expect(resumeRun({ runsDirectory, name: 'edited' })).rejects.toThrow(/metrics.jsonl was changed after step 2/);
  fs.writeFileSync(path, 'x'.repeat(10_000));
  await expect(resumeRun({ runsDirectory, name: 'edited' })).rejects.toThrow(UserError);
});

test('a run whose directory is deleted under it ends with an error and makes no new one', async () => {
  const journal = await create('deleted');
  await train(journal, 1, 2);
  const directory = join(runsDirectory, 'deleted');
  fs.rmSync(directory, { recursive: true });
  const content = { step: 3, policyVersion: 3, state: {}, save: async () => {} };
  const refusal = /metrics.jsonl has been deleted while the run was being written/;
  expect(() => journal.metrics(3, { 'rollout/reward/mean': 1 })).toThrow(refusal);
  await expect(journal.rollouts(3, [row(3, 0)], [])).rejects.toThrow(refusal);
  await expect(journal.checkpoint(content)).rejects.toThrow(refusal);
  journal.close();
  expect(fs.existsSync(directory)).toBe(false);
});

test('a run given by a relative path stays where it is when the working directory changes', async () => {
  const journal = await createRun({
    runsDirectory: relative(process.cwd(), runsDirectory),
    name: 'relative',
    config: {},
    manifest: { seed: 7, versions: {}, dataHashes: {}, environment: {} },
  });
  journal.close();
  expect(journal.directory).toBe(join(runsDirectory, 'relative'));
});

test('run names cannot lead out of the runs directory', async () => {
  for (const name of ['', '.', '..', '../x', 'a/b', 'a\\b', '/etc', '.hidden', 'dot.', 'a\0b', 'a b', 'x'.repeat(101)])
    await expect(create(name)).rejects.toThrow(/run name must be 1 to 100 letters/);
  expect(fs.readdirSync(runsDirectory)).toEqual([]);
});
