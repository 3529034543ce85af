/**
 * Trees as complex decimals of a stated precision, at given values of their letters. Values that do not exist there (a logarithm of 0, a
 * factorial of 1/2, any even root of a negative number among real letters) are refused, not guessed.
 */

import type { Decimal } from 'decimal.js';
import { canonical, decimalValue } from './canonical.ts';
import * as complex from './complex.ts';
import { type Complex, Unevaluable } from './complex.ts';
import type { Expression } from './expression.ts';
import { formatFraction, rationalValue } from './fraction.ts';
import { functionName, isLetterFunction, isOpenDerivative } from './function-names.ts';
import { factorialOf, functionValue, rootOf, wholeNumber } from './numeric-functions.ts';
import { addNoticing, noticeExtremes, type Point } from './point.ts';
import { MAX_TERMS, type Series, seriesOf, termAt } from './series.ts';

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

function powerOf(base: Complex, exponent: Expression, point: Point): Complex {
  const { type } = point.at;
  const { budget, logBase } = point;
  const exact = isPlain(exponent) ? rationalValue(canonical(exponent, { budget, logBase })) : undefined;
  if (exact && exact.denominator !== 1n && exact.denominator < 1000n) {
    const root = rootOf(base, { re: new type(`${exact.denominator}`), im: new type(0) }, point);
    return complex.power(root, { re: new type(`${exact.numerator}`), im: new type(0) }, false);
  }
  const value = finite(exponent, point);
  noticeExtremes('exp', value, point);
  return complex.power(base, value, point.isReal);
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

function callOf(e: Extract<Expression, { kind: 'call' }>, point: Point): Complex {
  const { at, budget, logBase } = point;
  const name = functionName(e.name);
  budget.spend((at.digits / 7) ** 2 * 60);
  if (isLetterFunction(name) && !isOpenDerivative(e))
    return point.valueOf(formatFraction(canonical(e, { budget, logBase })));
  const operands = e.operands.map((operand) => finite(operand, point));
  return functionValue(name, operands, e.subscript && finite(e.subscript, point), point);
}
