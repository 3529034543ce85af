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
import {
  asRational,
  clearingFactor,
  constant,
  difference,
  equalPolynomials,
  formatPolynomial,
  fromTerms,
  type Generator,
  generatorsOf,
  isNothing,
  NOTHING,
  negative,
  normalTerms,
  onlyTerm,
  type Polynomial,
  product,
  scale,
  sortedTerms,
  sum,
  type Term,
  term,
  UNIT,
  Undefined,
  wholePower,
  withoutNegativeExponents,
} from './polynomial.ts';

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

function inverseTerm({ coefficient, powers }: Term, budget: Budget): Polynomial {
  const inverse = divideRational(ONE, coefficient);
  if (!inverse) throw new Undefined('division by zero');
  const inverted = powers.map((each) => ({ ...each, exponent: negateRational(each.exponent) }));
  return fromTerms(normalTerms(inverse, inverted, budget));
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

/** Steps of a polynomial division, at most. */
const MAX_DIVISION_STEPS = 200;

/** The only letter of both, with whole exponents and rational coefficients; undefined otherwise. */
function commonLetter(a: Polynomial, b: Polynomial): Generator | undefined {
  const found = new Map([...generatorsOf(a), ...generatorsOf(b)]);
  const [letter] = found.values();
  return found.size === 1 && letter?.kind === 'symbol' ? letter : undefined;
}

/** a / b where that has no remainder, by leading terms. */
function divideExactly(a: Polynomial, b: Polynomial, budget: Budget): Polynomial | undefined {
  const lead = leadingTerm(b);
  if (!lead || a.size * b.size > 400) return undefined;
  const inverse = inverseTerm(lead, budget);
  const quotient: Term[] = [];
  let rest = a;
  for (let step = 0; !isNothing(rest); step++) {
    const next = leadingTerm(rest);
    if (!next || step > MAX_DIVISION_STEPS) return undefined;
    const factor = product(fromTerms([next]), inverse, budget);
    const single = onlyTerm(factor);
    if (!single || single.powers.some(({ exponent }) => exponent.numerator < 0n)) return undefined;
    quotient.push(single);
    const after = difference(rest, product(factor, b, budget), budget);
    if (after.has(next.key)) return undefined;
    rest = after;
  }
  return fromTerms(quotient);
}

/** Largest in the order by the first generator's exponent, then the second's, and so on. */
function leadingTerm(a: Polynomial): Term | undefined {
  let lead: Term | undefined;
  for (const each of a.values()) if (!lead || compareTerms(each, lead) > 0) lead = each;
  return lead;
}

function compareTerms(a: Term, b: Term): number {
  for (let i = 0; ; i++) {
    const [x, y] = [a.powers[i], b.powers[i]];
    if (!x || !y) return (x ? 1 : 0) - (y ? 1 : 0);
    if (x.generator.name !== y.generator.name) return x.generator.name < y.generator.name ? 1 : -1;
    const order = x.exponent.numerator * y.exponent.denominator - y.exponent.numerator * x.exponent.denominator;
    if (order !== 0n) return order > 0n ? 1 : -1;
  }
}

/** The greatest common divisor of two polynomials in one letter (Euclid); undefined when there is none or more letters occur. */
function commonDivisor(a: Polynomial, b: Polynomial, budget: Budget): Polynomial | undefined {
  if (!commonLetter(a, b)) return undefined;
  let [x, y] = [a, b];
  for (let step = 0; !isNothing(y); step++) {
    if (step > MAX_DIVISION_STEPS) return undefined;
    const rest = remainder(x, y, budget);
    if (!rest) return undefined;
    [x, y] = [y, rest];
  }
  return x.size > 1 || !asRational(x) ? x : undefined;
}

function remainder(a: Polynomial, b: Polynomial, budget: Budget): Polynomial | undefined {
  const lead = leadingTerm(b);
  if (!lead) return undefined;
  const inverse = inverseTerm(lead, budget);
  let rest = a;
  for (let step = 0; ; step++) {
    const next = leadingTerm(rest);
    if (!next || compareTerms(next, lead) < 0) return rest;
    if (step > MAX_DIVISION_STEPS) return undefined;
    rest = difference(rest, product(product(fromTerms([next]), inverse, budget), b, budget), budget);
  }
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

/** A single power of a generator as a fraction. */
export function termFraction(coefficient: Rational, powers: Term['powers']): Fraction {
  return polynomialFraction(fromTerms([term(coefficient, powers)]));
}
