/**
 * Whether two formulas are equal, asked at random points: rational functions modulo a large prime, anything else in decimals of
 * increasing precision. A difference that stays while the precision grows is one; a difference that shrinks with it is none.
 *
 * Points are keyed by the letter and the draw, so every machine tests at the same ones.
 */

import type { Decimal } from 'decimal.js';
import { childKey, RandomStream, randomKey } from '../../core/random.ts';
import { type Budget, BudgetExceeded } from '../budget.ts';
import { type LogBase, NotScalar } from './canonical.ts';
import { type Complex, modulus, subtract, Unevaluable } from './complex.ts';
import type { Decision } from './decision.ts';
import type { Expression } from './expression.ts';
import { type Letters, lettersOf } from './letters.ts';
import { MODULUS, modularValue } from './modular.ts';
import { evaluate } from './numeric.ts';
import { type Point, type Precision, precision } from './point.ts';
import { Undefined } from './polynomial.ts';

/** Points at which both sides have a value, needed for equality. */
const POINTS_FOR_EQUALITY = 8;
/** Points tried, at most: outside a domain there is no value. */
const MAX_POINTS = 40;
/** Digits for formulas with letters: the second tells rounding from difference. */
const LETTER_DIGITS = [20, 40] as const;
/** Digits for numbers, where one comparison decides: pairs, until one does. */
const NUMBER_DIGITS = [40, 100, 400] as const;

const ROOT = randomKey(0x706f6c61, 'identity');

function streamOf(letter: string, draw: number): RandomStream {
  return new RandomStream(childKey(ROOT, letter, draw));
}

export interface Question {
  readonly a: Expression;
  readonly b: Expression;
  readonly budget: Budget;
  readonly logBase: LogBase;
}

export function testIdentity(question: Question): Decision {
  const letters = lettersOf([question.a, question.b]);
  if (letters.names.size === 0) return compareNumbers(question, letters);
  return modularTest(question, letters) ?? compareAtPoints(question, letters);
}

/** Only for trees of + - * / and whole powers. A root of the difference at random points modulo 2^61 - 1 is unlikely by degree / 2^61 each. */
function modularTest({ a, b, budget }: Question, letters: Letters): Decision | undefined {
  if (!letters.isRational) return undefined;
  let equal = 0;
  for (let draw = 0; draw < 8 && equal < 4; draw++) {
    const residueOf = (letter: string) => {
      const stream = streamOf(letter, draw);
      return (BigInt(stream.integer(0, 2 ** 30)) * 2n ** 31n + BigInt(stream.integer(0, 2 ** 30))) % MODULUS;
    };
    const [left, right] = [modularValue(a, residueOf, budget), modularValue(b, residueOf, budget)];
    if (left === undefined || right === undefined) continue;
    if (left !== right) return { decision: 'different', rule: 'differ at a random point modulo 2^61 - 1' };
    equal++;
  }
  return equal < 4 ? undefined : { decision: 'equal', rule: 'equal at 4 random points modulo 2^61 - 1' };
}

function compareNumbers(question: Question, letters: Letters): Decision {
  const isReal = false;
  const at = (digits: number) => pair(question, precision(digits), isReal, letters, 0);
  let low: Pair;
  try {
    low = at(NUMBER_DIGITS[0]);
  } catch (error) {
    return undecided(error);
  }
  for (const digits of NUMBER_DIGITS.slice(1)) {
    let high: Pair;
    try {
      high = at(digits);
    } catch (error) {
      return undecided(error);
    }
    const outcome = judge(low, high, digits - low.digits);
    if (outcome === 'different') return { decision: 'different', rule: `differ as numbers of ${digits} digits` };
    if (outcome === 'equal' && !high.hasAbsorbed) return { decision: 'equal', rule: `equal to ${digits} digits` };
    low = high;
  }
  return { decision: 'undecided', rule: `${NUMBER_DIGITS.at(-1)} digits cannot separate them` };
}

