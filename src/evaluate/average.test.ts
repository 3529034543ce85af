import { expect, test } from 'vitest';
import { average } from './average.ts';

const part = (value: number, low: number, high: number) => ({ value, intervals: { sampling: { low, high } } });

test('benchmarks count alike, and their errors add in quadrature, below and above apart', () => {
  const { value, intervals } = average([part(0.2, 0.1, 0.3), part(0.6, 0.5, 0.9)], ['sampling']);
  expect(value).toBeCloseTo(0.4, 12);
  expect(intervals.sampling.low).toBeCloseTo(0.4 - Math.hypot(0.1, 0.1) / 2, 12);
  expect(intervals.sampling.high).toBeCloseTo(0.4 + Math.hypot(0.1, 0.3) / 2, 12);
});

test('the average of one is itself', () => {
  const { value, intervals } = average([part(0.2, 0.1, 0.3)], ['sampling']);
  expect(value).toBe(0.2);
  expect(intervals.sampling.low).toBeCloseTo(0.1, 12);
});
