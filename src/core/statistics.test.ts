import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  holm,
  mean,
  normalCdf,
  quantile,
  sampleStandardDeviation,
  studentQuantile95,
  wilsonInterval,
} from './statistics.ts';

test('mean and standard deviation of numbers checkable by hand', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(sampleStandardDeviation([1, 2, 3])).toBe(1);
  expect(sampleStandardDeviation([1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1);
  expect(mean([])).toBeNaN();
  expect(sampleStandardDeviation([5])).toBeNaN();
});

test('quantiles interpolate between order statistics', () => {
  expect(quantile([30, 10, 20], 0.5)).toBe(20);
  expect(quantile([30, 10, 20], 0.25)).toBe(15);
  expect(quantile([30, 10, 20], 0)).toBe(10);
  expect(quantile([30, 10, 20], 1)).toBe(30);
  expect(quantile([], 0.5)).toBeNaN();
});

test("Wilson's interval equals published values", () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, 15/148, 0/20, 1/29
  const rounded = (successes: number, trials: number) => {
    const { low, high } = wilsonInterval(successes, trials);
    return [low.toFixed(4), high.toFixed(4)];
  };
  expect(rounded(81, 263)).toEqual(['0.2553', '0.3662']);
  expect(rounded(15, 148)).toEqual(['0.0624', '0.1605']);
  expect(rounded(0, 20)).toEqual(['0.0000', '0.1611']);
  expect(rounded(1, 29)).toEqual(['0.0061', '0.1718']);
});

test("Wilson's interval holds the share, lies in [0, 1] and mirrors", () => {
  const trials = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(trials, fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const successes = Math.round(share * n);
      const { low, high } = wilsonInterval(successes, n);
      const mirrored = wilsonInterval(n - successes, n);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(successes / n);
      expect(high).toBeGreaterThanOrEqual(successes / n);
      expect(mirrored.low).toBeCloseTo(1 - high, 12);
    }),
  );
});

test('normal and Student distributions equal published values', () => {
  for (const [z, share] of [
    [0, 0.5],
    [1.959964, 0.975],
    [-1.281552, 0.1],
    [3.090232, 0.999],
  ] as const)
    expect(normalCdf(z)).toBeCloseTo(share, 6);
  // two-sided 95 % quantiles of 4, 9, 29 and 999 degrees of freedom; the expansion is good to 0.001
  expect([4, 9, 29, 999].map((freedom) => studentQuantile95(freedom).toFixed(2))).toEqual([
    '2.78',
    '2.26',
    '2.05',
    '1.96',
  ]);
});

test("Holm's adjustment by hand: the least times m, the next times m - 1, never decreasing, never above 1", () => {
  const rounded = (values: readonly number[]) => holm(values).map((value) => Number(value.toFixed(9)));
  expect(rounded([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(rounded([0.5, 0.9])).toEqual([1, 1]);
  expect(rounded([0.2])).toEqual([0.2]);
});
