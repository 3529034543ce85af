/**
 * A tree of numbers and letters to its normal form. What has no exact form here (sin 1, n!, |x|) becomes a generator named by the
 * normal forms of its operands. Lists, relations and words are not scalars and are refused.
 */
import { type Budget, BudgetExceeded } from '../budget.ts';
import { isInteger, ONE, type Rational, rational } from '../rational.ts';
import { absoluteValue } from './exact-functions.ts';
import type { Expression } from './expression.ts';
import {
  addFractions,
  constantFraction,
  type Fraction,
  formatFraction,
  invertFraction,
  multiplyFractions,
  negateFraction,
  polynomialFraction,
  rationalValue,
  scaleFraction,
} from './fraction.ts';
import { isOpenDerivative } from './function-names.ts';
import { applyFunction } from './functions.ts';
import { factorial } from './integers.ts';
import { E, type Generator, generatorPower, I, PI, Undefined } from './polynomial.ts';
import { opaque, power } from './powers.ts';
import { MAX_TERMS, type Series, seriesOf, termAt } from './series.ts';
import { treeKey } from './tree-key.ts';

/** What `log` without a base means, where it matters. */
export type LogBase = 'e' | '10';

export interface Reading {
  readonly budget: Budget;
  readonly logBase: LogBase;
}

/** The tree is not a number or a formula. Caught by `equivalence.ts`. */
export class NotScalar extends Error {
  override readonly name = 'NotScalar';
}

const CONSTANTS: Readonly<Record<string, Generator>> = { pi: PI, e: E, i: I };

export function symbol(name: string): Generator {
  return Object.hasOwn(CONSTANTS, name) ? (CONSTANTS[name] as Generator) : { name, kind: 'symbol', isPositive: false };
}

/** @throws Undefined, NotScalar, BudgetExceeded */
export function canonical(e: Expression, reading: Reading): Fraction {
  const { budget } = reading;
  budget.spend(1);
  const of = (inner: Expression) => canonical(inner, reading);
  switch (e.kind) {
    case 'number':
      return constantFraction(decimalValue(e.digits, e.repeating, budget));
    case 'based':
      return constantFraction(rational(basedValue(e.digits, e.base, budget)));
    case 'symbol':
      return polynomialFraction(generatorPower(symbol(e.name)));
    case 'sum':
      return e.terms.map(of).reduce((a, b) => addFractions(a, b, budget), constantFraction(rational(0n)));
    case 'product':
      return e.factors.map(of).reduce((a, b) => multiplyFractions(a, b, budget), constantFraction(ONE));
    case 'quotient':
      return multiplyFractions(of(e.numerator), invertFraction(of(e.denominator), budget), budget);
    case 'negation':
      return negateFraction(of(e.operand));
    case 'power':
      return power(of(e.base), of(e.exponent), budget);
    case 'root': {
      const degree = e.degree ? invertFraction(of(e.degree), budget) : constantFraction(rational(1n, 2n));
      return power(of(e.radicand), degree, budget);
    }
    case 'factorial':
      return factorialOf(of(e.operand), budget);
    case 'absolute':
      return absoluteValue(of(e.operand), budget);
    case 'call': {
      const series = seriesOf(e);
      if (series) return seriesForm(series, e, reading);
      const name = isOpenDerivative(e) ? 'open derivative' : e.name;
      return applyFunction(name, e.operands.map(of), e.subscript && of(e.subscript), reading);
    }
    case 'percent':
      return scaleFraction(of(e.operand), 1n, 100n, budget);
    case 'degrees':
      return multiplyFractions(
        scaleFraction(of(e.operand), 1n, 180n, budget),
        polynomialFraction(generatorPower(PI)),
        budget,
      );
    case 'quantity':
      return of(e.value);
    default:
      throw new NotScalar(`a ${e.kind} is not a number or a formula`);
  }
}

/** Written out where the bounds are numbers; else a generator named by the tree. */
function seriesForm(series: Series, e: Expression, reading: Reading): Fraction {
  const { budget } = reading;
  const [low, high] = [series.low, series.high].map((bound) => rationalValue(canonical(bound, reading)));
  if (!low || !high || !isInteger(low) || !isInteger(high))
    return polynomialFraction(generatorPower(opaque(`series ${treeKey(e)}`)));
  if (high.numerator - low.numerator > MAX_TERMS) throw new BudgetExceeded(`more than ${MAX_TERMS} terms`);
  const isSum = series.operation === 'sum';
  let result = constantFraction(rational(isSum ? 0n : 1n));
  for (let index = low.numerator; index <= high.numerator; index++) {
    const each = canonical(termAt(series, index), reading);
    result = isSum ? addFractions(result, each, budget) : multiplyFractions(result, each, budget);
  }
  return result;
}

/** `0.1` with `repeating` `6` is 1/6. Longer digits cost more. */
export function decimalValue(digits: string, repeating: string | undefined, budget: Budget): Rational {
  budget.spend(1 + ((digits.length + (repeating?.length ?? 0)) / 19) ** 2);
  const [whole = '', fraction = ''] = digits.split('.');
  const scale = 10n ** BigInt(fraction.length);
  const terminating = BigInt(whole + fraction || '0');
  if (!repeating) return rational(terminating, scale);
  const nines = 10n ** BigInt(repeating.length) - 1n;
  return rational(terminating * nines + BigInt(repeating), scale * nines);
}

/** `ff`, 16 -> 255. @throws Undefined when a digit is not below the base */
function basedValue(digits: string, base: number, budget: Budget): bigint {
  let value = 0n;
  for (const digit of digits.toLowerCase()) {
    const worth = Number.parseInt(digit, 36);
    if (!(worth < base)) throw new Undefined(`${digits} is not a number in base ${base}`);
    budget.spend(1 + digits.length / 16);
    value = value * BigInt(base) + BigInt(worth);
  }
  return value;
}

function factorialOf(operand: Fraction, budget: Budget): Fraction {
  const value = rationalValue(operand);
  if (!value) return polynomialFraction(generatorPower(opaque(`(${formatFraction(operand)})!`)));
  if (value.numerator < 0n && isInteger(value)) throw new Undefined('factorial of a negative number');
  if (!isInteger(value)) return polynomialFraction(generatorPower(opaque(`(${formatFraction(operand)})!`)));
  return constantFraction(rational(factorial(value.numerator, budget)));
}
