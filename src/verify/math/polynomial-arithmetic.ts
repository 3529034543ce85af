/**
 * Polynomials added, multiplied and raised to whole powers, every step charged before it is taken.
 */
import type { Budget } from '../budget.ts';
import {
  add as addRational,
  floor,
  isZero as isZeroRational,
  multiply as multiplyRational,
  negate as negateRational,
  ONE as ONE_RATIONAL,
  type Rational,
  rational,
  words,
} from '../rational.ts';
import { fromTerms, onlyTerm, type Polynomial, type Power, type Term, term, UNIT, Undefined } from './polynomial.ts';

/** Sizes of the numbers of a term, in words. */
function size({ coefficient }: Term): number {
  return words(coefficient.numerator) + words(coefficient.denominator);
}

export function sum(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  budget.spend(a.size + b.size);
  for (const [key, left] of a) {
    const right = b.get(key);
    if (right) budget.spend(size(left) * size(right));
  }
  return fromTerms([...a.values(), ...b.values()]);
}

export function scale(a: Polynomial, factor: Rational, budget: Budget): Polynomial {
  budget.spend(a.size * (words(factor.numerator) + words(factor.denominator)));
  return fromTerms(
    [...a.values()].map((each) => ({ ...each, coefficient: multiplyRational(each.coefficient, factor) })),
  );
}

export function negative(a: Polynomial): Polynomial {
  return new Map([...a].map(([key, each]) => [key, { ...each, coefficient: negateRational(each.coefficient) }]));
}

export function difference(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  return sum(a, negative(b), budget);
}

export function product(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  if (a === UNIT) return b;
  if (b === UNIT) return a;
  budget.spend(4 * a.size * b.size);
  const terms: Term[] = [];
  for (const left of a.values()) {
    for (const right of b.values()) {
      budget.spend(size(left) * size(right) + left.powers.length + right.powers.length);
      terms.push(...timesTerm(left, right, budget));
    }
  }
  return fromTerms(terms);
}

function timesTerm(left: Term, right: Term, budget: Budget): Iterable<Term> {
  const coefficient = multiplyRational(left.coefficient, right.coefficient);
  if (left.powers.length === 0) return [{ ...right, coefficient }];
  if (right.powers.length === 0) return [{ ...left, coefficient }];
  return normalTerms(coefficient, mergePowers(left.powers, right.powers), budget);
}

function mergePowers(left: readonly Power[], right: readonly Power[]): Power[] {
  const merged: Power[] = [];
  let l = 0;
  let r = 0;
  for (;;) {
    const a = left[l];
    const b = right[r];
    if (!a || !b) return [...merged, ...left.slice(l), ...right.slice(r)];
    if (a.generator.name === b.generator.name) {
      const exponent = addRational(a.exponent, b.exponent);
      if (!isZeroRational(exponent)) merged.push({ generator: a.generator, exponent });
      l++;
      r++;
    } else if (a.generator.name < b.generator.name) {
      merged.push(a);
      l++;
    } else {
      merged.push(b);
      r++;
    }
  }
}

/**
 * One product in normal form: whole powers of primes go to the coefficient, i^2 = -1, and whole powers of a root of a sum are multiplied
 * out (which makes several terms).
 */
export function normalTerms(coefficient: Rational, powers: readonly Power[], budget: Budget): Iterable<Term> {
  let scalar = coefficient;
  let expanded: Polynomial | undefined;
  const rest: Power[] = [];
  for (const { generator, exponent } of powers) {
    if (generator.kind === 'prime' && generator.prime !== undefined) {
      const whole = floor(exponent);
      if (whole !== 0n) scalar = multiplyRational(scalar, integerPower(rational(generator.prime), whole, budget));
      const fraction = addRational(exponent, rational(-whole));
      if (!isZeroRational(fraction)) rest.push({ generator, exponent: fraction });
    } else if (generator.kind === 'imaginary') {
      const turns = ((exponent.numerator % 4n) + 4n) % 4n;
      if (turns >= 2n) scalar = negateRational(scalar);
      if (turns % 2n === 1n) rest.push({ generator, exponent: ONE_RATIONAL });
    } else if (generator.radicand && floor(exponent) >= 1n) {
      const whole = floor(exponent);
      const factor = wholePower(generator.radicand, whole, budget);
      expanded = expanded ? product(expanded, factor, budget) : factor;
      const fraction = addRational(exponent, rational(-whole));
      if (!isZeroRational(fraction)) rest.push({ generator, exponent: fraction });
    } else rest.push({ generator, exponent });
  }
  const single = term(scalar, rest);
  return expanded ? product(fromTerms([single]), expanded, budget).values() : [single];
}

/** base^exponent, charged for its size before it is computed. @throws Undefined for a negative power of 0 */
export function integerPower(base: Rational, exponent: bigint, budget: Budget): Rational {
  const times = exponent < 0n ? -exponent : exponent;
  const isUnit = base.denominator === 1n && base.numerator >= -1n && base.numerator <= 1n;
  if (isUnit && times !== 0n) {
    if (base.numerator === 0n && exponent < 0n) throw new Undefined('division by zero');
    return base.numerator === -1n && times % 2n === 0n ? ONE_RATIONAL : base;
  }
  const resultWords = (Number(times) * (bits(base.numerator) + bits(base.denominator))) / 64;
  budget.spend(1 + resultWords * resultWords);
  const [top, bottom] = [base.numerator ** times, base.denominator ** times];
  if (exponent >= 0n) return { numerator: top, denominator: bottom };
  return top < 0n ? { numerator: -bottom, denominator: -top } : { numerator: bottom, denominator: top };
}

function bits(n: bigint): number {
  return (n < 0n ? -n : n).toString(2).length - 1;
}

/** a^exponent for exponent >= 0, by squaring. */
export function wholePower(a: Polynomial, exponent: bigint, budget: Budget): Polynomial {
  const single = onlyTerm(a);
  if (single) {
    const powers = single.powers.map((each) => ({
      ...each,
      exponent: multiplyRational(each.exponent, rational(exponent)),
    }));
    if (exponent === 0n) return UNIT;
    return fromTerms(normalTerms(integerPower(single.coefficient, exponent, budget), powers, budget));
  }
  let result = UNIT;
  let square = a;
  for (let left = exponent; left > 0n; left >>= 1n) {
    budget.spend(1);
    if (left & 1n) result = product(result, square, budget);
    if (left > 1n) square = product(square, square, budget);
  }
  return result;
}
