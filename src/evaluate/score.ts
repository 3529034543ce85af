/**
 * The scores of a problem: avg@n, pass@k, maj@k, each a function of its counts, and how much each would vary if the problem were
 * sampled again.
 */
import { UserError } from '../core/errors.ts';
import { type RandomKey, randomKey } from '../core/random.ts';
import { isMajorityExact, majorityAt } from './majority.ts';
import { passAtK } from './pass-at-k.ts';
import { type ProblemResult, votesOf } from './problem-result.ts';

/** `average` is avg@n of all n samples, the estimate of pass@1. */
export type Score = { readonly kind: 'average' } | { readonly kind: 'pass' | 'majority'; readonly k: number };

export const AVERAGE: Score = { kind: 'average' };

/** `avg@16`, `pass@4`, `maj@8`. */
export function scoreName(score: Score, samples: number): string {
  if (score.kind === 'average') return `avg@${samples}`;
  return `${score.kind === 'pass' ? 'pass' : 'maj'}@${score.k}`;
}

/** For subsets that are too many to count; any fixed stream does. */
const SUBSETS: RandomKey = randomKey(0, 'majority subsets');

/** In [0, 1]. @throws UserError when k exceeds the samples, or the task has no answers to vote on. */
export function scoreOf(problem: ProblemResult, score: Score): number {
  const { samples, correct } = problem;
  if (score.kind === 'average') return correct / samples;
  if (!Number.isInteger(score.k) || score.k < 1 || score.k > samples)
    throw new UserError(`${scoreName(score, samples)} needs k from 1 to samples (${samples}), got ${score.k}`);
  if (score.kind === 'pass') return passAtK(samples, correct, score.k);
  const votes = votesOf(problem);
  if (votes === undefined)
    throw new UserError(`problem ${problem.id} has no majority: its task gives no normal forms of answers`);
  return majorityAt(votes, score.k, SUBSETS);
}

/**
 * Variance of the score over new samples of this problem. By the jackknife: for the average that is (c/n)(1 - c/n) / (n - 1), and
 * otherwise it is never too small in expectation (Efron & Stein, Ann. Statist. 9, 1981, 586-596). pass@k near n is a rare event which a
 * jackknife misses where a few samples were correct, so for pass@k the greater of it and the variance at the share seen.
 *
 * Absent for a single sample, and where the score itself is drawn.
 */
export function samplingVariance(problem: ProblemResult, score: Score): number | undefined {
  const { samples } = problem;
  if (samples < 2 || (score.kind === 'majority' && !isMajorityExact(samples, score.k))) return undefined;
  const byLeavingOut = jackknifeVariance(problem, score);
  return score.kind === 'pass' ? Math.max(byLeavingOut, passVariance(problem, score.k)) : byLeavingOut;
}

/** Of pass@k over binomial counts at the share c/n. */
function passVariance({ samples, correct }: ProblemResult, k: number): number {
  const share = correct / samples;
  if (share === 0 || share === 1) return 0;
  let [probability, first, second] = [(1 - share) ** samples, 0, 0];
  for (let count = 0; count <= samples; count++) {
    const value = passAtK(samples, count, k);
    first += probability * value;
    second += probability * value * value;
    probability *= ((samples - count) / (count + 1)) * (share / (1 - share));
  }
  return Math.max(0, second - first * first);
}

function jackknifeVariance(problem: ProblemResult, score: Score): number {
  const { samples, correct, wrong } = problem;
  const less = score.kind === 'average' ? score : { ...score, k: Math.min(score.k, samples - 1) };
  const without = (weight: number, changes: Partial<ProblemResult>) => ({
    weight,
    value: weight === 0 ? 0 : scoreOf({ ...problem, samples: samples - 1, ...changes }, less),
  });
  const voted = score.kind === 'majority' ? (wrong ?? []) : [];
  const silent = samples - correct - voted.reduce((sum, size) => sum + size, 0);
  const sizes = [...new Set(voted)];
  const replicates = [
    without(correct, { correct: correct - 1 }),
    without(silent, {}),
    ...sizes.map((size) =>
      without(size * voted.filter((other) => other === size).length, { wrong: oneLess(voted, size) }),
    ),
  ];
  const center = replicates.reduce((sum, { weight, value }) => sum + weight * value, 0) / samples;
  const spread = replicates.reduce((sum, { weight, value }) => sum + weight * (value - center) ** 2, 0);
  return (spread * (samples - 1)) / samples;
}

/** [3, 2, 2], 2 -> [3, 1, 2] */
const oneLess = (sizes: readonly number[], size: number): number[] => sizes.with(sizes.indexOf(size), size - 1);
