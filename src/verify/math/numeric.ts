/**
 * Trees as complex decimals of a stated precision, at given values of their letters. Values that do not exist there (a logarithm of 0, a
 * factorial of 1/2, any even root of a negative number among real letters) are refused, not guessed.
 */
import { Decimal } from 'decimal.js';
import type { Budget } from '../budget.ts';
import { rational } from '../rational.ts';
import { canonical, decimalValue, type LogBase } from './canonical.ts';
import * as complex from './complex.ts';
import { type Complex, type DecimalType, Unevaluable } from './complex.ts';
import type { Expression } from './expression.ts';
import { formatFraction, rationalValue } from './fraction.ts';
import { functionName, isLetterFunction } from './functions.ts';
import { MAX_TERMS, type Series, seriesOf, termAt } from './series.ts';

/** One precision: decimal.js rounds every operation to `digits`. */
export interface Precision {
  readonly digits: number;
  readonly type: DecimalType;
  readonly pi: Decimal;
  readonly e: Decimal;
}

const PRECISIONS = new Map<number, Precision>();

export function precision(digits: number): Precision {
  let found = PRECISIONS.get(digits);
  if (!found) {
    const type = Decimal.clone({ precision: digits, rounding: Decimal.ROUND_HALF_EVEN, defaults: true });
    found = { digits, type, pi: type.acos(-1), e: type.exp(1) };
    PRECISIONS.set(digits, found);
  }
  return found;
}

export interface Point {
  readonly at: Precision;
  readonly budget: Budget;
  readonly logBase: LogBase;
  /** Values of letters, and of letter functions by their normal form. */
  valueOf(letter: string): Complex;
  /** Letters are real and so is everything made of them. */
  readonly isReal: boolean;
  /** Set when a term was too small to show beside another: what follows may look equal and not be. */
  hasAbsorbed: boolean;
}

/** @throws Unevaluable, BudgetExceeded, and what `canonical` throws for the parts it reads */
export function evaluate(e: Expression, point: Point): Complex {
  try {
    return finite(e, point);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('[DecimalError]')) throw new Unevaluable(error.message);
    throw error;
  }
}

function finite(e: Expression, point: Point): Complex {
  const value = evaluateNode(e, point);
  if (!value.re.isFinite() || !value.im.isFinite()) throw new Unevaluable('no finite value');
  return value;
}

function evaluateNode(e: Expression, point: Point): Complex {
  const { at, budget } = point;
  const { type } = at;
  const cost = (at.digits / 7) ** 2;
  budget.spend(10 + at.digits / 7);
  const of = (inner: Expression) => finite(inner, point);
  const real = (value: Decimal.Value): Complex => ({ re: new type(value), im: new type(0) });
  switch (e.kind) {
    case 'number': {
      const value = decimalValue(e.digits, e.repeating, budget);
      return real(new type(`${value.numerator}`).div(`${value.denominator}`));
    }
    case 'based': {
      const value = rationalValue(canonical(e, { budget, logBase: point.logBase }));
      return real(`${value?.numerator ?? 0n}`);
    }
    case 'symbol':
      if (e.name === 'pi') return real(at.pi);
      if (e.name === 'e') return real(at.e);
      if (e.name === 'i') return { re: new type(0), im: new type(1) };
      return point.valueOf(e.name);
    case 'sum':
      return e.terms.map(of).reduce((a, b) => addNoticing(a, b, point), real(0));
    case 'product':
      budget.spend(cost * e.factors.length);
      return e.factors.map(of).reduce((a, b) => complex.multiply(a, b), real(1));
    case 'quotient':
      budget.spend(cost * 4);
      return complex.divide(of(e.numerator), of(e.denominator));
    case 'negation':
      return complex.negate(of(e.operand));
    case 'power':
      budget.spend(cost * 60);
      return powerOf(of(e.base), e.exponent, point);
    case 'root': {
      budget.spend(cost * 30);
      const degree = e.degree ? of(e.degree) : real(2);
      return rootOf(of(e.radicand), degree, point);
    }
    case 'factorial':
      return real(new type(`${factorialOf(wholeNumber(of(e.operand)), budget)}`));
    case 'absolute':
      return { re: complex.modulus(of(e.operand)), im: new type(0) };
    case 'percent':
      return complex.divide(of(e.operand), real(100));
    case 'degrees':
      return complex.multiply(of(e.operand), real(at.pi.div(180)));
    case 'quantity':
      return of(e.value);
    case 'call': {
      const series = seriesOf(e);
      return series ? seriesValue(series, point) : callOf(e, point);
    }
    default:
      throw new Unevaluable(`a ${e.kind} has no value`);
  }
}

