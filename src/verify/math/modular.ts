/**
 * Trees of + - * / and whole powers modulo a prime: exact, and cheap however high the degree.
 */
import type { Budget } from '../budget.ts';
import { decimalValue } from './canonical.ts';
import type { Expression } from './expression.ts';

/** 2^61 - 1 */
export const MODULUS = (1n << 61n) - 1n;

/** A power takes about 61 squarings and as many products of two words. */
const POWER_STEPS = 200;

function residue(n: bigint): bigint {
  const rest = n % MODULUS;
  return rest < 0n ? rest + MODULUS : rest;
}

function modularPower(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % MODULUS;
    square = (square * square) % MODULUS;
  }
  return result;
}

/** `undefined` where the tree has other nodes, or divides by a multiple of the modulus. */
export function modularValue(
  e: Expression,
  letterValue: (letter: string) => bigint,
  budget: Budget,
): bigint | undefined {
  budget.spend(4);
  const of = (inner: Expression) => modularValue(inner, letterValue, budget);
  const divide = (a: bigint | undefined, b: bigint | undefined) => {
    budget.spend(POWER_STEPS);
    return a === undefined || !b ? undefined : (a * modularPower(b, MODULUS - 2n)) % MODULUS;
  };
  switch (e.kind) {
    case 'number': {
      const { numerator, denominator } = decimalValue(e.digits, e.repeating, budget);
      return denominator === 1n ? residue(numerator) : divide(residue(numerator), residue(denominator));
    }
    case 'symbol':
      return letterValue(e.name);
    case 'negation': {
      const value = of(e.operand);
      return value === undefined ? undefined : residue(-value);
    }
    case 'sum':
      return fold(e.terms.map(of), 0n, (a, b) => a + b);
    case 'product':
      return fold(e.factors.map(of), 1n, (a, b) => a * b);
    case 'quotient':
      return divide(of(e.numerator), of(e.denominator));
    case 'power': {
      const base = of(e.base);
      const exponent = wholeExponent(e.exponent, budget);
      if (base === undefined || exponent === undefined) return undefined;
      budget.spend(POWER_STEPS);
      return exponent < 0n ? divide(1n, modularPower(base, -exponent)) : modularPower(base, exponent);
    }
    default:
      return undefined;
  }
}

function fold(
  values: readonly (bigint | undefined)[],
  start: bigint,
  join: (a: bigint, b: bigint) => bigint,
): bigint | undefined {
  let result = start;
  for (const value of values) {
    if (value === undefined) return undefined;
    result = join(result, value) % MODULUS;
  }
  return result;
}

/** A written whole exponent of a size that squaring takes in a few steps. */
function wholeExponent(e: Expression, budget: Budget): bigint | undefined {
  if (e.kind === 'negation') {
    const inner = wholeExponent(e.operand, budget);
    return inner === undefined ? undefined : -inner;
  }
  if (e.kind !== 'number' || e.digits.length > 18) return undefined;
  const value = decimalValue(e.digits, e.repeating, budget);
  return value.denominator === 1n ? value.numerator : undefined;
}
