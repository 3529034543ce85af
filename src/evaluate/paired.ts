/**
 * Before and after on the same problems: the difference, with an interval that profits from the pairing.
 */
import { bootstrapIntervals } from '../core/bootstrap.ts';
import { UserError } from '../core/errors.ts';
import type { RandomKey } from '../core/random.ts';
import { type Interval, mean } from '../core/statistics.ts';
import type { Evaluation } from './evaluation.ts';
import { passAtK } from './pass-at-k.ts';
import { comparable } from './protocol.ts';

export interface PairedDifference extends Interval {
  /** Mean over problems of after - before, in [-1, 1]; [low, high] holds it at 95 % (bootstrap over problems). */
  readonly difference: number;
  /** Problems whose share of correct samples rose, fell. */
  readonly rose: number;
  readonly fell: number;
}

/**
 * The change of pass@k. The interval has zero width where every problem changed by the same amount: there a bootstrap knows nothing.
 * @throws UserError when the two were made under different protocols, naming the differences, or k exceeds the samples.
 */
export function pairedDifference(before: Evaluation, after: Evaluation, key: RandomKey, k = 1): PairedDifference {
  const reason = comparable(before.protocol, after.protocol);
  if (reason !== undefined) throw new UserError(`these evaluations cannot be compared: ${reason}`);
  const { samples } = before.protocol;
  if (!Number.isInteger(k) || k < 1 || k > samples) {
    throw new UserError(`pass@k needs k from 1 to samples (${samples}), got ${k}`);
  }
  const shares = ({ problems }: Evaluation) => problems.map((problem) => passAtK(problem.samples, problem.correct, k));
  const old = shares(before);
  const differences = shares(after).map((share, problem) => share - (old[problem] ?? 0));
  const changes = after.problems.map(({ correct }, problem) => correct - (before.problems[problem]?.correct ?? 0));
  return {
    difference: mean(differences),
    ...(bootstrapIntervals([differences], key)[0] as Interval),
    rose: changes.filter((change) => change > 0).length,
    fell: changes.filter((change) => change < 0).length,
  };
}
