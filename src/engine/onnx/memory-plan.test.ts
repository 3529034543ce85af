import { expect, it } from 'vitest';
import { EngineError } from '../../core/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { checkMemory, planMemory, totalBytes } from './memory-plan.ts';
import { choosePlan } from './plan-choice.ts';

const SMALL: ModelConfig = {
  family: 'llama',
  vocabularySize: 21,
  hiddenSize: 128,
  layers: 4,
  heads: 4,
  kvHeads: 4,
  headSize: 32,
  feedForwardSize: 344,
  maxContext: 128,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: false,
  queryKeyNorm: false,
  tiedHead: false,
};
/** Qwen2.5-0.5B: 494 million parameters. */
const HALF_BILLION: ModelConfig = {
  ...SMALL,
  family: 'qwen2',
  attentionBias: true,
  tiedHead: true,
  vocabularySize: 151_936,
  hiddenSize: 896,
  layers: 24,
  heads: 14,
  kvHeads: 2,
  headSize: 64,
  feedForwardSize: 4864,
  maxContext: 32_768,
};
const RUN = { rows: 64, tokenBudget: 4096, positions: 128 };

it('a small policy takes its weights four times to train and twice for each sampler, and its caches', () => {
  const plan = planMemory(SMALL, RUN);
  expect(plan.gradientBytes).toBe(plan.weightBytes);
  expect(plan.momentBytes).toBe(2 * plan.weightBytes);
  expect(plan.samplerBytes).toBe(4 * plan.weightBytes);
  // 2 samplers, keys and values, 4 layers, 64 rows, 4 heads of 32 channels, 128 positions, 4 bytes
  expect(plan.cacheBytes).toBe(2 * 2 * 4 * 64 * 4 * 32 * 128 * 4);
  expect(totalBytes(plan)).toBeLessThan(1e9);
});

it('the whole graph is taken while its activations are small, segments beyond; segments hold less', () => {
  expect(choosePlan(SMALL, 4096)).toBe('whole');
  expect(choosePlan(HALF_BILLION, 4096)).toBe('segmented');
  const { activationBytes, plan } = planMemory(HALF_BILLION, RUN);
  expect(plan).toBe('segmented');
  // 27 states of 4096 x 896, one layer, three chunks of 256 x 151,936 logits: about 2 GB, not the whole graph's 20
  expect(activationBytes).toBeGreaterThan(0.8e9);
  expect(activationBytes).toBeLessThan(3e9);
});

it('a policy that this machine cannot hold twice is refused with both sizes', () => {
  expect(() => checkMemory(HALF_BILLION, 'the policy', 4e9)).not.toThrow();
  expect(() => checkMemory(HALF_BILLION, 'the policy', 3e9)).toThrow(EngineError);
  expect(() => checkMemory(HALF_BILLION, 'the policy', 3e9)).toThrow(
    'the policy needs at least 4.0 GB of memory, this machine has 3.0 GB',
  );
});
