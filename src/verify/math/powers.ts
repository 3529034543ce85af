/**
 * Powers and roots in normal form: roots of rationals by their prime factors, roots of sums as generators, and exponents with letters as
 * generators base^(exponent) whose own exponents are rational, so that 2^(n+1) = 2*2^n and 4^n = (2^n)^2.
 *
 * Odd roots of negative numbers are real here, (-8)^(1/3) = -2, as answers mean them; even roots are imaginary.
 */
import type { Budget } from '../budget.ts';
import { formatRational, isInteger, multiply, negate, ONE, type Rational, rational } from '../rational.ts';
import { cosineOfPi, sineOfPi } from './angles.ts';
import {
  constantFraction,
  type Fraction,
  formatFraction,
  fraction,
  multiplyFractions,
  polynomialFraction,
  powerFraction,
  rationalValue,
} from './fraction.ts';
import { factorize, wholeSquareRoot } from './integers.ts';
import {
  constant,
  fromTerms,
  type Generator,
  generatorPower,
  generatorsOf,
  I,
  onlyTerm,
  type Polynomial,
  type Term,
  term,
  UNIT,
  Undefined,
} from './polynomial.ts';
import { integerPower, normalTerms, product, scale, sum } from './polynomial-arithmetic.ts';
import { formatPolynomial, sortedTerms } from './polynomial-format.ts';

export function opaque(name: string, isPositive = false): Generator {
  return { name, kind: 'opaque', isPositive };
}

/** base^exponent. @throws Undefined for 0 to a negative power */
export function power(base: Fraction, exponent: Fraction, budget: Budget): Fraction {
  const constantExponent = rationalValue(exponent);
  if (constantExponent)
    return isInteger(constantExponent)
      ? powerFraction(base, constantExponent.numerator, budget)
      : rationalPower(base, constantExponent, budget);
  if (rationalValue(base)?.numerator === 1n && rationalValue(base)?.denominator === 1n) return base;
  if (exponent.denominator !== UNIT) return polynomialFraction(generatorPower(opaquePower(base, exponent)));
  let result = constantFraction(ONE);
  for (const each of exponent.numerator.values())
    result = multiplyFractions(result, termPower(base, each, budget), budget);
  return result;
}

function opaquePower(base: Fraction, exponent: Fraction): Generator {
  return opaque(`(${formatFraction(base)})^(${formatFraction(exponent)})`);
}

/** base^(c*m) for one term of an exponent. */
function termPower(base: Fraction, exponent: Term, budget: Budget): Fraction {
  if (exponent.powers.length === 0) return power(base, constantFraction(exponent.coefficient), budget);
  const turn = turnOf(base, exponent, budget);
  if (turn) return turn;
  const single = base.denominator === UNIT ? onlyTerm(base.numerator) : undefined;
  const letters = formatPolynomial(fromTerms([{ ...exponent, coefficient: ONE }]));
  if (!single || single.coefficient.numerator < 0n || single.powers.some(({ generator }) => !generator.isPositive))
    return polynomialFraction(generatorPower(opaque(`(${formatFraction(base)})^(${letters})`), exponent.coefficient));
  const isReal = exponent.powers.every(({ generator }) => generator.kind !== 'imaginary');
  let result = UNIT;
  const raise = (name: string, times: Rational) => {
    const generator = opaque(`${name}^(${letters})`, isReal);
    result = product(result, generatorPower(generator, multiply(times, exponent.coefficient)), budget);
  };
  for (const [prime, times] of primePowers(single.coefficient, budget)) raise(`${prime}`, rational(times));
  for (const { generator, exponent: times } of single.powers) raise(generator.name, times);
  return polynomialFraction(result);
}

/** e^(i*pi*r) by its cosine and sine. */
function turnOf(base: Fraction, exponent: Term, budget: Budget): Fraction | undefined {
  if (exponent.key !== 'i*pi' || formatFraction(base) !== 'e') return undefined;
  const [cosine, sine] = [cosineOfPi(exponent.coefficient, budget), sineOfPi(exponent.coefficient, budget)];
  if (!cosine || !sine) return undefined;
  return polynomialFraction(sum(cosine, product(sine, generatorPower(I), budget), budget));
}

/** Factors of a positive rational; what cannot be factored stands as it is. */
function primePowers({ numerator, denominator }: Rational, budget: Budget): (readonly [bigint, bigint])[] {
  const [top, bottom] = [factorize(numerator, budget), factorize(denominator, budget)];
  return [
    ...top.primes,
    ...(top.rest === 1n ? [] : [[top.rest, 1n] as const]),
    ...bottom.primes.map(([prime, times]) => [prime, -times] as const),
    ...(bottom.rest === 1n ? [] : [[bottom.rest, -1n] as const]),
  ];
}

