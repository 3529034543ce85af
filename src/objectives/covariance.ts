/**
 * Covariance rules (arXiv:2505.22617): tokens whose (A - mean A)(log pi - mean log pi) is large drive entropy down. They
 * look at the current policy, so they run inside the update and span one minibatch.
 *
 * Dimensions: N counted tokens of the minibatch, in order.
 */
import { z } from 'zod';
import { type RandomKey, uniform } from '../core/random.ts';
import { mean } from '../core/statistics.ts';
import { type Resolved, scalarIn } from './schedule.ts';
import { choose } from './select.ts';

export const covarianceSchema = z
  .discriminatedUnion('kind', [
    /** Drops the loss of max(1, trunc(N ratio)) random tokens with low < covariance < high that PPO did not clip. */
    z.strictObject({ kind: z.literal('clip-cov'), ratio: scalarIn(0, 1), low: z.number(), high: z.number() }),
    /** Adds coefficient * |log r| on the max(1, trunc(N ratio)) tokens of largest covariance. */
    z.strictObject({ kind: z.literal('kl-cov'), ratio: scalarIn(0, 1), coefficient: scalarIn(0, Number.MAX_VALUE) }),
  ])
  .refine((rule) => rule.kind === 'kl-cov' || rule.low < rule.high, { error: 'must have `low` below `high`' });

export type CovarianceRule = Resolved<z.infer<typeof covarianceSchema>>;

/** [N] */
export function covariances(advantages: Float32Array, logprobs: Float32Array): Float32Array {
  const meanAdvantage = mean(advantages);
  const meanLogprob = mean(logprobs);
  return advantages.map((advantage, n) => (advantage - meanAdvantage) * (logprobs[n]! - meanLogprob));
}

/** [N] 1 for the tokens the rule takes. `isClipped` [N]: PPO already clipped them. `key` decides clip-cov's draw. */
export function covarianceTokens(
  rule: CovarianceRule,
  values: Float32Array,
  isClipped: Uint8Array,
  key: RandomKey,
): Uint8Array {
  const chosen = new Uint8Array(values.length);
  if (rule.kind === 'kl-cov') {
    for (const n of choose(values, { ratio: rule.ratio }, 'high')) chosen[n] = 1;
    return chosen;
  }
  const candidates = [...values.keys()].filter(
    (n) => values[n]! > rule.low && values[n]! < rule.high && isClipped[n] === 0,
  );
  const count = Math.max(1, Math.trunc(values.length * rule.ratio));
  const drawn = candidates
    .map((n) => ({ n, draw: uniform(key, n) }))
    .sort((a, b) => a.draw - b.draw)
    .slice(0, count);
  for (const { n } of drawn) chosen[n] = 1;
  return chosen;
}
