import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seedMean, studentBound95, studentPValue } from './student.ts';

describe('Student’s distribution', () => {
  // textbook tables, three decimals
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [7, 2.365],
    [9, 2.262],
    [30, 2.042],
  ])('with %d degrees of freedom holds 95 %% within %f', (freedom, bound) => {
    expect(studentBound95(freedom)).toBeCloseTo(bound, 3);
    expect(studentPValue(bound, freedom)).toBeCloseTo(0.05, 4);
  });

  it('is 0.5 at t 1 with one degree of freedom, 1 at t 0, and falls with |t|', () => {
    expect(studentPValue(1, 1)).toBeCloseTo(0.5, 12);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 50, noNaN: true }), fc.integer({ min: 1, max: 40 }), (t, freedom) => {
        expect(studentPValue(0, freedom)).toBe(1);
        expect(studentPValue(-t, freedom)).toBe(studentPValue(t, freedom));
        expect(studentPValue(t + 0.1, freedom)).toBeLessThanOrEqual(studentPValue(t, freedom) + 1e-12);
      }),
    );
  });
});

describe('a mean over seeds', () => {
  it('has an interval from two seeds on', () => {
    expect(seedMean([])).toBeUndefined();
    expect(seedMean([4])).toEqual({ mean: 4, seeds: 1 });
    // 1 / sqrt(3) * 4.303
    const found = seedMean([1, 2, 3]);
    expect(found?.mean).toBe(2);
    expect(found?.interval?.low).toBeCloseTo(2 - 2.484, 3);
    expect(found?.interval?.high).toBeCloseTo(2 + 2.484, 3);
  });
});
