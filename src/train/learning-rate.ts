/**
 * Learning rates over a run: linear warm-up to a peak, then constant, or linear or cosine decay to a fraction of it.
 */
import { z } from 'zod';

/** Fields of a run file's `training` section. */
export const learningRateFields = {
  /** The peak. */
  learningRate: z.number().positive(),
  /** Steps over which the rate rises from learningRate / warmupSteps to learningRate. */
  warmupSteps: z.int().nonnegative().default(0),
  decay: z.enum(['none', 'linear', 'cosine']).default('none'),
  /** The rate of the last step over the peak; 0.1 unless given. Only with a decay. */
  finalFraction: z.number().min(0).max(1).optional(),
};

export interface LearningRate {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly decay: 'none' | 'linear' | 'cosine';
  readonly finalFraction?: number | undefined;
}

const DEFAULT_FINAL_FRACTION = 0.1;

/** Settings that would have no effect, without the section's name. */
export function learningRateContradictions({ decay, finalFraction }: LearningRate): string[] {
  if (decay !== 'none' || finalFraction === undefined) return [];
  return ['finalFraction has no effect with decay: none; choose linear or cosine, or leave it out'];
}

/**
 * The rate of step `step` (from 0) of `steps`. Warm-up: peak * (step + 1) / warmupSteps. After it, with u going from 0 at its end
 * to 1 at the last step: linear peak * (1 - (1 - f) u), cosine peak * (f + (1 - f)(1 + cos(pi u)) / 2).
 */
export function learningRateAt(rate: LearningRate, step: number, steps: number): number {
  const { learningRate: peak, warmupSteps, decay, finalFraction = DEFAULT_FINAL_FRACTION } = rate;
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - 1 - warmupSteps));
  if (decay === 'none') return peak;
  if (decay === 'linear') return peak * (1 - (1 - finalFraction) * progress);
  return peak * (finalFraction + ((1 - finalFraction) * (1 + Math.cos(Math.PI * progress))) / 2);
}
