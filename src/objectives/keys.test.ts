import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, identity, levelOf } from './keys.ts';

describe('the level of a key', () => {
  it('is the key itself where the statistic is its own key', () => {
    expect(levelOf(identity, -2.5)).toEqual([-2.5, -2.5]);
  });

  it('of a hopeless token holds all that underflow: up to ln 2^-150', () => {
    const [low, high] = levelOf(exponential, Number.NEGATIVE_INFINITY);
    expect(low).toBe(Number.NEGATIVE_INFINITY);
    expect(high).toBeCloseTo(-150 * Math.LN2, 4);
    expect(levelOf(exponential, -110)).toEqual([low, high]);
  });

  it('of a certain token holds what rounds to 1: half a unit in the last place below, 2^-25, and above, 2^-24', () => {
    const [low, high] = levelOf(exponential, 0);
    expect(low).toBeCloseTo(-(2 ** -25), 14);
    expect(high).toBeCloseTo(2 ** -24, 14);
  });

  it('has one probability throughout and another beyond it', () => {
    const float32 = fc.float({ min: -110, max: 0, noNaN: true });
    fc.assert(
      fc.property(float32, (key) => {
        const level = levelOf(exponential, key);
        const p = exponential.valueOf(key);
        for (const edge of level) expect(exponential.valueOf(edge)).toBe(p);
        const [below, above] = [level[0] - Math.abs(level[0]) * 2 ** -23, level[1] + Math.abs(level[1]) * 2 ** -23];
        if (p > 0) expect(exponential.valueOf(Math.fround(below))).toBeLessThan(p);
        expect(exponential.valueOf(Math.fround(above))).toBeGreaterThan(p);
      }),
    );
  });
});
