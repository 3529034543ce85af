/**
 * Aggregation: engines only sum over tokens, so every mean is a factor on each rollout's coefficients. A rollout without
 * counted tokens (unknown verdict, filtered, empty) is no rollout here.
 *
 * Dimensions: B rollouts of one minibatch.
 */
import { z } from 'zod';
import { assert } from '../core/errors.ts';
import type { Resolved } from './schedule.ts';

export const aggregationSchema = z.union(
  [
    z.enum(['token-mean', 'seq-mean-token-mean', 'seq-mean-token-sum']),
    /** Divides by rollouts * constantTokens: no length bias (Dr. GRPO, arXiv:2503.20783). */
    z.strictObject({ constantTokens: z.number().int().positive() }),
  ],
  {
    error: "aggregation must be 'token-mean', 'seq-mean-token-mean', 'seq-mean-token-sum' or {constantTokens: n}",
  },
);

export type Aggregation = Resolved<z.infer<typeof aggregationSchema>>;

/**
 * [B] what to multiply each rollout's coefficients by so that a plain sum over the minibatch equals the aggregation:
 * - token-mean: sum of all tokens / number of tokens
 * - seq-mean-token-mean: mean over rollouts of their token means
 * - seq-mean-token-sum: mean over rollouts of their token sums
 * - constant: sum / (rollouts * constantTokens)
 *
 * Example: token counts [1, 3] -> token-mean [1/4, 1/4], seq-mean-token-mean [1/2, 1/6].
 *
 * @param tokenCounts [B] counted tokens of each rollout: `countedTokens(shaped)`.
 * @param rollouts of the minibatch with counted tokens, where `tokenCounts` are only a part of it (never with token-mean).
 */
export function aggregationScales(
  aggregation: Aggregation,
  tokenCounts: readonly number[],
  rollouts = tokenCounts.filter((count) => count > 0).length,
): Float64Array {
  assert(
    tokenCounts.every((count) => Number.isInteger(count) && count >= 0),
    `token counts must be non-negative integers, got ${tokenCounts}`,
  );
  const tokens = tokenCounts.reduce((a, b) => a + b, 0);
  return Float64Array.from(tokenCounts, (count) => (count === 0 ? 0 : scaleOf(aggregation, count, rollouts, tokens)));
}

function scaleOf(aggregation: Aggregation, count: number, rollouts: number, tokens: number): number {
  switch (aggregation) {
    case 'token-mean':
      return 1 / tokens;
    case 'seq-mean-token-mean':
      return 1 / (rollouts * count);
    case 'seq-mean-token-sum':
      return 1 / rollouts;
    default:
      return 1 / (rollouts * aggregation.constantTokens);
  }
}
