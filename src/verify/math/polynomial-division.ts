/**
 * Division of polynomials: exact quotients by leading terms, greatest common divisors in one letter.
 */
import type { Budget } from '../budget.ts';
import { divide as divideRational, negate as negateRational, ONE } from '../rational.ts';
import {
  asRational,
  fromTerms,
  type Generator,
  generatorsOf,
  isNothing,
  onlyTerm,
  type Polynomial,
  type Term,
  Undefined,
} from './polynomial.ts';
import { difference, normalTerms, product } from './polynomial-arithmetic.ts';

/** One term to the power -1. @throws Undefined for 0 */
export function inverseTerm({ coefficient, powers }: Term, budget: Budget): Polynomial {
  const inverse = divideRational(ONE, coefficient);
  if (!inverse) throw new Undefined('division by zero');
  const inverted = powers.map((each) => ({ ...each, exponent: negateRational(each.exponent) }));
  return fromTerms(normalTerms(inverse, inverted, budget));
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
export function divideExactly(a: Polynomial, b: Polynomial, budget: Budget): Polynomial | undefined {
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
export function commonDivisor(a: Polynomial, b: Polynomial, budget: Budget): Polynomial | undefined {
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
