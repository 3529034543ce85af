/**
 * Functions with exact values where they have one: trigonometry at rational multiples of pi, absolute values, whole-number functions.
 */
import type { Budget } from '../budget.ts';
import { add, compare, floor, isInteger, multiply, negate, ONE, type Rational, rational, ZERO } from '../rational.ts';
import { cosineOfPi, sineOfPi } from './angles.ts';
import {
  addFractions,
  constantFraction,
  type Fraction,
  formatFraction,
  fraction,
  negateFraction,
  polynomialFraction,
  rationalValue,
} from './fraction.ts';
import { isLetterFunction } from './function-names.ts';
import { binomial, doubleFactorial } from './integers.ts';
import {
  E,
  fromTerms,
  generatorPower,
  generatorsOf,
  onlyTerm,
  type Polynomial,
  type Term,
  UNIT,
} from './polynomial.ts';
import { product } from './polynomial-arithmetic.ts';
import { sortedTerms } from './polynomial-format.ts';
import { opaque, power, rationalPower } from './powers.ts';

type Apply = (operands: readonly Fraction[], budget: Budget) => Fraction | undefined;

/** A generator named by the function and its operands' normal forms. */
export function unevaluated(name: string, operands: readonly Fraction[], subscript?: Fraction): Fraction {
  const written = `${name}${subscript ? `_(${formatFraction(subscript)})` : ''}(${operands.map(formatFraction).join(', ')})`;
  return polynomialFraction(
    generatorPower(
      isLetterFunction(name)
        ? { name: written, kind: 'symbol', isPositive: false }
        : opaque(written, name === 'absolute'),
    ),
  );
}

/** r when the fraction is r * pi. */
function halfTurns({ numerator, denominator }: Fraction): Rational | undefined {
  if (denominator !== UNIT) return undefined;
  if (numerator.size === 0) return ZERO;
  const single = onlyTerm(numerator);
  return single?.key === 'pi' ? single.coefficient : undefined;
}

const cosine: Apply = ([angle], budget) => {
  const turns = angle && halfTurns(angle);
  const exact = turns && cosineOfPi(turns, budget);
  if (exact) return polynomialFraction(exact);
  return angle && isMinus(angle) ? unevaluated('cos', [negateFraction(angle)]) : undefined;
};

const sine: Apply = ([angle], budget) => {
  const turns = angle && halfTurns(angle);
  const exact = turns && sineOfPi(turns, budget);
  if (exact) return polynomialFraction(exact);
  return angle && isMinus(angle) ? negateFraction(unevaluated('sin', [negateFraction(angle)])) : undefined;
};

function isMinus({ numerator }: Fraction): boolean {
  return (sortedTerms(numerator)[0]?.coefficient.numerator ?? 0n) < 0n;
}

/** top(x) / bottom(x) where both are exact. */
function ratio(top: Apply | undefined, bottom: Apply): Apply {
  return ([angle], budget) => {
    if (!angle || halfTurns(angle) === undefined) return undefined;
    const [p, q] = [top ? top([angle], budget) : constantFraction(ONE), bottom([angle], budget)];
    if (!p || !q) return undefined;
    return fraction(product(p.numerator, q.denominator, budget), product(p.denominator, q.numerator, budget), budget);
  };
}

/** Operands that are all rational, or whole. */
function onRationals(of: (values: readonly Rational[], budget: Budget) => Rational | undefined): Apply {
  return (operands, budget) => {
    const values = operands.map(rationalValue);
    if (values.length === 0 || values.includes(undefined)) return undefined;
    const value = of(values as Rational[], budget);
    return value && constantFraction(value);
  };
}

function onIntegers(of: (values: readonly bigint[], budget: Budget) => bigint | undefined): Apply {
  return onRationals((values, budget) => {
    if (!values.every(isInteger)) return undefined;
    const value = of(
      values.map(({ numerator }) => numerator),
      budget,
    );
    return value === undefined ? undefined : rational(value);
  });
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b);
}

const rounded = (shift: Rational, sign: bigint): Apply =>
  onRationals(([x]) => x && rational(sign * floor(multiply(rational(sign), add(x, shift)))));

