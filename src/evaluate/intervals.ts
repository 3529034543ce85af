/**
 * A score's two 95 % intervals, which answer two questions:
 * - this test set, re-sampled: what the same policy would get on these very problems with other draws;
 * - problems like these: what it would get on other problems of the same kind. Samples of one problem are not independent, so
 *   problems are the units that are resampled. It holds the first, since other problems bring all the luck of these and more.
 *
 * Dimensions: P problems, n samples of each.
 */
import { bootstrapIntervals } from '../core/bootstrap.ts';
import type { RandomKey } from '../core/random.ts';
import { type Interval, mean, wilsonInterval, Z95 } from '../core/statistics.ts';
import type { ProblemResult } from './problem-result.ts';
import { type Score, samplingVariance, scoreOf } from './score.ts';

export interface NamedInterval extends Interval {
  readonly method: 'wilson' | 'bootstrap' | 'jackknife';
}

/** A mean over problems with its intervals. */
export interface Estimate {
  readonly value: number;
  /** The problems stay, their samples are drawn again: the error of sampling alone. */
  readonly thisTestSet: NamedInterval;
  /** Other problems of the same kind, with samples of their own. */
  readonly problemsLikeThese: NamedInterval;
}

/** One estimate for each score, all over the same problems, resampled together. @param key of the bootstrap's draws */
export function estimates(problems: readonly ProblemResult[], scores: readonly Score[], key: RandomKey): Estimate[] {
  const columns = scores.map((score) => problems.map((problem) => scoreOf(problem, score)));
  const likeThese = problemsLikeThese(columns, key);
  return scores.map((score, i) => {
    const own = thisTestSet(problems, score);
    const others = likeThese[i] as NamedInterval;
    return {
      value: mean(columns[i] as number[]),
      thisTestSet: own,
      problemsLikeThese: { ...hull(own, others), method: others.method },
    };
  });
}

/** The least interval that holds both. */
const hull = (a: Interval, b: Interval): Interval => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
});

/** Closer shares are one share: above rounding, below what any count of samples can make. */
const EQUAL = 1e-9;

/**
 * One interval for each list of shares in [0, 1], all [P] over the same problems and resampled together. Wilson where each problem is a
 * single trial (every share 0 or 1) and where all problems agree (a bootstrap would claim certainty); bootstrap otherwise.
 */
export function problemsLikeThese(columns: readonly (readonly number[])[], key: RandomKey): NamedInterval[] {
  return bootstrapIntervals(columns, key).map((interval, column): NamedInterval => {
    const shares = columns[column] ?? [];
    if (!isSingleTrial(shares) && !areEqual(shares)) return { ...interval, method: 'bootstrap' };
    return { ...wilsonInterval(mean(shares) * shares.length, shares.length), method: 'wilson' };
  });
}

function isSingleTrial(shares: readonly number[]): boolean {
  return shares.every((share) => share === 0 || share === 1);
}

function areEqual([first = 0, ...others]: readonly number[]): boolean {
  return others.every((share) => Math.abs(share - first) < EQUAL);
}

/** How far below and above its value a mean over problems may lie by the luck of its samples, at 95 %. */
export interface SamplingError {
  readonly value: number;
  readonly below: number;
  readonly above: number;
  readonly method: 'wilson' | 'jackknife';
}

export function thisTestSet(problems: readonly ProblemResult[], score: Score): NamedInterval {
  const { value, below, above, method } = samplingError(problems, score);
  return { low: Math.max(0, value - below), high: Math.min(1, value + above), method };
}

/**
 * The variances of the problems' scores add up: half widths z sqrt(sum_i s_i^2) / P. Problems never solved show no variance and yet may
 * be solved next time: their share of Wilson's upper limit for 0 of all their samples is added in quadrature above, and likewise
 * below for those always solved (square-and-add, Newcombe, Statistics in Medicine 17, 1998, 873-890).
 *
 * Where the problems' own variances are unknown (one sample each), Wilson's interval of P trials: at least as wide, since the problems'
 * variances p(1 - p) never exceed that of their mean.
 */
export function samplingError(problems: readonly ProblemResult[], score: Score): SamplingError {
  const value = mean(problems.map((problem) => scoreOf(problem, score)));
  const variances = problems.map((problem) => samplingVariance(problem, score));
  if (variances.some((variance) => variance === undefined)) {
    const { low, high } = wilsonInterval(value * problems.length, problems.length);
    return { value, below: value - low, above: high - value, method: 'wilson' };
  }
  const standardError = Math.sqrt(variances.reduce<number>((sum, each) => sum + (each ?? 0), 0)) / problems.length;
  const failed = problems.filter(({ correct }) => correct === 0);
  const solved = problems.filter(({ correct, samples }) => correct === samples);
  const beyond = (sure: readonly ProblemResult[], change: (share: number) => number) =>
    sure.length === 0 ? 0 : (sure.length / problems.length) * change(wilsonInterval(0, samplesOf(sure)).high);
  const { gained, lost } = changeOf(score);
  return {
    value,
    below: Math.hypot(Z95 * standardError, beyond(solved, lost)),
    above: Math.hypot(Z95 * standardError, beyond(failed, gained)),
    method: 'jackknife',
  };
}

const samplesOf = (problems: readonly ProblemResult[]): number =>
  problems.reduce((sum, { samples }) => sum + samples, 0);

/** What a score of 0 gains, and one of 1 loses, when a share of the samples turns out the other way. A majority is taken to change as much as the average. */
function changeOf(score: Score): { gained: (share: number) => number; lost: (share: number) => number } {
  if (score.kind !== 'pass') return { gained: (share) => share, lost: (share) => share };
  return { gained: (share) => 1 - (1 - share) ** score.k, lost: (share) => share ** score.k };
}
