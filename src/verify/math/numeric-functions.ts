/**
 * Named functions, roots and factorials of complex decimals.
 */

import type { Decimal } from 'decimal.js';
import type { Budget } from '../budget.ts';
import { rational } from '../rational.ts';
import { canonical } from './canonical.ts';
import * as complex from './complex.ts';
import { type Complex, Unevaluable } from './complex.ts';
import { rationalValue } from './fraction.ts';
import { noticeExtremes, type Point, type Precision } from './point.ts';
import { rationalTree } from './rational-tree.ts';

/** Factorials and binomials of greater numbers have more digits than any precision here shows. */
const MAX_WHOLE = 3000n;

/** The value of a named function; `base` is that of a logarithm. @throws Unevaluable where it has none */
export function functionValue(
  name: string,
  operands: readonly Complex[],
  base: Complex | undefined,
  point: Point,
): Complex {
  const { at, budget, logBase } = point;
  const [x, y] = operands;
  if (!x) throw new Unevaluable(`${name} without operands`);
  const { type } = at;
  const real = (value: Decimal.Value): Complex => ({ re: new type(value), im: new type(0) });
  switch (name) {
    case 'ln':
    case 'lg':
    case 'log': {
      const isDecimal = name === 'lg' || (name === 'log' && logBase === '10');
      const top = complex.logarithm(x, point.isReal);
      const divisor = base ?? (isDecimal ? real(10) : undefined);
      return divisor ? complex.divide(top, complex.logarithm(divisor, point.isReal)) : top;
    }
    case 'sqrt':
      return rootOf(x, real(2), point);
    case 'cbrt':
      return rootOf(x, real(3), point);
    case 'exp':
      noticeExtremes(name, x, point);
      return complex.exponential(x);
    case 'absolute':
      return real(complex.modulus(x));
    case 'binomial':
      return real(`${binomialOf(wholeNumber(x), wholeNumber(y ?? real(0)), budget)}`);
    case 'doubleFactorial': {
      const n = wholeNumber(x);
      let result = 1n;
      if (n < 0n || n > MAX_WHOLE) throw new Unevaluable(`double factorial outside 0 to ${MAX_WHOLE}`);
      for (let k = n; k > 1n; k -= 2n) result *= k;
      return real(`${result}`);
    }
    case 'floor':
      return real(steadyReal(x, at).floor());
    case 'ceil':
      return real(steadyReal(x, at).ceil());
    case 'round':
      return real(steadyReal({ re: x.re.plus(0.5), im: x.im }, at).floor());
    case 'max':
      return real(type.max(...operands.map(complex.realPart)));
    case 'min':
      return real(type.min(...operands.map(complex.realPart)));
    case 'sgn':
      return real(complex.realPart(x).isZero() ? 0 : complex.realPart(x).isNegative() ? -1 : 1);
    case 'gcd':
    case 'lcm':
    case 'mod': {
      const whole = operands.map((operand) => rationalTree(rational(wholeNumber(operand))));
      const value = rationalValue(canonical({ kind: 'call', name, operands: whole }, { budget, logBase }));
      if (!value) throw new Unevaluable(`${name} of these numbers`);
      return real(`${value.numerator}`);
    }
    default:
      noticeExtremes(name, x, point);
      return complex.elementary(name, x, at.pi, point.isReal);
  }
}

/** Real for odd degrees of negative numbers. */
export function rootOf(radicand: Complex, degree: Complex, point: Point): Complex {
  if (!degree.im.isZero() || degree.re.isZero()) throw new Unevaluable('no such root');
  if (radicand.im.isZero() && degree.re.eq(3)) return { re: radicand.re.cbrt(), im: radicand.im };
  if (radicand.im.isZero() && degree.re.eq(2) && !radicand.re.isNegative())
    return { re: radicand.re.sqrt(), im: radicand.im };
  const inverse = complex.divide({ re: degree.re.div(degree.re), im: degree.im }, degree);
  if (!radicand.im.isZero() || !radicand.re.isNegative() || radicand.re.isZero())
    return complex.power(radicand, inverse, point.isReal);
  if (degree.re.isInteger() && !degree.re.mod(2).isZero())
    return complex.negate(complex.power(complex.negate(radicand), inverse, point.isReal));
  if (point.isReal) throw new Unevaluable('even root of a negative number');
  return complex.power(radicand, inverse, false);
}

/** The whole number that a value is. */
export function wholeNumber({ re, im }: Complex): bigint {
  if (!im.isZero() || !re.isInteger() || re.abs().gt(1e9)) throw new Unevaluable('not a whole number');
  return BigInt(re.toFixed(0));
}

/** @throws Unevaluable beyond `MAX_WHOLE` */
export function factorialOf(n: bigint, budget: Budget): bigint {
  if (n < 0n || n > MAX_WHOLE) throw new Unevaluable(`factorial outside 0 to ${MAX_WHOLE}`);
  budget.spend(1 + Number(n) * Math.max(1, Number(n) / 16));
  let result = 1n;
  for (let k = 2n; k <= n; k++) result *= k;
  return result;
}

function binomialOf(n: bigint, k: bigint, budget: Budget): bigint {
  if (n < 0n || n > MAX_WHOLE) throw new Unevaluable(`binomial outside 0 to ${MAX_WHOLE}`);
  if (k < 0n || k > n) return 0n;
  budget.spend(1 + Number(n) * 4);
  let result = 1n;
  for (let j = 1n; j <= k; j++) result = (result * (n - j + 1n)) / j;
  return result;
}

/** A real value that rounding errors cannot carry over a whole number, unless it is one exactly. */
function steadyReal(x: Complex, at: Precision): Decimal {
  const value = complex.realPart(x);
  const distance = value.minus(value.round()).abs();
  if (!distance.isZero() && distance.lt(new at.type(10).pow(10 - at.digits)))
    throw new Unevaluable('too near a whole number');
  return value;
}
