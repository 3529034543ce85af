/**
 * Sums of rational coefficients times products of generators with rational exponents: sqrt(2)*x^2/3, i*pi, 2^n. Generators are
 * letters, primes (their roots), i, pi, e, roots of sums and opaque functions such as sin(x). Like terms meet because a product of
 * generators has one key; equal keys and coefficients are equal numbers. Knows nothing of trees or of text beyond its display.
 */
import {
  add as addRational,
  formatRational,
  isInteger,
  isZero as isZeroRational,
  ONE as ONE_RATIONAL,
  type Rational,
  rational,
} from '../rational.ts';

export interface Generator {
  /** Equal names are equal numbers. */
  readonly name: string;
  /**
   * Letters, primes' roots, i and one transcendental are independent of one another: a sum of their products is zero only when it has no
   * terms. `radicand` and `opaque` promise nothing, so only equality can be concluded from them.
   */
  readonly kind: 'symbol' | 'prime' | 'imaginary' | 'transcendental' | 'radicand' | 'opaque';
  /** Positive wherever it is defined: a power of a power may multiply its exponents. */
  readonly isPositive: boolean;
  readonly prime?: bigint;
  /** The sum under a root; whole powers of the generator are multiplied out. */
  readonly radicand?: Polynomial;
}

export interface Power {
  readonly generator: Generator;
  readonly exponent: Rational;
}

export interface Term {
  readonly coefficient: Rational;
  /** Ordered by name. */
  readonly powers: readonly Power[];
  readonly key: string;
}

/** By key; no coefficient is zero. */
export type Polynomial = ReadonlyMap<string, Term>;

/** A value that does not exist: division by zero. Caught where a normal form is made. */
export class Undefined extends Error {
  override readonly name = 'Undefined';
}

export const I: Generator = { name: 'i', kind: 'imaginary', isPositive: false };
export const PI: Generator = { name: 'pi', kind: 'transcendental', isPositive: true };
export const E: Generator = { name: 'e', kind: 'transcendental', isPositive: true };

export const NOTHING: Polynomial = new Map();
export const UNIT: Polynomial = constant(ONE_RATIONAL);

export function constant(value: Rational): Polynomial {
  return fromTerms([{ coefficient: value, powers: [], key: '' }]);
}

export function generatorPower(generator: Generator, exponent: Rational = ONE_RATIONAL): Polynomial {
  if (isZeroRational(exponent)) return UNIT;
  return fromTerms([term(ONE_RATIONAL, [{ generator, exponent }])]);
}

export function term(coefficient: Rational, powers: readonly Power[]): Term {
  return { coefficient, powers, key: powers.map(keyOfPower).join('*') };
}

/** `x`, `x^2`, `2^(1/3)` */
export function keyOfPower({ generator, exponent }: Power): string {
  return exponent.numerator === 1n && exponent.denominator === 1n
    ? generator.name
    : `${generator.name}^${isInteger(exponent) ? exponent.numerator : `(${formatRational(exponent)})`}`;
}

export function fromTerms(terms: Iterable<Term>): Polynomial {
  const sums = new Map<string, Term>();
  for (const each of terms) {
    const present = sums.get(each.key);
    const coefficient = present ? addRational(present.coefficient, each.coefficient) : each.coefficient;
    if (isZeroRational(coefficient)) sums.delete(each.key);
    else sums.set(each.key, { ...each, coefficient });
  }
  return sums;
}

export function isNothing(a: Polynomial): boolean {
  return a.size === 0;
}

/** The number itself when there are no generators. */
export function asRational(a: Polynomial): Rational | undefined {
  if (a.size === 0) return rational(0n);
  return a.size === 1 ? a.get('')?.coefficient : undefined;
}

/** The only term, if it is the only one. */
export function onlyTerm(a: Polynomial): Term | undefined {
  if (a.size !== 1) return undefined;
  for (const each of a.values()) return each;
  return undefined;
}

export function equalPolynomials(a: Polynomial, b: Polynomial): boolean {
  if (a.size !== b.size) return false;
  for (const [key, { coefficient }] of a) {
    const other = b.get(key)?.coefficient;
    if (other?.numerator !== coefficient.numerator || other.denominator !== coefficient.denominator) return false;
  }
  return true;
}

/** Every generator that occurs. */
export function generatorsOf(a: Polynomial): Map<string, Generator> {
  const found = new Map<string, Generator>();
  for (const { powers } of a.values()) for (const { generator } of powers) found.set(generator.name, generator);
  return found;
}
