/**
 * Two evaluations of the same problems: the difference of a score, with intervals that profit from the pairing, a p-value and what the
 * comparison could have shown.
 *
 * Dimensions: P problems that both evaluations pose.
 */
import { bootstrapIntervals } from '../core/bootstrap.ts';
import { UserError } from '../core/errors.ts';
import { childKey, type RandomKey } from '../core/random.ts';
import { type Interval, mean } from '../core/statistics.ts';
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
  /** Of the difference at 95 %: the problems stay, both policies' samples are drawn again (taken as independent). */
  readonly thisTestSet: Interval;
  /** Of the difference at 95 %: other problems of the same kind (bootstrap over problems). Zero width where every problem changed alike: there a bootstrap knows nothing. */
  readonly problemsLikeThese: Interval;
  /** Two-sided, of the sign-flip permutation test over problems. */
  readonly pValue: number;
  /** The least true difference that such a comparison would call significant (5 %) four times out of five, by the spread seen. NaN for one problem. */
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
  return {
    before: errorBefore.value,
    after: errorAfter.value,
    difference,
    thisTestSet: {
      low: difference - Math.hypot(errorAfter.below, errorBefore.above),
      high: difference + Math.hypot(errorAfter.above, errorBefore.below),
    },
    problemsLikeThese: bootstrapIntervals([differences], childKey(key, 'bootstrap'))[0] as Interval,
    pValue: signFlipPValue(differences, childKey(key, 'sign flips')),
    detectable: detectableDifference(differences),
    rose: differences.filter((change) => change > 0).length,
    fell: differences.filter((change) => change < 0).length,
    problems: pairs.length,
  };
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
