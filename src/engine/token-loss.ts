/**
 * The losses of `core/datum.ts` for one token in closed form: value, and slope with respect to the current log-probability.
 */
import type { Loss } from '../core/datum.ts';

export interface TokenLoss {
  readonly value: number;
  /** d value / d logprob */
  readonly slope: number;
}

/**
 * Where max or clip has a corner the slope is that of the unclipped side, so ratio 1 on bounds [1, 1] still learns.
 * importance_sampling, logprob = samplingLogprob, weight 2 -> value -2, slope -2.
 * @param logprob nats, under the current policy
 * @param samplingLogprob nats, as the sampler reported
 */
export function tokenLoss(loss: Loss, logprob: number, samplingLogprob: number, weight: number): TokenLoss {
  if (loss.kind === 'cross_entropy') return { value: -weight * logprob, slope: -weight };
  const ratio = Math.exp(logprob - samplingLogprob);
  const unclipped = -weight * ratio;
  if (loss.kind === 'importance_sampling') return { value: unclipped, slope: unclipped };
  const clipped = -weight * Math.min(Math.max(ratio, loss.ratioMin), loss.ratioMax);
  if (loss.kind === 'cispo') return { value: clipped * logprob, slope: clipped };
  const ceiling = loss.dualClip !== undefined && weight < 0 ? -weight * loss.dualClip : Number.POSITIVE_INFINITY;
  const value = Math.max(unclipped, clipped);
  if (value > ceiling) return { value: ceiling, slope: 0 };
  return { value, slope: unclipped >= clipped ? unclipped : 0 };
}
