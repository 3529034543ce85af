/** What the engine holds while it trains: compiled graphs are bounded, and numbers that change at every step compile nothing. */
import { afterEach, expect, it } from 'vitest';
import type { Loss } from '../../core/datum.ts';
import { EngineError } from '../../core/errors.ts';
import { RandomStream, randomKey } from '../../core/random.ts';
import type { ModelConfig } from '../../model/config.ts';
import { initialParameters } from '../../model/initialise.ts';
import { toDatum } from '../../train/datums.ts';
import { tokenLoss } from '../token-loss.ts';
import { createOnnxEngine, type OnnxEngine } from './engine.ts';
import type { PlanName } from './plan-choice.ts';

const CONFIG: ModelConfig = {
  family: 'llama',
  vocabularySize: 10,
  hiddenSize: 16,
  layers: 1,
  heads: 1,
  kvHeads: 1,
  headSize: 16,
  feedForwardSize: 16,
  maxContext: 1024,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: false,
  queryKeyNorm: false,
  tiedHead: true,
};
const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };

let engine: OnnxEngine | undefined;
afterEach(() => engine?.close());

async function start(plan: PlanName): Promise<OnnxEngine> {
  const parameters = initialParameters(CONFIG, randomKey(4), { embedding: 0.5, linear: 0.3 });
  engine = await createOnnxEngine(CONFIG, parameters, { backend: 'koffi', threads: 1, rows: 2, tokenBudget: 64, plan });
  return engine;
}

function datum(length: number) {
  const random = new RandomStream(randomKey(length));
  const tokens = Int32Array.from({ length }, () => random.integer(0, 9));
  const weights = Float32Array.from({ length }, () => random.normal());
  return toDatum(Int32Array.of(1), tokens, weights, new Float32Array(length).fill(-2.3));
}

it.each(['whole', 'segmented'] as const)(
  'sessions are bounded however many shapes and steps, %s plan',
  async (plan) => {
    const engine = await start(plan);
    const counts: number[] = [];
    for (let step = 0; step < 24; step++) {
      const sampler = await engine.sampler();
      const request = { prompt: Int32Array.of(1, 2), count: 1, maxTokens: 2, stopTokens: [], key: randomKey(step) };
      await sampler.sample({ ...request, temperature: 1 });
      await engine.forwardBackward([datum(16 * (step + 1))], { kind: 'importance_sampling' });
      await engine.optimStep(ADAM);
      counts.push(engine.liveSessions);
    }
    // two samplers, AdamW's pair, and 16 whole graphs or 4 pairs of layers with a head
    expect(Math.max(...counts)).toBeLessThanOrEqual(plan === 'whole' ? 20 : 13);
    expect(counts.at(-1)).toBe(counts.at(-2));
    await engine.close();
    expect(engine.liveSessions).toBe(0);
  },
);

it.each(['whole', 'segmented'] as const)('bounds of the ratio may differ at every step, %s plan', async (plan) => {
  const engine = await start(plan);
  const data = [datum(9), datum(12)];
  const losses: Loss[] = [
    { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
    { kind: 'ppo', ratioMin: 0.1, ratioMax: 6 },
    { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2, dualClip: 3 },
    { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2, dualClip: 1.3 },
    { kind: 'cispo', ratioMin: 0.9, ratioMax: 1.1 },
    { kind: 'cispo', ratioMin: 0, ratioMax: 2 },
  ];
  const found: number[] = [];
  for (const loss of losses) {
    const result = await engine.forwardBackward(data, loss);
    let expected = 0;
    data.forEach(({ mask, weight, samplingLogprob }, d) => {
      for (let i = 0; i < mask.length; i++)
        if (mask[i] === 1) expected += tokenLoss(loss, result.logprobs[d]![i]!, samplingLogprob[i]!, weight[i]!).value;
    });
    expect(Math.abs(result.loss - expected)).toBeLessThan(1e-4);
    found.push(result.loss);
  }
  expect(new Set(found).size).toBe(losses.length);
  const before = engine.liveSessions;
  for (const ratioMax of [1.3, 1.4, 1.5]) await engine.forwardBackward(data, { ...losses[0], ratioMax } as Loss);
  expect(engine.liveSessions).toBe(before);
});

it('calls made after close() began are refused, and closing twice is fine', async () => {
  const engine = await start('whole');
  const closing = engine.close();
  await expect(engine.forward([datum(3)])).rejects.toBeInstanceOf(EngineError);
  await Promise.all([closing, engine.close()]);
  expect(engine.liveSessions).toBe(0);
});