function seriesValue(series: Series, point: Point): Complex {
  const { type } = point.at;
  const [low, high] = [wholeNumber(finite(series.low, point)), wholeNumber(finite(series.high, point))];
  if (high - low > MAX_TERMS) throw new Unevaluable(`more than ${MAX_TERMS} terms`);
  const isSum = series.operation === 'sum';
  let result: Complex = { re: new type(isSum ? 0 : 1), im: new type(0) };
  for (let index = low; index <= high; index++) {
    const value = finite(termAt(series, index), point);
    result = isSum ? addNoticing(result, value, point) : complex.multiply(result, value);
  }
  return result;
}

function addNoticing(a: Complex, b: Complex, point: Point): Complex {
  for (const [x, y] of [
    [a.re, b.re],
    [a.im, b.im],
  ] as const)
    if (!x.isZero() && !y.isZero() && Math.abs(x.e - y.e) > point.at.digits - 5) point.hasAbsorbed = true;
  return complex.add(a, b);
}

function powerOf(base: Complex, exponent: Expression, point: Point): Complex {
  const { type } = point.at;
  const { budget, logBase } = point;
  const exact = isPlain(exponent) ? rationalValue(canonical(exponent, { budget, logBase })) : undefined;
  if (exact && exact.denominator !== 1n && exact.denominator < 1000n) {
    const root = rootOf(base, { re: new type(`${exact.denominator}`), im: new type(0) }, point);
    return complex.power(root, { re: new type(`${exact.numerator}`), im: new type(0) }, false);
  }
  return complex.power(base, finite(exponent, point), point.isReal);
}

/** A tree of numbers and signs only, whose exact value is cheap. */
function isPlain(e: Expression): boolean {
  switch (e.kind) {
    case 'number':
      return e.digits.length < 20;
    case 'negation':
      return isPlain(e.operand);
    case 'quotient':
      return isPlain(e.numerator) && isPlain(e.denominator);
    default:
      return false;
  }
}

/** Real for odd degrees of negative numbers. */
function rootOf(radicand: Complex, degree: Complex, point: Point): Complex {
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
function wholeNumber({ re, im }: Complex): bigint {
  if (!im.isZero() || !re.isInteger() || re.abs().gt(1e9)) throw new Unevaluable('not a whole number');
  return BigInt(re.toFixed(0));
}

function factorialOf(n: bigint, budget: Budget): bigint {
  if (n < 0n || n > 3000n) throw new Unevaluable('factorial outside 0 to 3000');
  budget.spend(1 + Number(n) * Math.max(1, Number(n) / 16));
  let result = 1n;
  for (let k = 2n; k <= n; k++) result *= k;
  return result;
}

function callOf(e: Extract<Expression, { kind: 'call' }>, point: Point): Complex {
  const { at, budget, logBase } = point;
  const name = functionName(e.name);
  budget.spend((at.digits / 7) ** 2 * 60);
  if (isLetterFunction(name)) return point.valueOf(formatFraction(canonical(e, { budget, logBase })));
  const operands = e.operands.map((operand) => finite(operand, point));
  const [x, y] = operands;
  if (!x) throw new Unevaluable(`${name} without operands`);
  const { type } = at;
  const real = (value: Decimal.Value): Complex => ({ re: new type(value), im: new type(0) });
  switch (name) {
    case 'ln':
    case 'lg':
    case 'log': {
      const isDecimal = name === 'lg' || (name === 'log' && logBase === '10');
      const base = e.subscript ? finite(e.subscript, point) : isDecimal ? real(10) : undefined;
      const top = complex.logarithm(x, point.isReal);
      return base ? complex.divide(top, complex.logarithm(base, point.isReal)) : top;
    }
    case 'sqrt':
      return rootOf(x, real(2), point);
    case 'cbrt':
      return rootOf(x, real(3), point);
    case 'exp':
      return complex.exponential(x);
    case 'absolute':
      return real(complex.modulus(x));
    case 'binomial':
      return real(`${binomialOf(wholeNumber(x), wholeNumber(y ?? real(0)), budget)}`);
    case 'doubleFactorial': {
      const n = wholeNumber(x);
      let result = 1n;
      if (n < 0n || n > 3000n) throw new Unevaluable('double factorial outside 0 to 3000');
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
      const whole = operands.map(wholeNumber).map((n) => ({ kind: 'number', digits: `${n < 0n ? -n : n}` }) as const);
      const value = rationalValue(canonical({ kind: 'call', name, operands: whole }, { budget, logBase }));
      return real(`${(value ?? rational(0n)).numerator}`);
    }
    default:
      return complex.elementary(name, x, at.pi, point.isReal);
  }
}

function binomialOf(n: bigint, k: bigint, budget: Budget): bigint {
  if (n < 0n || n > 3000n) throw new Unevaluable('binomial outside 0 to 3000');
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
