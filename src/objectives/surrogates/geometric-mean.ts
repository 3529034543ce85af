/**
 * GMPO (arXiv:2507.20673): the loss of a sequence is -mean(A) times the geometric mean of its token ratios, each kept
 * within the bounds on the side that would move the policy further. Every token carries the sequence's value, so that
 * seq-mean-token-mean of these values is the paper's mean over sequences.
 *
 * Dimensions: T completion tokens.
 */
import type { TokenLoss } from './token.ts';

interface GeometricMeanInput {
  /** [T] */
  readonly advantages: Float32Array;
  /** [T] token log ratios, nats. */
  readonly logRatios: ArrayLike<number>;
  /** [T] */
  readonly mask: Uint8Array;
  readonly ratioMin: number;
  readonly ratioMax: number;
}

/** [T] loss and slope of each counted token; zeros elsewhere. */
export function geometricMean({ advantages, logRatios, mask, ratioMin, ratioMax }: GeometricMeanInput): TokenLoss[] {
  const low = Math.log(ratioMin);
  const high = Math.log(ratioMax);
  let count = 0;
  let advantageSum = 0;
  let logSum = 0;
  const isFree = new Uint8Array(mask.length);
  for (let t = 0; t < mask.length; t++) {
    if (mask[t] === 0) continue;
    const sign = Math.sign(advantages[t]!);
    const bounded = Math.min(high, Math.max(low, logRatios[t]!));
    isFree[t] = Number(sign !== 0 && sign * logRatios[t]! <= sign * bounded);
    logSum += sign === 0 ? 0 : isFree[t] === 1 ? logRatios[t]! : bounded;
    advantageSum += advantages[t]!;
    count++;
  }
  const value = count === 0 ? 0 : -(advantageSum / count) * Math.exp(logSum / count);
  return Array.from(mask, (bit, t) =>
    bit === 0
      ? { value: 0, slope: 0, isClipped: false }
      : { value, slope: isFree[t] === 1 ? value : 0, isClipped: isFree[t] === 0 },
  );
}
