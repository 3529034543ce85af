/**
 * What a comparison can show: the least difference that would be called significant (two-sided, 5 %) four times out of five.
 *
 * Dimensions: P problems, n samples of each.
 */
import { sampleStandardDeviation, Z80, Z95 } from '../core/statistics.ts';

/** Standard errors that a difference must be away from 0 for 80 % power at 5 %: 1.96 + 0.84. */
const STANDARD_ERRORS = Z95 + Z80;

/**
 * Before a run: of avg@n between two policies on the same problems, (1.96 + 0.84) sqrt(2 p (1 - p) / (P n)).
 * Assumes the same change on every problem and samples that are right with probability p near `share`: 0.5 is the worst case. Where
 * the change differs from problem to problem by a standard deviation s, the true number is sqrt(that^2 + (2.8 s)^2 / P).
 * 128 problems, 16 samples -> 0.044.
 */
export function plannedDetectableDifference(problems: number, samples: number, share = 0.5): number {
  return STANDARD_ERRORS * Math.sqrt((2 * share * (1 - share)) / (problems * samples));
}

/** With a comparison: (1.96 + 0.84) sd(differences) / sqrt(P), from the differences seen. NaN where they have no spread. @param differences [P] */
export function detectableDifference(differences: readonly number[]): number {
  const spread = sampleStandardDeviation(differences);
  return spread === 0 ? Number.NaN : (STANDARD_ERRORS * spread) / Math.sqrt(differences.length);
}
