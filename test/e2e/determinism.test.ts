/**
 * The embedded engine's promise through the command: the same seed gives the same run, byte for byte, whatever is decoded side by side
 * and wherever the run was interrupted. Metrics, evaluations (time aside), rollouts, weights and moments are compared.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesWithoutTime, polarity, removeFolder, temporaryFolder } from './polarity.ts';

const STEPS = 12;
const PRETRAIN = [
  'task: echo',
  'policy: tiny',
  'model: { family: qwen3, hiddenSize: 32, layers: 1, heads: 2, kvHeads: 1, feedForwardSize: 64, maxContext: 32 }',
  'engine: { onnx: { threads: 1 } }',
  'training: { steps: 10, batchSize: 32, learningRate: 0.01 }',
  'sampling: { maxTokens: 12 }',
  'evaluation: { atEnd: false }',
].join('\n');
const RUN = [
  'task: echo',
  'policy: tiny',
  'engine: { onnx: { threads: 1 } }',
  'sampling: { groupSize: 8, maxTokens: 12 }',
  `training: { steps: ${STEPS}, problemsPerStep: 8, minibatches: 2, learningRate: 0.003 }`,
  'evaluation: { problems: 24, samples: 4, passAt: [1, 4], every: 5 }',
  'journal: { rolloutsEvery: 1, checkpointsEvery: 0 }',
].join('\n');

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'pretrain.yaml'), PRETRAIN);
  writeFileSync(join(folder, 'run.yaml'), RUN);
  await polarity(['pretrain', 'pretrain.yaml'], folder);
  await train('whole');
});
afterAll(() => removeFolder(folder));

async function train(name: string, ...changes: string[]): Promise<void> {
  const settings = changes.flatMap((change) => (change.startsWith('--') ? change.split(' ') : ['--set', change]));
  const { exitCode, stderr } = await polarity(['train', 'run.yaml', '--name', name, ...settings], folder);
  expect([exitCode, stderr]).toEqual([0, '']);
}

/** Everything that equal runs have in common. */
function made(run: string): Record<string, unknown> {
  const bytesIn = (...path: string[]) => {
    const directory = join(folder, 'runs', run, ...path);
    const names = readdirSync(directory).filter((name) => /\.(parquet|safetensors)$/.test(name));
    return names.map((name) => [name, readFileSync(join(directory, name)).toString('base64')]);
  };
  return {
    metrics: linesWithoutTime(folder, run, 'metrics.jsonl'),
    evaluations: linesWithoutTime(folder, run, 'evaluations.jsonl'),
    rollouts: bytesIn('rollouts'),
    state: bytesIn('checkpoints', `step-${String(STEPS).padStart(6, '0')}`),
  };
}

describe.concurrent('a run of the embedded engine', () => {
  it('has something to differ in: rollouts of several lengths and weights that move', () => {
    const { metrics, rollouts, state, evaluations } = made('whole') as Record<string, string[]>;
    expect([metrics?.length, evaluations?.length, rollouts?.length, state?.length]).toEqual([STEPS, 4, STEPS, 2]);
    const lengths = metrics?.map((line) => JSON.parse(line)['rollout/completion_tokens/mean'] as number) ?? [];
    expect(new Set(lengths).size).toBeGreaterThan(6);
    expect(JSON.parse(metrics?.at(-1) ?? '')['policy/version']).toBeGreaterThan(STEPS);
  });

  it.each([
    ['one problem at a time', 'sampling.concurrency=1'],
    ['seven problems at a time', 'sampling.concurrency=7'],
    ['three rows decoded together', 'engine.onnx.rows=3'],
    ['a hundred rows decoded together', 'engine.onnx.rows=100'],
  ])('is the same with %s', async (_what, change) => {
    const name = change.replace(/\W/g, '-');
    await train(name, change);
    expect(made(name)).toEqual(made('whole'));
  });

  it('is the same when it stops after 6 steps and is resumed for 6', async () => {
    await train('halves', '--stop-after 6');
    expect(linesWithoutTime(folder, 'halves', 'metrics.jsonl')).toHaveLength(6);
    await polarity(['train', '--resume', 'runs/halves'], folder);
    expect(made('halves')).toEqual(made('whole'));
  });

  it('differs with another seed', async () => {
    await train('seed', 'seed=1');
    expect(made('seed')['metrics']).not.toEqual(made('whole')['metrics']);
  });
});
