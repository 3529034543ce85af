/**
 * Surrogates of one token in closed form: value, and slope d(value)/d(logprob). With r the importance ratio (of the token, or
 * of its sequence with a straight-through gradient: dr/dlogprob = r either way) and A the advantage.
 *
 * At a corner of max or clip the slope is that of the unclipped side.
 */
import type { Surrogate } from './surrogate.ts';

/** One token under the current policy. */
export interface SurrogateToken {
  readonly advantage: number;
  /** Current log pi(token | prefix), nats. */
  readonly logprob: number;
  /** log r, nats; kept within +-20. */
  readonly logRatio: number;
}

export interface TokenLoss {
  readonly value: number;
  /** d(value) / d(logprob). */
  readonly slope: number;
  /** The bounds, not the advantage, decided the slope. */
  readonly isClipped: boolean;
}

const clip = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

/** Every surrogate that needs nothing of the sequence but its ratio; `geometric-mean` is in geometric-mean.ts. */
export function tokenSurrogate(
  surrogate: Exclude<Surrogate, { kind: 'geometric-mean' }>,
  { advantage, logprob, logRatio }: SurrogateToken,
): TokenLoss {
  const ratio = Math.exp(clip(logRatio, -20, 20));
  const linear = -advantage * ratio;
  switch (surrogate.kind) {
    case 'reinforce':
      return { value: -advantage * logprob, slope: -advantage, isClipped: false };
    case 'importance-sampling':
      return { value: linear, slope: linear, isClipped: false };
    case 'ppo': {
      const bounded = -advantage * clip(ratio, surrogate.ratioMin, surrogate.ratioMax);
      const value = Math.max(linear, bounded);
      const ceiling =
        surrogate.dualClip !== undefined && advantage < 0 ? -advantage * surrogate.dualClip : Number.POSITIVE_INFINITY;
      if (value > ceiling) return { value: ceiling, slope: 0, isClipped: true };
      return linear >= bounded ? { value, slope: linear, isClipped: false } : { value, slope: 0, isClipped: true };
    }
    case 'cispo': {
      const bounded = clip(ratio, surrogate.ratioMin, surrogate.ratioMax);
      const slope = -advantage * bounded;
      return { value: slope * logprob, slope, isClipped: bounded !== ratio };
    }
    case 'sapo': {
      const tau = advantage > 0 ? surrogate.temperaturePositive : surrogate.temperatureNegative;
      const gate = 1 / (1 + Math.exp(-tau * (ratio - 1)));
      return { value: ((-advantage * 4) / tau) * gate, slope: linear * 4 * gate * (1 - gate), isClipped: false };
    }
    case 'dppo': {
      const rise = Math.exp(logprob) - Math.exp(logprob - logRatio);
      const isMasked = advantage > 0 ? rise > surrogate.maxRise : advantage < 0 && -rise > surrogate.maxFall;
      return isMasked ? { value: 0, slope: 0, isClipped: true } : { value: linear, slope: linear, isClipped: false };
    }
  }
}
