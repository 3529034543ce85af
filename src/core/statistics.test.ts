import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mean, quantile, sampleStandardDeviation, wilsonInterval } from './statistics.ts';

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
