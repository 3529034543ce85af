/**
 * What a policy takes of this machine's memory, estimated part by part before anything is allocated.
 */
import { totalmem } from 'node:os';
import { EngineError } from '../../core/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { parameterLayout } from '../../model/parameters.ts';
import { activationBytes, choosePlan, type PlanName } from './plan-choice.ts';

export interface MemoryPlan {
  readonly weightBytes: number;
  readonly gradientBytes: number;
  /** Both of AdamW's. */
  readonly momentBytes: number;
  /** The current sampler and the one before it, which stays usable: for each a copy of the weights and the one its session packs. */
  readonly samplerBytes: number;
  readonly plan: PlanName;
  /** Of one micro-batch. */
  readonly activationBytes: number;
  /** Keys and values of all rows at `cachePositions`, for both samplers. */
  readonly cacheBytes: number;
  readonly cachePositions: number;
}

const FLOAT_BYTES = 4;

/** @param positions prompt and completion of the longest rollout, in tokens */
export function planMemory(
  config: ModelConfig,
  { rows, tokenBudget, positions }: { readonly rows: number; readonly tokenBudget: number; readonly positions: number },
): MemoryPlan {
  const weightBytes = FLOAT_BYTES * parameterLayout(config).length;
  // a tied head is looked up as rows and multiplied as a packed matrix
  const tied = config.tiedHead ? FLOAT_BYTES * config.vocabularySize * config.hiddenSize : 0;
  return {
    weightBytes,
    gradientBytes: weightBytes,
    momentBytes: 2 * weightBytes,
    samplerBytes: 2 * (2 * weightBytes + tied),
    plan: choosePlan(config, tokenBudget),
    activationBytes: activationBytes(config, tokenBudget, positions),
    cacheBytes: 2 * FLOAT_BYTES * 2 * config.layers * rows * config.kvHeads * config.headSize * positions,
    cachePositions: positions,
  };
}

/** All of it, while training. */
export const totalBytes = (plan: MemoryPlan): number =>
  plan.weightBytes + plan.gradientBytes + plan.momentBytes + plan.samplerBytes + plan.activationBytes + plan.cacheBytes;

/** The machine's, or what its container allows. */
export function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/**
 * Two copies of the weights, one to hold and one to sample with, are the least any use takes.
 * @throws EngineError when this machine cannot have them, before they are asked for.
 */
export function checkMemory(config: ModelConfig, what: string, available = memoryBytes()): void {
  const least = 2 * FLOAT_BYTES * parameterLayout(config).length;
  if (least <= available) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new EngineError(
    `${what} needs at least ${gigabytes(least)} of memory, this machine has ${gigabytes(available)}; choose a smaller one`,
  );
}
