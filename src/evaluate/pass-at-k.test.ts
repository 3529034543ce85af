import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream, randomKey } from '../core/random.ts';
import { passAtK } from './pass-at-k.ts';

/** By definition: the share of all subsets of size k that hold a correct sample. */
function byEnumeration(n: number, c: number, k: number): number {
  let subsets = 0;
  let hits = 0;
  for (let bits = 0; bits < 2 ** n; bits++) {
    const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => (bits >> i) & 1);
    if (chosen.length !== k) continue;
    subsets++;
    if (chosen.some((i) => i < c)) hits++;
  }
  return hits / subsets;
}

test('pass@k equals the share of subsets that hold a correct sample', () => {
  for (let n = 1; n <= 7; n++) {
    for (let c = 0; c <= n; c++) {
      for (let k = 1; k <= n; k++) expect(passAtK(n, c, k)).toBeCloseTo(byEnumeration(n, c, k), 12);
    }
  }
});

test('pass@k by hand: one correct in four; and all samples drawn is certain, unlike drawing with replacement', () => {
  expect(passAtK(4, 1, 2)).toBe(0.5);
  expect(passAtK(32, 1, 32)).toBe(1);
  expect(passAtK(32, 1, 16)).toBeCloseTo(0.5, 12);
  expect(passAtK(5, 0, 3)).toBe(0);
});

test('pass@k stays exact where the binomials overflow', () => {
  // one correct in n: k / n
  expect(passAtK(10_000, 1, 5_000)).toBeCloseTo(0.5, 10);
  // C(9990, 1) / C(10000, 1)
  expect(passAtK(10_000, 10, 1)).toBeCloseTo(0.001, 12);
});

test('pass@1 is the share of correct samples, and pass@k grows with k and with c', () => {
  const counts = fc
    .integer({ min: 2, max: 200 })
    .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 }), fc.integer({ min: 1, max: n - 1 })));
  fc.assert(
    fc.property(counts, ([n, c, k]) => {
      expect(passAtK(n, c, 1)).toBeCloseTo(c / n, 10);
      expect(passAtK(n, c, k + 1)).toBeGreaterThanOrEqual(passAtK(n, c, k) - 1e-12);
      expect(passAtK(n, c + 1, k)).toBeGreaterThanOrEqual(passAtK(n, c, k) - 1e-12);
    }),
  );
});

/**
 * verl's best@N (verl/trainer/ppo/metric_utils.py, `bootstrap_metric` with np.random.choice, replace=True): the mean over resamples of
 * the best of k draws WITH replacement from the n samples. It estimates 1 - (1 - c / n)^k, which is not pass@k.
 */
function verlBestAtN(samples: number, correct: number, k: number, resamples: number): number {
  const random = new RandomStream(randomKey(1, 'best@N'));
  let sum = 0;
  for (let b = 0; b < resamples; b++) {
    let best = 0;
    for (let draw = 0; draw < k; draw++) if (random.integer(0, samples - 1) < correct) best = 1;
    sum += best;
  }
  return sum / resamples;
}

test.each([
  // all 32 samples hold the correct one: certain. With replacement 1 - (31/32)^32 = 0.638
  [32, 1, 32, 1, 0.638],
  [32, 1, 16, 0.5, 0.398],
  [8, 1, 8, 1, 0.656],
])('verl’s best@N is not pass@k: n %d, c %d, k %d is %d, not %d', (n, c, k, ours, theirs) => {
  expect(passAtK(n, c, k)).toBeCloseTo(ours, 12);
  expect(1 - (1 - c / n) ** k).toBeCloseTo(theirs, 3);
  // 20,000 resamples: standard error below 0.0036
  expect(Math.abs(verlBestAtN(n, c, k, 20_000) - theirs)).toBeLessThan(0.012);
});