/** a^r for r that is not whole. */
export function rationalPower(a: Fraction, exponent: Rational, budget: Budget): Fraction {
  if (a.numerator.size === 0) {
    if (exponent.numerator < 0n) throw new Undefined('division by zero');
    return a;
  }
  const top = rootOfPolynomial(a.numerator, exponent, budget);
  if (a.denominator === UNIT) return polynomialFraction(top);
  return fraction(top, rootOfPolynomial(a.denominator, exponent, budget), budget);
}

function rootOfPolynomial(a: Polynomial, exponent: Rational, budget: Budget): Polynomial {
  const single = onlyTerm(a);
  if (single) return rootOfTerm(single, exponent, budget);
  const lead = sortedTerms(a)[0]?.coefficient ?? ONE;
  const size = lead.numerator < 0n ? negate(lead) : lead;
  const radicand = scale(a, { numerator: size.denominator, denominator: size.numerator }, budget);
  const generator: Generator = {
    name: `(${formatPolynomial(radicand)})`,
    kind: 'radicand',
    isPositive: exponent.denominator % 2n === 0n && !generatorsOf(a).has('i'),
    radicand,
  };
  const root = fromTerms(normalTerms(ONE, [{ generator, exponent }], budget));
  return product(rootOfRational(size, exponent, budget), root, budget);
}

function rootOfTerm({ coefficient, powers }: Term, exponent: Rational, budget: Budget): Polynomial {
  const isEven = exponent.denominator % 2n === 0n;
  const isNegative = coefficient.numerator < 0n;
  const isNumber = powers.every(({ generator }) => generator.isPositive);
  if (powers.some(({ generator }) => generator.kind === 'imaginary') || (isNegative && isEven && !canBeImaginary()))
    return wholeOpaque();
  let result = rootOfRational(isNegative ? negate(coefficient) : coefficient, exponent, budget);
  if (isNegative && isEven) result = product(result, imaginaryRoot(exponent), budget);
  else if (isNegative && exponent.numerator % 2n !== 0n) result = scale(result, rational(-1n), budget);
  for (const each of powers)
    result = product(result, generatorPower(rootable(each.generator), multiply(each.exponent, exponent)), budget);
  return result;

  function canBeImaginary(): boolean {
    return isNumber && exponent.denominator === 2n;
  }
  function wholeOpaque(): Polynomial {
    const inner = formatPolynomial(fromTerms([term(coefficient, powers)]));
    return generatorPower(opaque(`(${inner})^(${formatRational(exponent)})`));
  }
  /** Under an even root, only the absolute value of an even power is known. */
  function rootable(generator: Generator): Generator {
    if (generator.isPositive || !isEven) return generator;
    const own = powers.find((each) => each.generator.name === generator.name)?.exponent;
    return own && own.numerator % 2n === 0n ? opaque(`abs(${generator.name})`, true) : generator;
  }
}

/** i^n for the exponent n/2: (-1)^(n/2). */
function imaginaryRoot({ numerator }: Rational): Polynomial {
  const turns = ((numerator % 4n) + 4n) % 4n;
  return fromTerms([
    term(rational(turns === 2n || turns === 3n ? -1n : 1n), turns % 2n === 1n ? [{ generator: I, exponent: ONE }] : []),
  ]);
}

/** r^q for r > 0. */
function rootOfRational(a: Rational, exponent: Rational, budget: Budget): Polynomial {
  if (a.numerator === 1n && a.denominator === 1n) return UNIT;
  return product(
    rootOfInteger(a.numerator, exponent, budget),
    rootOfInteger(a.denominator, negate(exponent), budget),
    budget,
  );
}

function rootOfInteger(n: bigint, exponent: Rational, budget: Budget): Polynomial {
  if (n === 1n) return UNIT;
  const { primes, rest } = factorize(n, budget);
  const powers = primes
    .map(([prime, times]) => ({
      generator: { name: `${prime}`, kind: 'prime', isPositive: true, prime } as const,
      exponent: multiply(rational(times), exponent),
    }))
    .sort((x, y) => (x.generator.name < y.generator.name ? -1 : 1));
  const known = fromTerms(normalTerms(ONE, powers, budget));
  return rest === 1n ? known : product(known, rootOfRest(rest, exponent, budget), budget);
}

function rootOfRest(rest: bigint, exponent: Rational, budget: Budget): Polynomial {
  const root = exponent.denominator === 2n ? wholeSquareRoot(rest, budget) : undefined;
  if (root !== undefined) return constant(integerPower(rational(root), exponent.numerator, budget));
  const radicand = constant(rational(rest));
  const generator: Generator = { name: `${rest}`, kind: 'radicand', isPositive: true, radicand };
  return fromTerms(normalTerms(ONE, [{ generator, exponent }], budget));
}
