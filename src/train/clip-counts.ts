/**
 * Tokens that the bounds of a loss decided, counted by polarity and by side of ratio 1: by the engine's own losses, or as a closed form
 * says. Counted are the tokens of rollouts with an advantage; a token without one has nothing to clip.
 *
 * Dimensions: T completion tokens.
 */
import type { Loss } from '../core/datum.ts';
import { tokenLoss } from '../engine/token-loss.ts';
import { type Metrics, present, STRATA, type Stratum, share, stratumOf } from './metrics.ts';
import { hasSignal, type Term } from './minibatches.ts';

export interface ClipCount {
  readonly tokens: number;
  /** Decided by a bound, with a ratio below 1, and not below. */
  readonly low: number;
  readonly high: number;
}

export type ClipCounts = Readonly<Record<Stratum, ClipCount>>;

const NONE: ClipCount = { tokens: 0, low: 0, high: 0 };

/** -1 where a bound decided a token's slope at a ratio below 1, 1 where at another, 0 where none did. */
type Side = (i: number, t: number) => number;

function counted(terms: readonly Term[], sideOf: Side): ClipCounts {
  const counts = { positive: { ...NONE }, negative: { ...NONE }, unknown: { ...NONE } };
  for (const [i, term] of terms.entries()) {
    if (!hasSignal(term)) continue;
    const count = counts[stratumOf(term.rollout)];
    const { advantages, mask } = term.shaped;
    for (let t = 0; t < mask.length; t++) {
      if (mask[t] === 0) continue;
      count.tokens += 1;
      const side = advantages[t] === 0 ? 0 : sideOf(i, t);
      if (side < 0) count.low += 1;
      else if (side > 0) count.high += 1;
    }
  }
  return counts;
}

/** @param sides [terms][T] of `minibatchLoss` */
export const closedClips = (terms: readonly Term[], sides: readonly Int8Array[]): ClipCounts =>
  counted(terms, (i, t) => sides[i]?.[t] ?? 0);

/**
 * By an engine's own loss; undefined for one without bounds.
 * @param logprobs [terms][T] the trainer's
 */
export function stockClips(
  loss: Loss,
  terms: readonly Term[],
  logprobs: readonly Float32Array[],
): ClipCounts | undefined {
  if (loss.kind !== 'ppo' && loss.kind !== 'cispo') return undefined;
  return counted(terms, (i, t) => {
    const term = terms[i];
    const sampled = term?.rollout.completion.logprobs[t] ?? 0;
    const logprob = logprobs[i]?.[t] ?? sampled;
    const ratio = Math.exp(logprob - sampled);
    const isDecided =
      loss.kind === 'ppo'
        ? tokenLoss(loss, logprob, sampled, term?.shaped.advantages[t] ?? 0).slope === 0
        : ratio < loss.ratioMin || ratio > loss.ratioMax;
    return isDecided ? (ratio < 1 ? -1 : 1) : 0;
  });
}

const sum = (a: ClipCount, b: ClipCount): ClipCount => ({
  tokens: a.tokens + b.tokens,
  low: a.low + b.low,
  high: a.high + b.high,
});

export const joinedClips = (all: readonly ClipCounts[]): ClipCounts => {
  const of = (stratum: Stratum) => all.map((counts) => counts[stratum]).reduce(sum, NONE);
  return { positive: of('positive'), negative: of('negative'), unknown: of('unknown') };
};

/** Shares of the tokens that count, of all and by polarity. */
export function clipMetrics(all: readonly ClipCounts[]): Metrics {
  const counts = joinedClips(all);
  const shares = (name: string, { tokens, low, high }: ClipCount) =>
    present({
      [`loss/${name}ratio_clipped_frac`]: share(low + high, tokens),
      [`loss/${name}ratio_clipped_low_frac`]: share(low, tokens),
      [`loss/${name}ratio_clipped_high_frac`]: share(high, tokens),
    });
  const whole = STRATA.map((stratum) => counts[stratum]).reduce(sum, NONE);
  return { ...shares('', whole), ...shares('positive/', counts.positive), ...shares('negative/', counts.negative) };
}