/** By name; an operand without an exact value gives `undefined`. */
export const EXACT: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['cos', cosine],
  ['sin', sine],
  ['tan', ratio(sine, cosine)],
  ['cot', ratio(cosine, sine)],
  ['sec', ratio(undefined, cosine)],
  ['csc', ratio(undefined, sine)],
  ['exp', ([x], budget) => x && power(polynomialFraction(generatorPower(E)), x, budget)],
  ['sqrt', ([x], budget) => x && rationalPower(x, rational(1n, 2n), budget)],
  ['cbrt', ([x], budget) => x && rationalPower(x, rational(1n, 3n), budget)],
  ['absolute', ([x], budget) => x && absoluteValue(x, budget)],
  ['conjugate', ([x]) => x && conjugate(x)],
  ['floor', rounded(ZERO, 1n)],
  ['ceil', rounded(ZERO, -1n)],
  ['round', rounded(rational(1n, 2n), 1n)],
  ['gcd', onIntegers((values) => values.reduce(gcd))],
  ['lcm', onIntegers((values) => values.reduce((a, b) => (a === 0n || b === 0n ? 0n : (a * b) / gcd(a, b))))],
  ['max', onRationals((values) => values.reduce((a, b) => (compare(a, b) < 0 ? b : a)))],
  ['min', onRationals((values) => values.reduce((a, b) => (compare(a, b) > 0 ? b : a)))],
  [
    'binomial',
    onIntegers(([n, k], budget) => (n === undefined || k === undefined || n < 0n ? undefined : binomial(n, k, budget))),
  ],
  [
    'doubleFactorial',
    onIntegers(([n], budget) => (n === undefined || n < 0n ? undefined : doubleFactorial(n, budget))),
  ],
  ['mod', onIntegers(([a, m]) => (a === undefined || m === undefined || m <= 0n ? undefined : ((a % m) + m) % m))],
]);

/** Exact for rationals, for multiples of positive generators and for a + bi; `absolute(...)` otherwise. */
export function absoluteValue(a: Fraction, budget: Budget): Fraction {
  const value = rationalValue(a);
  if (value) return constantFraction(value.numerator < 0n ? negate(value) : value);
  const single = a.denominator === UNIT ? onlyTerm(a.numerator) : undefined;
  if (single?.powers.every(({ generator }) => generator.isPositive))
    return single.coefficient.numerator < 0n ? negateFraction(a) : a;
  return complexModulus(a, budget) ?? unevaluated('absolute', [isMinus(a) ? negateFraction(a) : a]);
}

/** a - bi of a + bi, where everything else in it is a positive constant. */
function conjugate({ numerator, denominator }: Fraction): Fraction | undefined {
  if (denominator !== UNIT || !isConstantNumber(numerator)) return undefined;
  const hasI = ({ powers }: Term) => powers.some(({ generator }) => generator.kind === 'imaginary');
  return polynomialFraction(
    fromTerms(
      [...numerator.values()].map((each) => (hasI(each) ? { ...each, coefficient: negate(each.coefficient) } : each)),
    ),
  );
}

function isConstantNumber(a: Polynomial): boolean {
  return [...generatorsOf(a).values()].every(
    ({ kind }) => kind === 'prime' || kind === 'imaginary' || kind === 'transcendental',
  );
}

/** sqrt(re^2 + im^2) for a number with i whose other generators are positive constants. */
function complexModulus(a: Fraction, budget: Budget): Fraction | undefined {
  const generators = [...generatorsOf(a.numerator).values()];
  const isConstant = generators.every(
    ({ kind }) => kind === 'prime' || kind === 'imaginary' || kind === 'transcendental',
  );
  if (a.denominator !== UNIT || !isConstant || !generators.some(({ kind }) => kind === 'imaginary')) return undefined;
  const parts = [...a.numerator.values()];
  const hasI = (powers: (typeof parts)[number]['powers']) => powers.some(({ generator }) => generator.name === 'i');
  const real = fromTerms(parts.filter(({ powers }) => !hasI(powers)));
  const minusImaginary = product(
    fromTerms(parts.filter(({ powers }) => hasI(powers))),
    generatorPower({ name: 'i', kind: 'imaginary', isPositive: false }),
    budget,
  );
  const square = addFractions(
    polynomialFraction(product(real, real, budget)),
    polynomialFraction(product(minusImaginary, minusImaginary, budget)),
    budget,
  );
  return rationalPower(square, rational(1n, 2n), budget);
}
