import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repetition } from './repetition.ts';

describe('repetition', () => {
  const count = (length: number) => Int32Array.from({ length }, (_, t) => t);

  it('is 0 where no run of tokens comes back', () => {
    expect(repetition(count(100))).toBe(0);
  });

  it('counts the runs that were there before: a text written twice repeats all of its second half', () => {
    const twice = Int32Array.from({ length: 8 }, (_, t) => t % 4);
    // runs of 2: 01 12 23 30 01 12 23, of which the last three are old
    expect(repetition(twice, 2)).toBeCloseTo(3 / 7, 12);
  });

  it('agrees with comparing the runs themselves, wherever they lie', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 60 }), (list) => {
        const runs = Array.from({ length: list.length - 2 }, (_, i) => list.slice(i, i + 3).join());
        expect(repetition(Int32Array.from(list), 3)).toBeCloseTo(1 - new Set(runs).size / runs.length, 12);
      }),
    );
  });

  it('nears 1 in a loop and says nothing of short completions', () => {
    expect(repetition(new Int32Array(1000))).toBeGreaterThan(0.99);
    expect(repetition(count(16))).toBeUndefined();
  });
});
