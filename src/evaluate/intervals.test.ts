import { expect, test } from 'vitest';
import { RandomStream, randomKey } from '../core/random.ts';
import { wilsonInterval } from '../core/statistics.ts';
import { estimates } from './intervals.ts';

const KEY = randomKey(1);

test("problems tried once get Wilson's interval, problems tried often the bootstrap's", () => {
  const [single, several] = estimates(
    [
      [1, 0, 0, 1],
      [0.5, 0, 0.25, 0.75],
    ],
    KEY,
  );
  expect(single).toEqual({ value: 0.5, ...wilsonInterval(2, 4), method: 'wilson' });
  expect(several).toMatchObject({ value: 0.375, method: 'bootstrap' });
  expect(several?.low).toBeLessThan(0.375);
  expect(several?.high).toBeGreaterThan(0.375);
});

test('problems that all agree never claim certainty', () => {
  expect(estimates([[0, 0, 0]], KEY)).toEqual([{ value: 0, ...wilsonInterval(0, 3), method: 'wilson' }]);
  const [half] = estimates([[0.1 + 0.2, 0.3, 0.3]], KEY);
  expect(half?.method).toBe('wilson');
  expect((half?.high ?? 0) - (half?.low ?? 0)).toBeGreaterThan(0.5);
});

test('the bootstrap holds the truth about 95 % of the time, where treating samples as independent would not', () => {
  // 40 problems: half always solved, half never, 8 samples each with a little noise; the truth is 0.5
  let held = 0;
  let heldByNaive = 0;
  const trials = 60;
  for (let trial = 0; trial < trials; trial++) {
    const random = new RandomStream(randomKey(trial, 'coverage'));
    const shares = Array.from({ length: 40 }, () => {
      const p = random.uniform() < 0.5 ? 0.95 : 0.05;
      return Array.from({ length: 8 }, () => (random.uniform() < p ? 1 : 0)).reduce<number>((a, b) => a + b, 0) / 8;
    });
    const [estimate] = estimates([shares], randomKey(trial));
    if (estimate && estimate.low <= 0.5 && 0.5 <= estimate.high) held++;
    const naive = wilsonInterval(shares.reduce((a, b) => a + b, 0) * 8, 320);
    if (naive.low <= 0.5 && 0.5 <= naive.high) heldByNaive++;
  }
  expect(held / trials).toBeGreaterThan(0.87);
  expect(heldByNaive / trials).toBeLessThan(0.8);
});
