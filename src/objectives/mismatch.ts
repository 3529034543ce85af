/**
 * Mismatch correction: sampler and trainer give the same token slightly different probabilities even at equal weights.
 * The loss of each token is multiplied by a constant made of w = exp(trainer's old logprob - sampler's logprob).
 *
 * Dimensions: T completion tokens.
 */
import { z } from 'zod';
import { type Resolved, scalarIn } from './schedule.ts';

/** token: each token's own w. sequence: the product over the counted tokens of the completion. */
const level = z.enum(['token', 'sequence']).default('token');

export const mismatchSchema = z.discriminatedUnion('kind', [
  /** min(w, max): truncated importance sampling (TIS; verl's default bound is 2). */
  z.strictObject({ kind: z.literal('truncate'), max: scalarIn(Number.MIN_VALUE, Number.MAX_VALUE), level }),
  /** w where min <= w <= max, else 0: masked importance sampling (MIS, IcePop). */
  z.strictObject({ kind: z.literal('mask'), min: scalarIn(0, 1), max: scalarIn(1, Number.MAX_VALUE), level }),
]);

export type Mismatch = Resolved<z.infer<typeof mismatchSchema>>;

/** [T] factor on each token's loss; log ratios are kept within +-20. */
export function mismatchWeights(
  mismatch: Mismatch,
  oldLogprobs: ArrayLike<number>,
  samplerLogprobs: ArrayLike<number>,
  mask: Uint8Array,
): Float32Array {
  const logs = Array.from(mask, (bit, t) => (bit === 1 ? oldLogprobs[t]! - samplerLogprobs[t]! : 0));
  const total = logs.reduce((a, b) => a + b, 0);
  return Float32Array.from(logs, (log) => bounded(mismatch, mismatch.level === 'sequence' ? total : log));
}

function bounded(mismatch: Mismatch, logRatio: number): number {
  const ratio = Math.exp(Math.min(20, Math.max(-20, logRatio)));
  if (mismatch.kind === 'truncate') return Math.min(ratio, mismatch.max);
  return ratio >= mismatch.min && ratio <= mismatch.max ? ratio : 0;
}
