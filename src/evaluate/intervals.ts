/**
 * Means over problems with 95 % intervals: what the same policy would get on other problems like these. Samples of one problem
 * are not independent, so problems are the units that are resampled.
 *
 * Dimensions: P problems.
 */
import { bootstrapIntervals } from '../core/bootstrap.ts';
import type { RandomKey } from '../core/random.ts';
import { type Interval, mean, wilsonInterval } from '../core/statistics.ts';

/** A mean over problems with its 95 % interval. */
export interface Estimate extends Interval {
  readonly value: number;
  readonly method: 'wilson' | 'bootstrap';
}

/** Closer shares are one share: above rounding, below what any count of samples can make. */
const EQUAL = 1e-9;

/**
 * One estimate for each list of shares in [0, 1], all [P] over the same problems and resampled together. Wilson where each problem is a
 * single trial (every share 0 or 1) and where all problems agree (a bootstrap would claim certainty); bootstrap otherwise.
 */
export function estimates(columns: readonly (readonly number[])[], key: RandomKey): Estimate[] {
  return bootstrapIntervals(columns, key).map((interval, column): Estimate => {
    const shares = columns[column] ?? [];
    const value = mean(shares);
    if (!isSingleTrial(shares) && !areEqual(shares)) return { value, ...interval, method: 'bootstrap' };
    return { value, ...wilsonInterval(value * shares.length, shares.length), method: 'wilson' };
  });
}

function isSingleTrial(shares: readonly number[]): boolean {
  return shares.every((share) => share === 0 || share === 1);
}

function areEqual([first = 0, ...others]: readonly number[]): boolean {
  return others.every((share) => Math.abs(share - first) < EQUAL);
}
