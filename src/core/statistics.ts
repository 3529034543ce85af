/**
 * Small statistics that several rooms need. Pure functions of lists of numbers.
 */
import { assert } from './errors.ts';

/** Both ends of a confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Standard normal quantile of a two-sided 95 % interval. */
export const Z95 = 1.959963984540054;

/** NaN for an empty list. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** With n - 1 in the denominator; NaN below two values. Two passes, so that large equal offsets do not cancel. [1, 2, 3] -> 1. */
export function sampleStandardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - center) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/**
 * Linear interpolation between order statistics (Hyndman & Fan type 7, NumPy's default). [10, 20, 30], 0.25 -> 15.
 * NaN for an empty list.
 * @param fraction in [0, 1]
 */
export function quantile(values: ArrayLike<number>, fraction: number): number {
  assert(fraction >= 0 && fraction <= 1, `a quantile lies between 0 and 1, got ${fraction}`);
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (position - below);
}

/**
 * Interval of a proportion from `trials` independent trials (Wilson 1927); keeps its coverage near 0 and 1, where the plain
 * normal interval collapses. 0 of 10 -> [0, 0.278].
 * @param successes may be fractional (an effective count), in [0, trials]
 */
export function wilsonInterval(successes: number, trials: number, z = Z95): Interval {
  assert(trials > 0 && successes >= 0 && successes <= trials, `no proportion: ${successes} of ${trials}`);
  const share = successes / trials;
  const square = (z * z) / trials;
  const center = (share + square / 2) / (1 + square);
  const half = (Math.sqrt((share * (1 - share)) / trials + square / (4 * trials)) * z) / (1 + square);
  // exact ends: rounding would otherwise leave 1e-17 where the formula gives 0
  return {
    low: successes === 0 ? 0 : Math.max(0, center - half),
    high: successes === trials ? 1 : Math.min(1, center + half),
  };
}