function compareAtPoints(question: Question, letters: Letters): Decision {
  const [few, many] = LETTER_DIGITS;
  let equal = 0;
  let reason = 'no random point where both have a value';
  for (let draw = 0; draw < MAX_POINTS && equal < POINTS_FOR_EQUALITY; draw++) {
    try {
      const high = pair(question, precision(many), !letters.hasI, letters, draw);
      if (isTiny(high)) {
        if (!high.hasAbsorbed) equal++;
        else reason = 'too different in size at random points';
        continue;
      }
      const low = pair(question, precision(few), !letters.hasI, letters, draw);
      const outcome = judge(low, high, many - few);
      if (outcome === 'different') return { decision: 'different', rule: 'differ at a random point' };
      if (outcome === 'equal' && !high.hasAbsorbed) equal++;
    } catch (error) {
      if (error instanceof BudgetExceeded) throw error;
      const decision = undecided(error);
      reason = decision.rule;
      if (letters.hasUnknownFunction) return decision;
    }
  }
  if (equal >= POINTS_FOR_EQUALITY)
    return { decision: 'equal', rule: `equal at ${equal} random points to ${many} digits` };
  return { decision: 'undecided', rule: reason };
}

interface Pair {
  readonly digits: number;
  /** |a - b| */
  readonly apart: Decimal;
  /** The larger of |a| and |b|. */
  readonly size: Decimal;
  readonly hasAbsorbed: boolean;
  readonly isOnlyPoint: boolean;
}

function pair(
  { a, b, budget, logBase }: Question,
  at: Precision,
  isReal: boolean,
  letters: Letters,
  draw: number,
): Pair {
  const values = new Map<string, Complex>();
  const point: Point = {
    at,
    budget,
    logBase,
    isReal,
    hasAbsorbed: false,
    valueOf: (letter) => {
      let value = values.get(letter);
      if (!value) {
        value = drawValue(letter, draw, letters, at);
        values.set(letter, value);
      }
      return value;
    },
  };
  const [left, right] = [evaluate(a, point), evaluate(b, point)];
  const [x, y] = [modulus(left), modulus(right)];
  return {
    digits: at.digits,
    apart: modulus(subtract(left, right)),
    size: x.gt(y) ? x : y,
    hasAbsorbed: point.hasAbsorbed,
    isOnlyPoint: letters.names.size === 0,
  };
}

/** Whole where a letter counts something; else real and positive, except that every second draw has negative ones too. */
function drawValue(letter: string, draw: number, letters: Letters, { type }: Precision): Complex {
  const stream = streamOf(letter, draw);
  const im = new type(0);
  if (letters.whole.has(letter)) return { re: new type(stream.integer(1, draw % 2 === 0 ? 9 : 40)), im };
  const size = new type(stream.integer(1, 2 ** 40)).div(2 ** 40).times(RANGES[draw % RANGES.length] as number);
  const isNegative = draw % 4 === 1 || (draw % 4 === 3 && stream.uniform() < 0.5);
  return { re: isNegative ? size.negated() : size, im };
}

/** Some functions exist only near 0, others only far from it. */
const RANGES = [1, 1, 3, 3, 12, 1, 0.3, 12];

/** Far below what the precision shows beside the values. With letters many points speak; a number has one, so nearly every digit must agree. */
function isTiny({ apart, size, digits, isOnlyPoint }: Pair): boolean {
  return apart.isZero() || apart.lte(size.times(tenTo(isOnlyPoint ? 15 - digits : -digits / 2, apart)));
}

function tenTo(exponent: number, like: Decimal): Decimal {
  return new (like.constructor as unknown as typeof Decimal)(10).pow(exponent);
}

function judge(low: Pair, high: Pair, gained: number): 'equal' | 'different' | 'unclear' {
  if (isTiny(high)) return 'equal';
  const shrinks = !low.apart.isZero() && high.apart.lte(low.apart.times(tenTo(-Math.floor(gained * 0.7), high.apart)));
  if (shrinks) return 'equal';
  const stays = low.apart.minus(high.apart).abs().lte(high.apart.times(1e-6));
  return stays ? 'different' : 'unclear';
}

function undecided(error: unknown): Decision {
  if (error instanceof Unevaluable || error instanceof Undefined || error instanceof NotScalar)
    return { decision: 'undecided', rule: error.message };
  throw error;
}
