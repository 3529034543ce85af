import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, divide, equals, formatRational, multiply, rational, subtract } from './rational.ts';

const rationals = fc
  .tuple(fc.bigInt({ min: -1000n, max: 1000n }), fc.bigInt({ min: 1n, max: 1000n }))
  .map(([numerator, denominator]) => rational(numerator, denominator));

test('a rational is kept in lowest terms with a positive denominator', () => {
  expect(rational(6n, -4n)).toEqual({ numerator: -3n, denominator: 2n });
  expect(rational(0n, -7n)).toEqual({ numerator: 0n, denominator: 1n });
  expect(formatRational(rational(6n, -4n))).toBe('-3/2');
  expect(formatRational(rational(8n, 4n))).toBe('2');
  expect(() => rational(1n, 0n)).toThrow(RangeError);
});

test('1/2 + 1/3 = 5/6, and a third times three is exactly one', () => {
  expect(formatRational(add(rational(1n, 2n), rational(1n, 3n)))).toBe('5/6');
  expect(equals(multiply(rational(1n, 3n), rational(3n)), rational(1n))).toBe(true);
});

test('subtraction undoes addition and division undoes multiplication', () => {
  fc.assert(
    fc.property(rationals, rationals, (a, b) => {
      expect(subtract(add(a, b), b)).toEqual(a);
      expect(divide(multiply(a, b), b)).toEqual(b.numerator === 0n ? undefined : a);
    }),
  );
});
