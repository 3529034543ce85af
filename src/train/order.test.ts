import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomKey } from '../core/random.ts';
import { problemOrder, split } from './order.ts';

describe('problemOrder', () => {
  it('visits every problem once an epoch, in another order each time', () => {
    const order = problemOrder(randomKey(1), 6, 2);
    const epoch = (first: number) => [...order.step(first), ...order.step(first + 1), ...order.step(first + 2)];
    expect([...epoch(0)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...epoch(3)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(epoch(0)).not.toEqual(epoch(3));
  });

  it('is a function of seed and step alone, whichever step is asked first', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(30),
        (seed, size, perStep, step) => {
          const walked = problemOrder(randomKey(seed), size, perStep);
          for (let earlier = 0; earlier < step; earlier++) walked.step(earlier);
          expect(problemOrder(randomKey(seed), size, perStep).step(step)).toEqual(walked.step(step));
        },
      ),
    );
  });

  it('runs across the end of an epoch within one step', () => {
    const order = problemOrder(randomKey(3), 3, 2);
    const seen = [order.step(0), order.step(1), order.step(2)].flat();
    expect([...seen.slice(0, 3)].sort()).toEqual([0, 1, 2]);
    expect([...seen.slice(3)].sort()).toEqual([0, 1, 2]);
  });
});

describe('split', () => {
  it('puts the longer parts first', () => {
    expect(split(['a', 'b', 'c', 'd', 'e'], 2)).toEqual([
      ['a', 'b', 'c'],
      ['d', 'e'],
    ]);
  });

  it('loses nothing, keeps the order, and makes no empty part', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 10 }), (list, count) => {
        const parts = split(list, count);
        expect(parts.flat()).toEqual(list);
        expect(parts.length).toBe(Math.min(count, list.length));
        expect(parts.every((part) => part.length > 0)).toBe(true);
      }),
    );
  });
});
