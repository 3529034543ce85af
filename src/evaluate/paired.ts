/**
 * Two evaluations of the same problems: the difference of a score, with intervals that profit from the pairing, a p-value and what the
 * comparison could have shown.
 *
 * Dimensions: P problems that both evaluations pose.
 */
import { bootstrapIntervals } from '../core/bootstrap.ts';
import { UserError } from '../core/errors.ts';
import { childKey, type RandomKey } from '../core/random.ts';
import { type Interval, mean, wilsonInterval } from '../core/statistics.ts';
import type { Evaluation } from './evaluation.ts';
import { samplingError } from './intervals.ts';
import { signFlipPValue } from './permutation.ts';
import { detectableDifference } from './power.ts';
import type { ProblemResult } from './problem-result.ts';
import { comparable } from './protocol.ts';
import { AVERAGE, type Score, scoreOf } from './score.ts';

export interface PairedDifference {
  /** Means over the problems. */
  readonly before: number;
  readonly after: number;
  /** After - before, in [-1, 1]. */
  readonly difference: number;
  /** Of the difference at 95 %: the problems stay, both policies' samples are drawn again, independently. Too wide where both used the same draws (two steps of one run), which only `problemsLikeThese` sees. */
  readonly thisTestSet: Interval;
  /** Of the difference at 95 %: other problems of the same kind (bootstrap over problems). */
  readonly problemsLikeThese: Interval;
  /** Two-sided, of the sign-flip permutation test over problems. */
  readonly pValue: number;
  /** The least true difference that such a comparison would call significant (5 %) four times out of five, by the spread seen. NaN where there is none: one problem, or all changed alike. */
  readonly detectable: number;
  /** Problems whose score rose, fell. */
  readonly rose: number;
  readonly fell: number;
  /** P */
  readonly problems: number;
}

/** What a comparison needs of an evaluation. */
export type Measured = Pick<Evaluation, 'protocol' | 'problems'>;

export interface PairOptions {
  readonly score?: Score;
  /** Compare in spite of different protocols, over the problems whose ids both have. */
  readonly isForced?: boolean;
}

/**
 * @throws UserError when the two were made under different protocols, naming the differences, when they share no problem, or when they
 * do not have the score.
 */
export function pairedDifference(
  before: Measured,
  after: Measured,
  key: RandomKey,
  { score = AVERAGE, isForced = false }: PairOptions = {},
): PairedDifference {
  const reason = comparable(before.protocol, after.protocol);
  if (reason !== undefined && !isForced) throw new UserError(`these evaluations cannot be compared: ${reason}`);
  const pairs = problemPairs(before, after);
  const [old, current] = [pairs.map(([problem]) => problem), pairs.map(([, problem]) => problem)];
  const differences = pairs.map(([a, b]) => scoreOf(b, score) - scoreOf(a, score));
  const [errorBefore, errorAfter] = [samplingError(old, score), samplingError(current, score)];
  const difference = mean(differences);
  const thisTestSet = within(
    difference - Math.hypot(errorAfter.below, errorBefore.above),
    difference + Math.hypot(errorAfter.above, errorBefore.below),
  );
  return {
    before: errorBefore.value,
    after: errorAfter.value,
    difference,
    thisTestSet,
    problemsLikeThese: problemsLikeThese(differences, childKey(key, 'bootstrap')),
    pValue: signFlipPValue(differences, childKey(key, 'sign flips')),
    detectable: detectableDifference(differences),
    rose: differences.filter((change) => change > 0).length,
    fell: differences.filter((change) => change < 0).length,
    problems: pairs.length,
  };
}

/** Differences lie in [-1, 1]. */
const within = (low: number, high: number): Interval => ({ low: Math.max(-1, low), high: Math.min(1, high) });

/**
 * Bootstrap over problems. Where all changed alike it would claim certainty: there as far to both sides as a problem that changes
 * otherwise could be unseen, by Wilson's upper limit of 0 in P.
 */
function problemsLikeThese(differences: readonly number[], key: RandomKey): Interval {
  const [first = 0] = differences;
  if (differences.some((difference) => difference !== first))
    return bootstrapIntervals([differences], key)[0] as Interval;
  const unseen = wilsonInterval(0, differences.length).high;
  return within(first - unseen, first + unseen);
}

/** Differences over problems, each [P] weighed as the mean over benchmarks weighs it: what their sum tests is the average's change. */
export function averagePValue(differences: readonly (readonly number[])[], key: RandomKey): number {
  return signFlipPValue(
    differences.flatMap((each) => each.map((difference) => difference / each.length)),
    key,
  );
}

/** [P] the problems of both, by id, in the first one's order. @throws UserError when there are none. */
export function problemPairs(before: Measured, after: Measured): (readonly [ProblemResult, ProblemResult])[] {
  const found = new Map(after.problems.map((problem) => [problem.id, problem]));
  const pairs = before.problems.flatMap((problem) => {
    const other = found.get(problem.id);
    return other === undefined ? [] : [[problem, other] as const];
  });
  if (pairs.length === 0)
    throw new UserError(
      `these evaluations cannot be compared: no problem of ${before.protocol.task}/${before.protocol.split} is in both`,
    );
  return pairs;
}
