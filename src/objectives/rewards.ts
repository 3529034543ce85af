/**
 * Reward transforms: verdict reward, polarity and length -> the reward that the baseline sees. Polarity is never changed
 * by them: it comes from the verdict.
 */
import { z } from 'zod';
import { type Resolved, scalar, scalarIn } from './schedule.ts';

export const rewardTransformSchema = z.discriminatedUnion('transform', [
  /** 1 for correct, 0 for incorrect, whatever partial reward the verifier gave. */
  z.strictObject({ transform: z.literal('binary') }),
  /** 2 r - 1: rewards 0 and 1 become -1 and +1. */
  z.strictObject({ transform: z.literal('signed') }),
  /** factor * r + offset. */
  z.strictObject({ transform: z.literal('affine'), factor: scalar, offset: scalar }),
  /**
   * Soft overlong punishment: r + min(0, -(length - (maxTokens - bufferTokens)) / bufferTokens * factor)
   * (DAPO, arXiv:2503.14476, Eq. 13; there maxTokens 20480, bufferTokens 4096, factor 1).
   */
  z
    .strictObject({
      transform: z.literal('overlong'),
      maxTokens: z.number().int().positive(),
      bufferTokens: z.number().int().positive(),
      factor: scalarIn(0, Number.MAX_VALUE).default(1),
    })
    .refine((t) => t.bufferTokens <= t.maxTokens, { error: 'must have `bufferTokens` at most `maxTokens`' }),
]);

export type RewardTransform = Resolved<z.infer<typeof rewardTransformSchema>>;

/** What a transform may look at. */
export interface RewardInput {
  readonly isCorrect: boolean;
  /** Completion tokens. */
  readonly length: number;
}

/** The reward after all transforms, in order. */
export function transformReward(transforms: readonly RewardTransform[], reward: number, input: RewardInput): number {
  return transforms.reduce((r, transform) => applyTransform(transform, r, input), reward);
}

function applyTransform(transform: RewardTransform, reward: number, input: RewardInput): number {
  switch (transform.transform) {
    case 'binary':
      return input.isCorrect ? 1 : 0;
    case 'signed':
      return 2 * reward - 1;
    case 'affine':
      return transform.factor * reward + transform.offset;
    case 'overlong': {
      const excess = input.length - (transform.maxTokens - transform.bufferTokens);
      return reward - Math.max(0, (excess / transform.bufferTokens) * transform.factor);
    }
  }
}
