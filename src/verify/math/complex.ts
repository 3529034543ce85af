/**
 * Complex numbers of decimals: as many digits as the decimals carry. Principal values.
 */
import type { Decimal } from 'decimal.js';

export type DecimalType = typeof Decimal;

export interface Complex {
  readonly re: Decimal;
  readonly im: Decimal;
}

/** A value that does not exist at a point, or not as a real number where only those count. Says nothing about the expression elsewhere. */
export class Unevaluable extends Error {
  override readonly name = 'Unevaluable';
}

export function add(a: Complex, b: Complex): Complex {
  return { re: a.re.plus(b.re), im: a.im.plus(b.im) };
}

export function subtract(a: Complex, b: Complex): Complex {
  return { re: a.re.minus(b.re), im: a.im.minus(b.im) };
}

export function negate(a: Complex): Complex {
  return { re: a.re.negated(), im: a.im.negated() };
}

export function multiply(a: Complex, b: Complex): Complex {
  if (a.im.isZero() && b.im.isZero()) return { re: a.re.times(b.re), im: a.im };
  return { re: a.re.times(b.re).minus(a.im.times(b.im)), im: a.re.times(b.im).plus(a.im.times(b.re)) };
}

/** @throws Unevaluable for division by zero */
export function divide(a: Complex, b: Complex): Complex {
  if (b.im.isZero()) {
    if (b.re.isZero()) throw new Unevaluable('division by zero');
    return { re: a.re.div(b.re), im: a.im.isZero() ? a.im : a.im.div(b.re) };
  }
  const size = b.re.times(b.re).plus(b.im.times(b.im));
  const { re, im } = multiply(a, { re: b.re, im: b.im.negated() });
  return { re: re.div(size), im: im.div(size) };
}

export function modulus({ re, im }: Complex): Decimal {
  if (im.isZero()) return re.abs();
  return re.times(re).plus(im.times(im)).sqrt();
}

/** @throws Unevaluable when there is an imaginary part */
export function realPart({ re, im }: Complex): Decimal {
  if (!im.isZero()) throw new Unevaluable('not a real number');
  return re;
}

function typeOf(x: Decimal): DecimalType {
  return x.constructor as unknown as DecimalType;
}

export function exponential({ re, im }: Complex): Complex {
  const size = re.exp();
  if (!size.isFinite()) throw new Unevaluable('too large');
  return im.isZero() ? { re: size, im } : { re: size.times(im.cos()), im: size.times(im.sin()) };
}

/** @throws Unevaluable for 0, and for negative numbers where only real values count */
export function logarithm(a: Complex, isReal: boolean): Complex {
  if (a.im.isZero() && a.re.isZero()) throw new Unevaluable('logarithm of 0');
  if (a.im.isZero() && !a.re.isNegative()) return { re: a.re.ln(), im: a.im };
  if (isReal) throw new Unevaluable('logarithm of a negative number');
  return { re: modulus(a).ln(), im: typeOf(a.re).atan2(a.im, a.re) };
}

/** Whole exponents exactly by squaring; others through the logarithm. */
export function power(base: Complex, exponent: Complex, isReal: boolean): Complex {
  const type = typeOf(base.re);
  if (base.im.isZero() && base.re.isZero()) {
    if (!exponent.im.isZero() || exponent.re.isNegative() || exponent.re.isZero()) {
      if (exponent.re.isZero() && exponent.im.isZero()) return { re: new type(1), im: base.im };
      throw new Unevaluable('0 to a power that is not positive');
    }
    return base;
  }
  const isWhole = exponent.im.isZero() && exponent.re.isInteger();
  if (base.im.isZero() && exponent.im.isZero() && (isWhole || !base.re.isNegative()))
    return { re: realPower(base.re, exponent.re), im: base.im };
  if (isWhole && exponent.re.abs().lt(10_000)) return wholePower(base, exponent.re.toNumber());
  return exponential(multiply(logarithm(base, isReal), exponent));
}

