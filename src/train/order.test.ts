import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomKey } from '../core/random.ts';
import { problemOrder, split } from './order.ts';

describe('problemOrder', () => {
  it('visits every problem once an epoch, in another order each time', () => {
    const order = problemOrder(randomKey(1), 6);
    const epochs = [order.problems(0, 6), order.problems(6, 6)];
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  it('is the same whatever portions it is drawn in', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 10 }),
        (seed, size, portions) => {
          const order = problemOrder(randomKey(seed), size);
          const drawn: number[] = [];
          for (const count of portions) drawn.push(...order.problems(drawn.length, count));
          expect(drawn).toEqual(problemOrder(randomKey(seed), size).problems(0, drawn.length));
        },
      ),
    );
  });

  it('runs across the end of an epoch within one portion', () => {
    const seen = problemOrder(randomKey(3), 3).problems(0, 6);
    expect(seen.slice(0, 3).sort()).toEqual([0, 1, 2]);
    expect(seen.slice(3).sort()).toEqual([0, 1, 2]);
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
