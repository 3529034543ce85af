import fc from 'fast-check';
import { expect, it } from 'vitest';
import { orderStatistic } from './order-statistic.ts';

it('is the sorted value of that rank, for few and for many values, with ties, zeros and both signs', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.nat(),
      fc.constantFrom(
        (x: number) => x - 0.5,
        (x: number) => 1 - x ** 8 / 100,
        (x: number) => Math.round(6 * x) - 3,
        (x: number) => -1 - x / 1e6,
      ),
      (count, seed, value) => {
        const values = Float32Array.from({ length: count }, (_, i) =>
          value(Math.abs(Math.sin(seed + i * 12.9898) * 43758.5453) % 1),
        );
        const before = values.slice();
        const rank = seed % count;
        expect(orderStatistic(values, rank) + 0).toBe(values.slice().sort()[rank]! + 0);
        expect(values).toEqual(before);
      },
    ),
  );
});
