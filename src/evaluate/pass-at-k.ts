/**
 * pass@k of one problem from several samples of it. A pure function of counts.
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
