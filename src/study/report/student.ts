/**
 * Student's distribution with few degrees of freedom, exactly: five seeds leave four, where expansions in 1 / freedom are not good enough.
 */
import { assert } from '../../core/errors.ts';
import { type Interval, mean, sampleStandardDeviation } from '../../core/statistics.ts';

/** P(|T| <= t) for a whole number of degrees of freedom (Abramowitz & Stegun 26.7.3 and 26.7.4). 1, 1 -> 0.5. */
function withinProbability(t: number, freedom: number): number {
  const angle = Math.atan2(t, Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = freedom % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let i = isOdd ? 3 : 2; i <= freedom - 2; i += 2) {
    term *= ((i - 1) / i) * cosine * cosine;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/** Two-sided p-value of Student's statistic. */
export const studentPValue = (t: number, freedom: number): number =>
  Math.min(1, Math.max(0, 1 - withinProbability(Math.abs(t), freedom)));

/** The t that 95 % lie within on both sides. 1 -> 12.706, 4 -> 2.776. */
export function studentBound95(freedom: number): number {
  assert(Number.isInteger(freedom) && freedom >= 1, `degrees of freedom must be a whole number from 1, got ${freedom}`);
  let [low, high] = [0, 16];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (withinProbability(middle, freedom) < 0.95) low = middle;
    else high = middle;
  }
  return high;
}

/** What several seeds say of a mean. */
export interface SeedMean {
  readonly mean: number;
  readonly seeds: number;
  /** 95 %, Student's; absent for one seed. */
  readonly interval?: Interval;
}

/** Absent for no seed. [1, 2, 3] -> 2 [-0.48, 4.48]. */
export function seedMean(values: readonly number[]): SeedMean | undefined {
  if (values.length === 0) return undefined;
  const center = mean(values);
  if (values.length === 1) return { mean: center, seeds: 1 };
  const half = (studentBound95(values.length - 1) * sampleStandardDeviation(values)) / Math.sqrt(values.length);
  return { mean: center, seeds: values.length, interval: { low: center - half, high: center + half } };
}
