/**
 * Quotients of polynomials in normal form. A denominator of one term is folded into the numerator (negative exponents), roots and i are
 * cleared from numeric denominators, and common factors are divided out where that is cheap; equality does not rest on the latter.
 */
import type { Budget } from '../budget.ts';
import {
  divide as divideRational,
  multiply,
  negate as negateRational,
  ONE,
  type Rational,
  rational,
} from '../rational.ts';
import { clearingFactor, withoutNegativeExponents } from './negative-exponents.ts';
import {
  asRational,
  constant,
  equalPolynomials,
  fromTerms,
  type Generator,
  generatorsOf,
  isNothing,
  NOTHING,
  onlyTerm,
  type Polynomial,
  type Term,
  UNIT,
  Undefined,
} from './polynomial.ts';
import { difference, negative, product, scale, sum, wholePower } from './polynomial-arithmetic.ts';
import { commonDivisor, divideExactly, inverseTerm } from './polynomial-division.ts';
import { formatPolynomial, sortedTerms } from './polynomial-format.ts';

/** Made by `fraction`. */
export interface Fraction {
  readonly numerator: Polynomial;
  readonly denominator: Polynomial;
}

/** Primes' roots cleared from a denominator, at most: each may double its terms. */
const MAX_CONJUGATES = 5;

export function polynomialFraction(numerator: Polynomial): Fraction {
  return { numerator, denominator: UNIT };
}

export function constantFraction(value: Rational): Fraction {
  return polynomialFraction(constant(value));
}

/** @throws Undefined when the denominator is zero */
export function fraction(numerator: Polynomial, denominator: Polynomial, budget: Budget): Fraction {
  if (denominator === UNIT) return { numerator, denominator };
  if (isNothing(denominator)) throw new Undefined('division by zero');
  if (isNothing(numerator)) return { numerator: NOTHING, denominator: UNIT };
  const single = onlyTerm(denominator);
  if (single) return { numerator: product(numerator, inverseTerm(single, budget), budget), denominator: UNIT };
  const rationalised = withoutNumericRoots(numerator, denominator, budget);
  if (rationalised) return fraction(...rationalised, budget);
  return cancelled(numerator, denominator, budget);
}

/** Multiplies by the conjugate in i or in one square root, where a numeric denominator has one. */
function withoutNumericRoots(
  numerator: Polynomial,
  denominator: Polynomial,
  budget: Budget,
): [Polynomial, Polynomial] | undefined {
  const generators = [...generatorsOf(denominator).values()];
  if (generators.length === 0 || generators.length > MAX_CONJUGATES) return undefined;
  if (!generators.every(({ kind }) => kind === 'imaginary' || kind === 'prime')) return undefined;
  const isQuadratic = (term: Term) =>
    term.powers.every(({ generator, exponent }) => generator.kind === 'imaginary' || exponent.denominator === 2n);
  if (![...denominator.values()].every(isQuadratic)) return undefined;
  const conjugate = conjugateIn(denominator, generators[0] as Generator);
  return [product(numerator, conjugate, budget), product(denominator, conjugate, budget)];
}

function conjugateIn(a: Polynomial, { name }: Generator): Polynomial {
  return fromTerms(
    [...a.values()].map((each) =>
      each.powers.some(({ generator }) => generator.name === name)
        ? { ...each, coefficient: negateRational(each.coefficient) }
        : each,
    ),
  );
}

function cancelled(top: Polynomial, bottom: Polynomial, budget: Budget): Fraction {
  const [numerator, denominator] = withoutCommonExponents(top, bottom, budget);
  const exact = divideExactly(numerator, denominator, budget);
  if (exact) return { numerator: exact, denominator: UNIT };
  const inverse = divideExactly(denominator, numerator, budget);
  if (inverse && inverse.size > 1) return monic(UNIT, inverse, budget);
  const common = commonDivisor(numerator, denominator, budget);
  if (!common) return monic(numerator, denominator, budget);
  const [p, q] = [divideExactly(numerator, common, budget), divideExactly(denominator, common, budget)];
  return p && q ? monic(p, q, budget) : monic(numerator, denominator, budget);
}

/** Both times the same product of generators, such that neither has negative exponents. */
function withoutCommonExponents(top: Polynomial, bottom: Polynomial, budget: Budget): [Polynomial, Polynomial] {
  const isClean = (a: Polynomial) =>
    [...a.values()].every(({ powers }) => powers.every(({ exponent }) => exponent.numerator > 0n));
  if (isClean(top) && isClean(bottom)) return [top, bottom];
  const joint = new Map<string, Term>();
  for (const each of [...top.values(), ...bottom.values()]) joint.set(each.key, { ...each, coefficient: ONE });
  const factor = clearingFactor(joint);
  return [product(top, factor, budget), product(bottom, factor, budget)];
}

/** The denominator's first term with coefficient 1. */
function monic(numerator: Polynomial, denominator: Polynomial, budget: Budget): Fraction {
  const lead = sortedTerms(denominator)[0]?.coefficient ?? ONE;
  const inverse = divideRational(ONE, lead) ?? ONE;
  return { numerator: scale(numerator, inverse, budget), denominator: scale(denominator, inverse, budget) };
}

export function addFractions(a: Fraction, b: Fraction, budget: Budget): Fraction {
  if (equalPolynomials(a.denominator, b.denominator))
    return fraction(sum(a.numerator, b.numerator, budget), a.denominator, budget);
  return fraction(
    sum(product(a.numerator, b.denominator, budget), product(b.numerator, a.denominator, budget), budget),
    product(a.denominator, b.denominator, budget),
    budget,
  );
}

export function multiplyFractions(a: Fraction, b: Fraction, budget: Budget): Fraction {
  return fraction(product(a.numerator, b.numerator, budget), product(a.denominator, b.denominator, budget), budget);
}

export function negateFraction({ numerator, denominator }: Fraction): Fraction {
  return { numerator: negative(numerator), denominator };
}

export function invertFraction({ numerator, denominator }: Fraction, budget: Budget): Fraction {
  return fraction(denominator, numerator, budget);
}

/** @throws Undefined for 0 to a negative power */
export function powerFraction(a: Fraction, exponent: bigint, budget: Budget): Fraction {
  const [top, bottom] = exponent < 0n ? [a.denominator, a.numerator] : [a.numerator, a.denominator];
  const times = exponent < 0n ? -exponent : exponent;
  return fraction(wholePower(top, times, budget), wholePower(bottom, times, budget), budget);
}

/** Zero exactly when a = b wherever both are defined. */
export function crossDifference(a: Fraction, b: Fraction, budget: Budget): Polynomial {
  const apart = difference(
    product(a.numerator, b.denominator, budget),
    product(b.numerator, a.denominator, budget),
    budget,
  );
  return withoutNegativeExponents(apart, budget);
}

/** The number, when it is a rational one. */
export function rationalValue({ numerator, denominator }: Fraction): Rational | undefined {
  const [top, bottom] = [asRational(numerator), asRational(denominator)];
  return top && bottom ? divideRational(top, bottom) : undefined;
}

export function formatFraction({ numerator, denominator }: Fraction): string {
  if (denominator === UNIT || asRational(denominator)?.numerator === 1n) return formatPolynomial(numerator);
  return `(${formatPolynomial(numerator)})/(${formatPolynomial(denominator)})`;
}

/** a * n/d, for angles and percentages. */
export function scaleFraction(a: Fraction, numerator: bigint, denominator: bigint, budget: Budget): Fraction {
  return { ...a, numerator: scale(a.numerator, multiply(rational(numerator), rational(1n, denominator)), budget) };
}
