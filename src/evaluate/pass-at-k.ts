/**
 * What several samples of one problem say about it: pass@k and majority votes. Pure functions of counts.
 */
import { assert } from '../core/errors.ts';

/**
 * Probability that at least one of k samples, drawn without replacement from the n seen, is correct: unbiased for the policy's
 * pass@k. 1 - C(n - c, k) / C(n, k) = 1 - prod_{i = n-c+1..n} (1 - k / i)   (Chen et al., arXiv:2107.03374v2, Eq. 1 and Fig. 3)
 *
 * As a product, because the binomials overflow. n 4, c 1, k 2 -> 0.5. Drawing with replacement instead would be biased:
 * 1 - (3/4)^2 = 0.4375.
 */
export function passAtK(samples: number, correct: number, k: number): number {
  assert(k >= 1 && k <= samples && correct >= 0 && correct <= samples, `no pass@${k} of ${correct} in ${samples}`);
  if (samples - correct < k) return 1;
  let allWrong = 1;
  for (let i = samples - correct + 1; i <= samples; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

export interface Vote {
  /** In a normal form: votes count as equal when their answers are the same string. `undefined` abstains. */
  readonly answer: string | undefined;
  readonly isCorrect: boolean;
}

/**
 * Probability that the most frequent answer is correct, ties broken evenly: [a, a, b] with a correct -> 1, [a, b] -> 0.5.
 * 0 where nobody votes. Where equal answers got different verdicts, that answer counts by its share of correct ones.
 */
export function majority(votes: readonly Vote[]): number {
  const tallies = new Map<string, { count: number; correct: number }>();
  for (const { answer, isCorrect } of votes) {
    if (answer === undefined) continue;
    const tally = tallies.get(answer) ?? { count: 0, correct: 0 };
    tally.count++;
    if (isCorrect) tally.correct++;
    tallies.set(answer, tally);
  }
  if (tallies.size === 0) return 0;
  const most = Math.max(...Array.from(tallies.values(), ({ count }) => count));
  const winners = [...tallies.values()].filter(({ count }) => count === most);
  return winners.reduce((sum, { count, correct }) => sum + correct / count, 0) / winners.length;
}
