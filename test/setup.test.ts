import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seedOf } from './setup.ts';

const drawn = (seed?: number): number[] => {
  const seen: number[] = [];
  fc.assert(
    fc.property(fc.nat(), (n) => {
      seen.push(n);
    }),
    seed === undefined ? {} : { seed },
  );
  return seen;
};

it('properties draw the same cases each time, and others where a test gives its own seed', () => {
  expect(drawn()).toEqual(drawn());
  expect(drawn(5)).toEqual(drawn(5));
  expect(drawn(5)).not.toEqual(drawn(6));
});

it('the seed is fixed unless another one, or any, is asked for', () => {
  expect([undefined, '', '421926353', '-7'].map(seedOf)).toEqual([1, 1, 421926353, -7]);
  expect(new Set(Array.from({ length: 8 }, () => seedOf('random'))).size).toBeGreaterThan(1);
});

it.each(['Random', '1.5', '1e3', '0x10', ' 1', '2147483648', 'NaN'])('the seed %j is refused by name', (setting) => {
  expect(() => seedOf(setting)).toThrow(`POLARITY_TEST_SEED must be \`random\` or an integer of 32 bits`);
});
