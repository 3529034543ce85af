import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget, BudgetExceeded } from '../budget.ts';
import { canonical } from './canonical.ts';
import { formatFraction } from './fraction.ts';
import { binomial, doubleFactorial, factorial, factorize, wholeSquareRoot } from './integers.ts';
import { parseMath } from './parse.ts';
import { Undefined } from './polynomial.ts';

function form(text: string, steps = 1_000_000): string {
  const parsed = parseMath(text, new Budget(1e6));
  if (!parsed.ok) throw new Error(parsed.reason);
  return formatFraction(canonical(parsed.expression, { budget: new Budget(steps), logBase: 'e' }));
}

test.each([
  ['\\frac{6}{4}', '3/2'],
  ['0.1\\overline{6}', '1/6'],
  ['101_2', '5'],
  ['\\sqrt{72}', '6*sqrt(2)'],
  ['\\sqrt{\\frac{2}{3}}', '1/3*sqrt(2)*sqrt(3)'],
  ['\\sqrt[3]{54}', '3*2^(1/3)'],
  ['\\frac{1}{3-\\sqrt5}', '3/4 + 1/4*sqrt(5)'],
  ['\\frac{1+i}{1-i}', 'i'],
  ['(x-1)(x+1)', 'x^2 - 1'],
  ['\\frac{x^2-5x+6}{x^2-4}', '(x - 3)/(x + 2)'],
  ['\\frac{x^2-y^2}{x-y}', 'x + y'],
  ['\\frac{2}{4x+6}', '(1/2)/(x + 3/2)'],
  ['\\frac{1}{x}+x', 'x + x^-1'],
  ['\\sin\\frac{5\\pi}{6}', '1/2'],
  ['\\tan 60^\\circ', 'sqrt(3)'],
  ['e^{i\\pi/2}', 'i'],
  ['\\ln\\frac{8}{e^2}', '-2 + 3*ln(2)'],
  ['\\log_2 10 - \\log_2 5', '1'],
  ['\\sqrt{x^2+2x+1}', 'sqrt(x^2 + 2*x + 1)'],
  ['\\left(\\sqrt{x+1}\\right)^3', 'sqrt(x + 1)*x + sqrt(x + 1)'],
  ['|-3\\pi|', '3*pi'],
  ['\\binom{6}{2}+3!', '21'],
  ['\\lfloor -\\frac{3}{2} \\rfloor', '-2'],
  ['\\sum_{k=1}^{4} x^k', 'x^4 + x^3 + x^2 + x'],
])('%s is %s', (text, expected) => {
  expect(form(text)).toBe(expected);
});

test.each(['\\frac{1}{0}', '\\frac{1}{x-x}', '0^{-1}', '(-3)!', '\\ln 0'])('%s does not exist', (text) => {
  expect(() => form(text)).toThrow(Undefined);
});

test.each([
  '9^{9^9}',
  '(10^5)!',
  '\\binom{10^6}{5\\cdot10^5}',
  '(x+y+1)^{10^6}',
  '2^{10^{20}}',
  '\\sum_{k=1}^{10^9} k',
])('%s is charged before it is computed', (text) => {
  expect(() => form(text)).toThrow(BudgetExceeded);
});

test('a number is the product of its prime factors', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 12n }), (n) => {
      const { primes, rest } = factorize(n, new Budget(1e7));
      expect(primes.reduce((product, [prime, exponent]) => product * prime ** exponent, rest)).toBe(n);
    }),
  );
});

test('a whole square root is found exactly when there is one', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 2n, max: 10n ** 40n }), (n) => {
      expect(wholeSquareRoot(n * n, new Budget(1e7))).toBe(n);
      expect(wholeSquareRoot(n * n + 1n, new Budget(1e7))).toBeUndefined();
    }),
  );
});

test('factorials and binomials by hand', () => {
  const budget = new Budget(1e6);
  expect([0n, 1n, 5n, 20n].map((n) => factorial(n, budget))).toEqual([1n, 1n, 120n, 2432902008176640000n]);
  expect([0n, 1n, 7n, 8n].map((n) => doubleFactorial(n, budget))).toEqual([1n, 1n, 105n, 384n]);
  expect([binomial(10n, 3n, budget), binomial(10n, 11n, budget)]).toEqual([120n, 0n]);
});
