import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Aggregation, aggregationScales } from './aggregate.ts';

it('token counts 1 and 3 give the four scales of the table', () => {
  const scales = (aggregation: Aggregation) => [...aggregationScales(aggregation, [1, 3])];
  expect(scales('token-mean')).toEqual([1 / 4, 1 / 4]);
  expect(scales('seq-mean-token-mean')).toEqual([1 / 2, 1 / 6]);
  expect(scales('seq-mean-token-sum')).toEqual([1 / 2, 1 / 2]);
  expect(scales({ constantTokens: 10 })).toEqual([1 / 20, 1 / 20]);
});

it('rollouts without counted tokens are no rollouts', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 })),
      fc.constantFrom<Aggregation>('token-mean', 'seq-mean-token-mean', 'seq-mean-token-sum', { constantTokens: 7 }),
      (counts, aggregation) => {
        const scales = aggregationScales(aggregation, counts);
        const without = aggregationScales(
          aggregation,
          counts.filter((count) => count > 0),
        );
        expect([...scales].filter((_, i) => counts[i]! > 0)).toEqual([...without]);
        expect([...scales].filter((_, i) => counts[i] === 0).every((scale) => scale === 0)).toBe(true);
      },
    ),
  );
});

it('a loss of 1 on every token has mean 1', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      fc.constantFrom<Aggregation>('token-mean', 'seq-mean-token-mean'),
      (counts, aggregation) => {
        const scales = aggregationScales(aggregation, counts);
        expect(counts.reduce((sum, count, i) => sum + count * scales[i]!, 0)).toBeCloseTo(1, 12);
      },
    ),
  );
});
