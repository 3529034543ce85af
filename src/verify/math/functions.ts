/**
 * Named functions with exact values where they have one: trigonometry at rational multiples of pi, logarithms of rationals by their
 * primes, whole-number functions. Anything else is a generator named by the function and its operands' normal forms.
 */
import type { Budget } from '../budget.ts';
import { multiply, ONE, type Rational, rational } from '../rational.ts';
import { EXACT, unevaluated } from './exact-functions.ts';
import { constantFraction, type Fraction, invertFraction, multiplyFractions, polynomialFraction } from './fraction.ts';
import { functionName } from './function-names.ts';
import { factorize } from './integers.ts';
import { E, fromTerms, generatorPower, onlyTerm, type Polynomial, UNIT, Undefined } from './polynomial.ts';
import { scale, sum } from './polynomial-arithmetic.ts';
import { opaque } from './powers.ts';

interface FunctionReading {
  readonly budget: Budget;
  readonly logBase: 'e' | '10';
}

export function applyFunction(
  spelling: string,
  operands: readonly Fraction[],
  subscript: Fraction | undefined,
  { budget, logBase }: FunctionReading,
): Fraction {
  const name = functionName(spelling);
  if (name === 'log' || name === 'lg' || name === 'ln') {
    const base = subscript ?? (name === 'lg' || (name === 'log' && logBase === '10') ? TEN : undefined);
    const [operand] = operands;
    if (operand && operands.length === 1) return logarithm(operand, base, budget);
  }
  const exact = subscript ? undefined : EXACT.get(name)?.(operands, budget);
  return exact ?? unevaluated(name, operands, subscript);
}

const TEN = constantFraction(rational(10n));

function logarithm(a: Fraction, base: Fraction | undefined, budget: Budget): Fraction {
  const top = naturalLogarithm(a, budget);
  return base ? multiplyFractions(top, invertFraction(naturalLogarithm(base, budget), budget), budget) : top;
}

function naturalLogarithm(a: Fraction, budget: Budget): Fraction {
  const single = a.denominator === UNIT ? onlyTerm(a.numerator) : undefined;
  if (a.numerator.size === 0) throw new Undefined('logarithm of 0');
  const isSplit =
    single && single.coefficient.numerator > 0n && single.powers.every(({ generator }) => generator.isPositive);
  if (!isSplit) return unevaluated('ln', [a]);
  let result = sum(
    logarithmOfInteger(single.coefficient.numerator, ONE, budget),
    logarithmOfInteger(single.coefficient.denominator, rational(-1n), budget),
    budget,
  );
  for (const { generator, exponent } of single.powers)
    result = sum(
      result,
      generator.name === E.name
        ? fromTerms([{ coefficient: exponent, powers: [], key: '' }])
        : scale(generatorPower(opaque(`ln(${generator.name})`)), exponent, budget),
      budget,
    );
  return polynomialFraction(result);
}

function logarithmOfInteger(n: bigint, factor: Rational, budget: Budget): Polynomial {
  const { primes, rest } = factorize(n, budget);
  let result: Polynomial = new Map();
  for (const [prime, times] of rest === 1n ? primes : [...primes, [rest, 1n] as const]) {
    const logarithm = generatorPower(opaque(`ln(${prime})`, true));
    result = sum(result, scale(logarithm, multiply(factor, rational(times)), budget), budget);
  }
  return result;
}
