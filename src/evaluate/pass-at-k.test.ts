import fc from 'fast-check';
import { expect, test } from 'vitest';
import { majority, passAtK } from './pass-at-k.ts';

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

test('a majority counts equal answers, splits ties evenly, and ignores who abstains', () => {
  const vote = (answer: string | undefined) => ({ answer, isCorrect: answer === 'right' });
  expect(majority(['right', 'right', 'wrong'].map(vote))).toBe(1);
  expect(majority(['right', 'wrong', 'wrong'].map(vote))).toBe(0);
  expect(majority(['right', 'wrong'].map(vote))).toBe(0.5);
  expect(majority(['right', 'wrong', 'other'].map(vote))).toBeCloseTo(1 / 3, 12);
  expect(majority([undefined, undefined, 'right'].map(vote))).toBe(1);
  expect(majority([undefined].map(vote))).toBe(0);
});

test('an answer whose votes got different verdicts counts by its share of correct ones', () => {
  const votes = [true, true, false].map((isCorrect) => ({ answer: '7', isCorrect }));
  expect(majority(votes)).toBeCloseTo(2 / 3, 12);
});
