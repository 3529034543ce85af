/**
 * Rationals as trees.
 */
import type { Rational } from '../rational.ts';
import type { Expression } from './expression.ts';

/** `-3/2` as a negated quotient, whole numbers as numbers. */
export function rationalTree({ numerator, denominator }: Rational): Expression {
  const top: Expression = { kind: 'number', digits: `${numerator < 0n ? -numerator : numerator}` };
  const size: Expression =
    denominator === 1n
      ? top
      : { kind: 'quotient', numerator: top, denominator: { kind: 'number', digits: `${denominator}` } };
  return numerator < 0n ? { kind: 'negation', operand: size } : size;
}
