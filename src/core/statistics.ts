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

/** Standard normal quantile of 80 %: the power usually asked of a comparison. */
export const Z80 = 0.8416212335729143;

/** Standard normal distribution function, to 1e-7 (Abramowitz & Stegun 26.2.17). 1.96 -> 0.975. */
export function normalCdf(z: number): number {
  if (z < 0) return 1 - normalCdf(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (series * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/**
 * The quantile that bounds 95 % of Student's distribution on both sides, by expansion in 1 / freedom (Abramowitz & Stegun 26.7.5): to
 * 0.001 from 4 degrees of freedom on, to 1 % from 2 on. 9 -> 2.262.
 */
export function studentQuantile95(freedom: number): number {
  const z = Z95;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160,
  ];
  return terms.reduce((sum, term, i) => sum + term / freedom ** (i + 1), z);
}

/**
 * p-values adjusted for being several, so that the chance of any false claim stays at the level (Holm, Scand. J. Statist. 6, 1979):
 * the i-th smallest of m times m - i, never below an earlier one, at most 1. [0.01, 0.04, 0.03] -> [0.03, 0.06, 0.06].
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let greatest = 0;
  order.forEach((index, rank) => {
    greatest = Math.min(1, Math.max(greatest, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = greatest;
  });
  return adjusted;
}

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