function realPower(base: Decimal, exponent: Decimal): Decimal {
  const value = base.pow(exponent);
  if (!value.isFinite() || value.isZero()) throw new Unevaluable('too large or too small');
  return value;
}

function wholePower(base: Complex, exponent: number): Complex {
  const type = typeOf(base.re);
  const one = { re: new type(1), im: new type(0) };
  let result: Complex = one;
  let square = base;
  for (let left = Math.abs(exponent); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return exponent < 0 ? divide(one, result) : result;
}

/** Trigonometric and hyperbolic functions and their inverses. @throws Unevaluable for a name that is not among them */
export function elementary(name: string, x: Complex, pi: Decimal, isReal: boolean): Complex {
  // reducing a huge angle needs as many digits of pi as the angle has
  if (!name.startsWith('arc') && Math.max(x.re.e, x.im.e) > 60) throw new Unevaluable('an angle above 10^60');
  if (x.im.isZero()) return { re: realElementary(name, x.re, pi), im: x.im };
  if (isReal) throw new Unevaluable('not a real number');
  const [re, im] = [x.re, x.im];
  switch (name) {
    case 'sin':
      return { re: re.sin().times(im.cosh()), im: re.cos().times(im.sinh()) };
    case 'cos':
      return { re: re.cos().times(im.cosh()), im: re.sin().times(im.sinh()).negated() };
    case 'tan':
      return divide(elementary('sin', x, pi, isReal), elementary('cos', x, pi, isReal));
    case 'sinh':
      return { re: re.sinh().times(im.cos()), im: re.cosh().times(im.sin()) };
    case 'cosh':
      return { re: re.cosh().times(im.cos()), im: re.sinh().times(im.sin()) };
    case 'Re':
      return { re, im: im.minus(im) };
    case 'Im':
      return { re: im, im: im.minus(im) };
    case 'conjugate':
      return { re, im: im.negated() };
    default:
      throw new Unevaluable(`${name} of a complex number`);
  }
}

/** cos x, or a refusal where it is 0 as far as rounding shows. */
function divisor(value: Decimal): Decimal {
  if (value.abs().lt(new (typeOf(value))(10).pow(6 - typeOf(value).precision))) throw new Unevaluable('a pole');
  return value;
}

function realElementary(name: string, x: Decimal, pi: Decimal): Decimal {
  const one = new (typeOf(x))(1);
  const inverted = () => one.div(divisor(x));
  const within = (value: Decimal) => {
    if (!value.isFinite()) throw new Unevaluable(`${name} outside its domain`);
    return value;
  };
  switch (name) {
    case 'sin':
      return x.sin();
    case 'cos':
      return x.cos();
    case 'tan':
      return x.sin().div(divisor(x.cos()));
    case 'cot':
      return x.cos().div(divisor(x.sin()));
    case 'sec':
      return one.div(divisor(x.cos()));
    case 'csc':
      return one.div(divisor(x.sin()));
    case 'arcsin':
      return within(x.asin());
    case 'arccos':
      return within(x.acos());
    case 'arctan':
      return x.atan();
    case 'arccot':
      return pi.div(2).minus(x.atan());
    case 'arcsec':
      return within(inverted().acos());
    case 'arccsc':
      return within(inverted().asin());
    case 'sinh':
      return within(x.exp().minus(x.negated().exp()).div(2));
    case 'cosh':
      return within(x.exp().plus(x.negated().exp()).div(2));
    case 'tanh':
      return one.minus(one.times(2).div(x.times(2).exp().plus(1)));
    case 'coth':
      return one.div(divisor(realElementary('tanh', x, pi)));
    case 'sech':
      return one.div(realElementary('cosh', x, pi));
    case 'csch':
      return one.div(divisor(realElementary('sinh', x, pi)));
    case 'arcsinh':
      return x.asinh();
    case 'arccosh':
      return within(x.acosh());
    case 'arctanh':
      return within(x.atanh());
    case 'Re':
    case 'conjugate':
      return x;
    case 'Im':
      return x.minus(x);
    default:
      throw new Unevaluable(`${name} is not known`);
  }
}
