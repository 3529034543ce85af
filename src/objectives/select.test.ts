import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential } from './keys.ts';
import { type Amount, choose, type Side } from './select.ts';

const chosen = (values: number[], amount: Amount, side: Side) => [...choose(Float32Array.from(values), amount, side)];

describe('amounts', () => {
  it('a ratio truncates the float64 product and takes at least one', () => {
    const values = Array.from({ length: 50 }, (_, i) => i);
    expect(chosen(values, { ratio: 0.58 }, 'low')).toHaveLength(28);
    expect(chosen(values, { ratio: 0 }, 'high')).toEqual([49]);
    expect(chosen([], { ratio: 0.2 }, 'high')).toEqual([]);
  });

  it('a count takes what there is', () => {
    expect(chosen([3, 1, 2], { count: 2 }, 'low')).toEqual([1, 2]);
    expect(chosen([3, 1, 2], { count: 9 }, 'low')).toEqual([0, 1, 2]);
  });

  it('thresholds and quantiles include their edge', () => {
    expect(chosen([1, 2, 3, 4, 5], { threshold: 4 }, 'high')).toEqual([3, 4]);
    expect(chosen([1, 2, 3, 4, 5], { quantile: 0.5 }, 'low')).toEqual([0, 1, 2]);
  });
});

it('selection equals a stable sort, ties to the earliest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom<Side>('high', 'low'),
      (values, ratio, side) => {
        const sign = side === 'high' ? -1 : 1;
        const ranked = values.map((_, i) => i).toSorted((a, b) => sign * (values[a]! - values[b]!) || a - b);
        const count = Math.max(1, Math.trunc(values.length * ratio));
        expect(chosen(values, { ratio }, side)).toEqual(ranked.slice(0, count).toSorted((a, b) => a - b));
      },
    ),
  );
});

it('ranking probabilities by their logarithms takes the same tokens, those that tie in float32 included', () => {
  const logprob = fc.oneof(
    fc.float({ min: -8, max: 0, noNaN: true }),
    // near-certain tokens, whose probabilities round to 1 or just below it, and hopeless ones, which underflow
    fc.integer({ min: 0, max: 20 }).map((n) => n * -1e-8),
    fc.integer({ min: 0, max: 20 }).map((n) => -103 - n / 10),
    fc.constant(Number.NEGATIVE_INFINITY),
  );
  fc.assert(
    fc.property(
      fc.array(logprob, { minLength: 1, maxLength: 60 }),
      fc.oneof(
        fc.double({ min: 0, max: 1, noNaN: true }).map((ratio) => ({ ratio })),
        fc.integer({ min: 1, max: 60 }).map((count) => ({ count })),
        fc.constantFrom({ threshold: 0.5 }, { quantile: 0.3 }, { threshold: 0 }),
      ),
      fc.constantFrom<Side>('high', 'low'),
      (logprobs, amount, side) => {
        const keys = Float32Array.from(logprobs);
        expect(choose(keys, amount, side, exponential)).toEqual(choose(keys.map(Math.exp), amount, side));
      },
    ),
  );
});
