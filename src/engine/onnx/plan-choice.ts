/**
 * Which training plan a model gets: the whole graph while its activations fit comfortably, else segments.
 */
import type { Executor } from '../../graph/executor.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { TrainingPlan } from './plan.ts';
import { HEAD_ROWS, SegmentedPlan } from './segmented-plan.ts';
import { WholePlan } from './whole-plan.ts';

/** Beyond this the whole graph's activations cost more memory than recomputation costs time. */
const WHOLE_BYTES = 3 * 2 ** 30;

/**
 * Bytes of activations the whole graph keeps for `rows` positions, estimated from above: residuals, norms, q, k, v, attention over
 * sequences of `length` positions (not known: as long as the context allows), gate and up, and three copies of the logits.
 */
export function wholePlanBytes(config: ModelConfig, rows: number, length = Math.min(config.maxContext, rows)): number {
  const { hiddenSize: C, feedForwardSize: F, heads: H, kvHeads: KV, headSize: D, vocabularySize: V, layers } = config;
  const perRow = layers * (8 * C + 4 * (H + 2 * KV) * D + 5 * F + 3 * H * length) + 3 * V;
  return 4 * rows * perRow;
}

/** Bytes of activations of one micro-batch of sequences of up to `length` positions, by the plan that is chosen for the model. */
export function activationBytes(config: ModelConfig, tokenBudget: number, length: number): number {
  if (choosePlan(config, tokenBudget) === 'whole') return wholePlanBytes(config, tokenBudget, length);
  const states = 4 * (config.layers + 3) * tokenBudget * config.hiddenSize;
  const oneLayer = wholePlanBytes({ ...config, layers: 1, vocabularySize: 0 }, tokenBudget, length);
  return states + oneLayer + 4 * 3 * HEAD_ROWS * config.vocabularySize;
}

export type PlanName = 'whole' | 'segmented';

export function choosePlan(config: ModelConfig, tokenBudget: number): PlanName {
  return wholePlanBytes(config, tokenBudget) <= WHOLE_BYTES ? 'whole' : 'segmented';
}

/** `parameters` and `gradient`: flat buffers laid out by `parameterLayout`; gradients are added to `gradient`. */
export function startPlan(
  name: PlanName,
  executor: Executor,
  config: ModelConfig,
  parameters: Float32Array,
  gradient: Float32Array,
): TrainingPlan {
  const Plan = name === 'whole' ? WholePlan : SegmentedPlan;
  return new Plan(executor, config, parameters, gradient);
}
