/**
 * Where formulas are evaluated: a precision, values for the letters, and a note of when digits may have been lost from sight.
 */

import { Decimal } from 'decimal.js';
import type { Budget } from '../budget.ts';
import type { LogBase } from './canonical.ts';
import { add, type Complex, type DecimalType } from './complex.ts';

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
  /** Set when something was nearly too small to show beside another: what follows may look equal and not be. */
  hasAbsorbed: boolean;
}

/** Part of the digits over which a term may be smaller than another and still be trusted to show. */
const SHOWN = 0.45;

/** Functions hide tiny operands (cos 10^-90 is nearly 1), huge ones (arctan 10^90 is nearly pi/2) and large exponentials (tanh 100). */
export function noticeExtremes(name: string, { re, im }: Complex, point: Point): void {
  const limit = SHOWN * point.at.digits;
  const isTiny = [re, im].some((part) => !part.isZero() && part.e < -limit / 2);
  const isHuge = /^arc/.test(name) ? re.e > limit / 2 : /h$/.test(name) && re.abs().gt(limit);
  if (isTiny || isHuge) point.hasAbsorbed = true;
}

/** a + b, noticing when the smaller is nearly lost. */
export function addNoticing(a: Complex, b: Complex, point: Point): Complex {
  for (const [x, y] of [
    [a.re, b.re],
    [a.im, b.im],
  ] as const)
    if (!x.isZero() && !y.isZero() && Math.abs(x.e - y.e) > SHOWN * point.at.digits) point.hasAbsorbed = true;
  return add(a, b);
}
