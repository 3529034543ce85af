import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Datum } from '../core/datum.ts';
import { EngineError, UserError } from '../core/errors.ts';
import { randomKey } from '../core/random.ts';
import type { AdamW } from './engine.ts';
import { createFakeEngine, type FakeEngineSettings } from './fake.ts';

const UNIFORM: FakeEngineSettings = { vocabularySize: 4, maxContext: 16, seed: 0, initialLogitStd: 0 };
const ADAM: AdamW = { learningRate: 0.5, beta1: 0.9, beta2: 0.99, epsilon: 1e-12, weightDecay: 0, maxGradNorm: 0 };
const CE = { kind: 'cross_entropy' } as const;

/** One position: `target` after `token`. */
function pair(token: number, target: number, weight = 1): Datum {
  return {
    input: Int32Array.of(token),
    target: Int32Array.of(target),
    mask: Uint8Array.of(1),
    weight: Float32Array.of(weight),
    samplingLogprob: Float32Array.of(0),
  };
}

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fake-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('the uniform policy has log-probability -ln V, entropy ln V, and a gradient checkable by hand', async () => {
  const engine = createFakeEngine(UNIFORM);
  const { loss, logprobs, entropies } = await engine.forwardBackward([pair(1, 2, 3)], CE);
  expect(loss).toBeCloseTo(3 * Math.log(4), 12);
  expect([...(logprobs[0] ?? []), ...(entropies[0] ?? [])]).toEqual([-Math.log(4), Math.log(4)].map(Math.fround));
  // 3 (p - onehot) = 3 [1/4, 1/4, -3/4, 1/4]
  expect((await engine.optimStep(ADAM)).gradNorm).toBeCloseTo(3 * Math.sqrt(12 / 16), 12);
});

test("Adam's first step moves every touched logit by the learning rate, untouched rows not at all", async () => {
  const engine = createFakeEngine(UNIFORM);
  await engine.forwardBackward([pair(1, 2)], CE);
  expect(await engine.optimStep(ADAM)).toMatchObject({ policyVersion: 1 });
  await engine.exportWeights(directory);
  const rows = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as number[][];
  // 4 tokens and 'before the first', one row each
  expect(rows.length).toBe(5);
  expect(rows[0]).toEqual([0, 0, 0, 0]);
  for (const [v, logit] of (rows[1] ?? []).entries()) expect(logit).toBeCloseTo(v === 2 ? 0.5 : -0.5, 9);
});

test('the second step carries momentum and weight decay as the formula says', async () => {
  const engine = createFakeEngine({ ...UNIFORM, vocabularySize: 2 });
  const adam = { ...ADAM, learningRate: 0.1, weightDecay: 0.5, epsilon: 0.01 };
  let [theta, m, v] = [0, 0, 0];
  for (const step of [1, 2, 3]) {
    await engine.forwardBackward([pair(0, 1)], CE);
    await engine.optimStep(adam);
    // logits are [-theta, theta]: p(1) = 1 / (1 + exp(-2 theta)), gradient of logit 1 is p(1) - 1
    const g = 1 / (1 + Math.exp(-2 * theta)) - 1;
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    theta = theta * 0.95 - (0.1 * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - 0.99 ** step)) + 0.01);
  }
  const { logprobs } = await engine.forward([pair(0, 1)]);
  expect(logprobs[0]?.[0]).toBeCloseTo(-Math.log(1 + Math.exp(-2 * theta)), 6);
});

test('temperature divides the logits in forward and in the gradient', async () => {
  const engine = createFakeEngine({ ...UNIFORM, vocabularySize: 2, initialLogitStd: 1 });
  const at = async (temperature: number) => (await engine.forward([pair(0, 1)], { temperature })).logprobs[0]?.[0] ?? 0;
  const logOdds = (logprob: number) => logprob - Math.log1p(-Math.exp(logprob));
  expect(logOdds(await at(0.5))).toBeCloseTo(2 * logOdds(await at(1)), 5);
  await engine.forwardBackward([pair(0, 1)], CE, { temperature: 0.5 });
  const { gradNorm } = await engine.optimStep({ ...ADAM, learningRate: 0 });
  // (1 - p) sqrt 2 / temperature
  expect(gradNorm).toBeCloseTo(((1 - Math.exp(await at(0.5))) * Math.SQRT2) / 0.5, 6);
});

test('conditioning decides what a prediction may depend on', async () => {
  const logprob = async (conditioning: NonNullable<FakeEngineSettings['conditioning']>, input: number[]) => {
    const engine = createFakeEngine({ ...UNIFORM, initialLogitStd: 1, conditioning });
    const completions = await (await engine.sampler()).sample({
      prompt: Int32Array.from(input),
      count: 1,
      maxTokens: 1,
      temperature: 0,
      stopTokens: [],
      key: randomKey(0),
    });
    return completions[0]?.logprobs[0];
  };
  const last = { lastTokens: 1, positions: 1 };
  expect(await logprob(last, [0, 1, 3])).toBe(await logprob(last, [2, 3]));
  const lastTwo = { lastTokens: 2, positions: 1 };
  expect(await logprob(lastTwo, [0, 1, 3])).toBe(await logprob(lastTwo, [2, 1, 3]));
  expect(await logprob(lastTwo, [1, 3])).not.toBe(await logprob(lastTwo, [2, 3]));
  const placed = { lastTokens: 1, positions: 3 };
  expect(await logprob(placed, [3])).not.toBe(await logprob(placed, [0, 3]));
  expect(await logprob(placed, [1, 0, 3])).toBe(await logprob(placed, [1, 0, 0, 0, 3]));
  expect(await logprob({ lastTokens: 0, positions: 1 }, [0])).toBe(
    await logprob({ lastTokens: 0, positions: 1 }, [3, 2]),
  );
});

test('any changed byte of a saved state is found, and another shape is told apart', async () => {
  const engine = createFakeEngine(UNIFORM);
  await engine.saveState(directory);
  const path = join(directory, 'fake-policy.json');
  const text = await readFile(path, 'utf8');
  const larger = createFakeEngine({ ...UNIFORM, vocabularySize: 5 });
  await expect(larger.loadState(directory)).rejects.toThrow(/fake-policy\.json holds a table of another shape: .*4.*5/);
  for (const [from, to] of [
    ['AAAAA', 'AAAAB'],
    ['"policyVersion": 0', '"policyVersion": 7'],
    ['polarity-fake-policy-1', 'polarity-fake-policy-2'],
    ['{', ''],
  ] as const) {
    await writeFile(path, text.replace(from, to));
    const refusal = await engine.loadState(directory).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EngineError);
    expect((refusal as Error).message).toContain('fake-policy.json');
  }
  await writeFile(path, text);
  await engine.loadState(directory);
});

test('settings that make no sense are refused', () => {
  const make = (changes: Partial<FakeEngineSettings>) => () => createFakeEngine({ ...UNIFORM, ...changes });
  expect(make({ vocabularySize: 0 })).toThrow(UserError);
  expect(make({ maxContext: 1 })).toThrow('maxContext must be an integer of at least 2, got 1');
  expect(make({ conditioning: { lastTokens: -1, positions: 1 } })).toThrow(UserError);
  expect(make({ conditioning: { lastTokens: 12, positions: 1 } })).toThrow(/exceeds 16777216 logits/);
});
