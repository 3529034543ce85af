/**
 * Polynomials multiplied until no exponent is negative.
 */
import type { Budget } from '../budget.ts';
import { negate as negateRational, ONE as ONE_RATIONAL, type Rational, rational } from '../rational.ts';
import { fromTerms, generatorsOf, type Polynomial, type Power, term, UNIT } from './polynomial.ts';
import { product } from './polynomial-arithmetic.ts';

/** The smallest exponent of each generator, 0 where a term lacks it: what negative ones must be multiplied by. */
function lowestExponents(a: Polynomial): Power[] {
  const found = generatorsOf(a);
  return [...found.values()].map((generator) => {
    let lowest: Rational | undefined;
    for (const { powers } of a.values()) {
      const exponent = powers.find((each) => each.generator.name === generator.name)?.exponent ?? rational(0n);
      if (!lowest || exponent.numerator * lowest.denominator < lowest.numerator * exponent.denominator)
        lowest = exponent;
    }
    return { generator, exponent: lowest ?? rational(0n) };
  });
}

/** The least product of generators that leaves no negative exponent in `a`. */
export function clearingFactor(a: Polynomial): Polynomial {
  const powers = lowestExponents(a)
    .filter(({ exponent }) => exponent.numerator < 0n)
    .map(({ generator, exponent }) => ({ generator, exponent: negateRational(exponent) }))
    .sort((x, y) => (x.generator.name < y.generator.name ? -1 : 1));
  return powers.length === 0 ? UNIT : fromTerms([term(ONE_RATIONAL, powers)]);
}

/** Zero exactly when `a` is. */
export function withoutNegativeExponents(a: Polynomial, budget: Budget): Polynomial {
  return product(a, clearingFactor(a), budget);
}
