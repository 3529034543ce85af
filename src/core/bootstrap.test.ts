import { expect, test } from 'vitest';
import { bootstrapIntervals } from './bootstrap.ts';
import { RandomStream, randomKey } from './random.ts';
import { mean } from './statistics.ts';

const KEY = randomKey(1);

test('the same key gives the same interval, another key another', () => {
  const column = Array.from({ length: 30 }, (_, i) => Math.sin(i));
  expect(bootstrapIntervals([column], KEY)).toEqual(bootstrapIntervals([column], KEY));
  expect(bootstrapIntervals([column], randomKey(2))).not.toEqual(bootstrapIntervals([column], KEY));
});

test('columns are resampled together: a column plus 1 has the interval plus 1', () => {
  const column = [0, 1, 2, 5, 9];
  const [interval, shifted] = bootstrapIntervals([column, column.map((value) => value + 1)], KEY);
  expect(shifted!.low).toBeCloseTo(interval!.low + 1, 12);
  expect(shifted!.high).toBeCloseTo(interval!.high + 1, 12);
});

test('a large sample has the interval of the normal approximation', () => {
  const random = new RandomStream(randomKey(3));
  const column = Array.from({ length: 400 }, () => random.normal());
  const [{ low, high }] = bootstrapIntervals([column], KEY) as [{ low: number; high: number }];
  // standard error 1/20, so 1.96/20 = 0.098 each way, with Monte Carlo and sampling noise of a few per cent
  expect((high - low) / 2).toBeGreaterThan(0.088);
  expect((high - low) / 2).toBeLessThan(0.108);
  expect((low + high) / 2).toBeCloseTo(mean(column), 1);
});

test('equal units give an interval of zero width', () => {
  expect(bootstrapIntervals([[0.25, 0.25]], KEY)).toEqual([{ low: 0.25, high: 0.25 }]);
});
