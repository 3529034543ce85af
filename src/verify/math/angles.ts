/**
 * Cosines of rational multiples of pi that are short sums of square roots.
 */
import type { Budget } from '../budget.ts';
import { floor, formatRational, multiply, negate, type Rational, rational, subtract } from '../rational.ts';
import { fromTerms, type Polynomial, type Term, term } from './polynomial.ts';
import { scale } from './polynomial-arithmetic.ts';

/** a/d * sqrt(n) with n a product of the primes given. */
function surd(numerator: bigint, denominator: bigint, ...primes: readonly bigint[]): Term {
  const powers = primes.map((prime) => ({
    generator: { name: `${prime}`, kind: 'prime', isPositive: true, prime } as const,
    exponent: rational(1n, 2n),
  }));
  return term(rational(numerator, denominator), powers);
}

/** cos(pi * key), first quarter. */
const COSINES: ReadonlyMap<string, Polynomial> = new Map([
  ['0', fromTerms([surd(1n, 1n)])],
  ['1/12', fromTerms([surd(1n, 4n, 2n, 3n), surd(1n, 4n, 2n)])],
  ['1/6', fromTerms([surd(1n, 2n, 3n)])],
  ['1/5', fromTerms([surd(1n, 4n), surd(1n, 4n, 5n)])],
  ['1/4', fromTerms([surd(1n, 2n, 2n)])],
  ['1/3', fromTerms([surd(1n, 2n)])],
  ['2/5', fromTerms([surd(1n, 4n, 5n), surd(-1n, 4n)])],
  ['5/12', fromTerms([surd(1n, 4n, 2n, 3n), surd(-1n, 4n, 2n)])],
  ['1/2', fromTerms([])],
]);

/** cos(pi * turns), if it is in the table: `cosineOfPi(2/3)` = -1/2. */
export function cosineOfPi(halfTurns: Rational, budget: Budget): Polynomial | undefined {
  const two = rational(2n);
  let angle = subtract(halfTurns, multiply(two, rational(floor(multiply(halfTurns, rational(1n, 2n))))));
  if (angle.numerator > angle.denominator) angle = subtract(two, angle);
  const isSecondQuarter = angle.numerator * 2n > angle.denominator;
  const first = COSINES.get(formatRational(isSecondQuarter ? subtract(rational(1n), angle) : angle));
  return first && isSecondQuarter ? scale(first, negate(rational(1n)), budget) : first;
}

/** sin(pi * turns), if it is in the table. */
export function sineOfPi(halfTurns: Rational, budget: Budget): Polynomial | undefined {
  return cosineOfPi(subtract(rational(1n, 2n), halfTurns), budget);
}
