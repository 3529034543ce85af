/**
 * Whether a closed form has the value of an integral, limit or series, asked of decimals: quadrature, points near the limit, extrapolated
 * partial sums. Proves nothing, refuses what is wrong; what it cannot follow (oscillation without end, slow limits) it refuses too.
 */
import type { Decimal } from 'decimal.js';
import { childKey, RandomStream, randomKey } from '../../core/random.ts';
import type { Budget } from '../budget.ts';
import type { Calculus } from './calculus.ts';
import { NotScalar } from './canonical.ts';
import { realPart, Unevaluable } from './complex.ts';
import type { Expression } from './expression.ts';
import { evaluate } from './numeric.ts';
import { type Precision, precision } from './point.ts';
import { Undefined } from './polynomial.ts';
import { infinityOf } from './scalars.ts';
import { someNode, substitute } from './tree-key.ts';

type Values = ReadonlyMap<string, Decimal | number>;

/** Digits: quadrature reaches 1e-10 with them; limits lose up to 12 for each order of cancellation; extrapolation loses about half. */
const DIGITS = { integral: 34, limit: 100, series: 70 } as const;
/** Relative to 1 or the value. Limits are looked at from a distance of 1e-12, and may go like its square root. */
const CLOSE = { integral: 1e-9, limit: 1e-5, series: 1e-9 } as const;
/** Draws of the letters, where there are any. */
const DRAWS = 3;

const ROOT = randomKey(0x706f6c61, 'calculus');

/** @throws BudgetExceeded */
export function agrees(part: Calculus, closed: Expression, budget: Budget): boolean {
  const letters = freeLetters(part);
  const unknown = lettersIn(closed).some((letter) => !letters.includes(letter));
  if (unknown) return false;
  for (let draw = 0; draw < (letters.length === 0 ? 1 : DRAWS); draw++) {
    const at = precision(DIGITS[part.kind]);
    const values = new Map(letters.map((letter) => [letter, drawn(letter, draw, part)]));
    try {
      const value = partValue(part, values, at, budget);
      const claimed = numberAt(closed, values, at, budget);
      const size = claimed.abs().plus(1);
      if (!value || value.minus(claimed).abs().gt(size.times(CLOSE[part.kind]))) return false;
    } catch (error) {
      if (error instanceof Unevaluable || error instanceof Undefined || error instanceof NotScalar) return false;
      throw error;
    }
  }
  return true;
}

function lettersIn(e: Expression): string[] {
  const found = new Set<string>();
  someNode(e, (node) => {
    if (node.kind === 'symbol' && !['pi', 'e', 'i', 'infinity'].includes(node.name)) found.add(node.name);
    return false;
  });
  return [...found];
}

function freeLetters(part: Calculus): string[] {
  const bound = part.kind === 'series' ? part.index : part.variable;
  const ends = part.kind === 'limit' ? [part.to] : [part.low, part.high];
  return [
    ...new Set([
      ...lettersIn(part.body).filter((letter) => letter !== bound),
      ...ends.flatMap((end) => lettersIn(end)),
    ]),
  ];
}

/** Whole numbers for letters that bound a series; else between 0.2 and 0.9, where most functions and series exist. */
function drawn(letter: string, draw: number, part: Calculus): Decimal | number {
  const stream = new RandomStream(childKey(ROOT, letter, draw));
  const isBound = part.kind === 'series' && [part.low, part.high].some((end) => lettersIn(end).includes(letter));
  return isBound ? 2 + 3 * draw + stream.integer(0, 2) : 0.2 + stream.integer(0, 700) / 1000;
}

function partValue(part: Calculus, values: Values, at: Precision, budget: Budget): Decimal | undefined {
  if (part.kind === 'limit') return limitValue(part, values, at, budget);
  const [low, high] = [endOf(part.low, values, at, budget), endOf(part.high, values, at, budget)];
  if (part.kind === 'integral') {
    const integrand = (x: Decimal) => numberAt(part.body, new Map([...values, [part.variable, x]]), at, budget);
    return quadrature(integrand, low, high, at);
  }
  if (!low.isInteger() || (high.isFinite() && !high.isInteger())) return undefined;
  const term = (index: number) => numberAt(part.body, new Map([...values, [part.index, index]]), at, budget);
  const isSum = part.operation === 'sum';
  if (!high.isFinite()) return high.isPositive() ? extrapolated(term, low.toNumber(), isSum, at) : undefined;
  let total = new at.type(isSum ? 0 : 1);
  for (let index = low.toNumber(); index <= high.toNumber(); index++)
    total = isSum ? total.plus(term(index)) : total.times(term(index));
  return total;
}

function numberAt(e: Expression, values: Values, at: Precision, budget: Budget): Decimal {
  const value = evaluate(substituted(e, values), {
    at,
    budget,
    logBase: 'e',
    isReal: true,
    hasAbsorbed: false,
    valueOf: (letter) => {
      const given = values.get(letter);
      if (given === undefined) throw new Unevaluable(`${letter} has no value`);
      return { re: new at.type(given), im: new at.type(0) };
    },
  });
  return realPart(value);
}

/** Whole numbers as digits: exponents and factorials are read exactly from trees. */
function substituted(e: Expression, values: Values): Expression {
  return substitute(e, (leaf) => {
    const value = leaf.kind === 'symbol' ? values.get(leaf.name) : undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
    const digits: Expression = { kind: 'number', digits: `${Math.abs(value)}` };
    return value < 0 ? { kind: 'negation', operand: digits } : digits;
  });
}

function endOf(e: Expression, values: Values, at: Precision, budget: Budget): Decimal {
  const infinite = infinityOf(e);
  return infinite === undefined ? numberAt(e, values, at, budget) : new at.type(infinite);
}

/** Points of the rule on either side of 0, and their distance: 4 away the weights are below 1e-30. */
const NODES = 128;
const SPACING = 1 / 32;
/** So many parts in a row below this share of the sum end a side: further out, integrands leave the range of decimals. */
const SMALL_NODES = 4;
const NEGLIGIBLE = 1e-25;

/** Double exponential quadrature (Takahasi and Mori 1974); `undefined` where halving the points changes the value. */
function quadrature(
  integrand: (x: Decimal) => Decimal,
  low: Decimal,
  high: Decimal,
  at: Precision,
): Decimal | undefined {
  const { type } = at;
  if (low.gt(high)) return quadrature(integrand, high, low, at)?.negated();
  const halfPi = type.acos(0);
  const rule = (k: number): { readonly x: Decimal; readonly weight: Decimal } => {
    const t = new type(k).times(SPACING);
    const [inner, slope] = [t.sinh().times(halfPi), t.cosh().times(halfPi)];
    if (low.isFinite() && high.isFinite()) {
      // the distance from the nearer end, which a singularity there needs to all digits
      const share = new type(1).div(inner.abs().times(2).exp().plus(1));
      const width = high.minus(low);
      const weight = width.times(slope).times(2).times(share).times(new type(1).minus(share));
      return { x: k < 0 ? low.plus(width.times(share)) : high.minus(width.times(share)), weight };
    }
    if (!low.isFinite() && !high.isFinite()) return { x: inner.sinh(), weight: inner.cosh().times(slope) };
    const distance = inner.exp();
    return { x: low.isFinite() ? low.plus(distance) : high.minus(distance), weight: distance.times(slope) };
  };
  let [all, every] = [new type(0), new type(0)];
  for (const direction of [-1, 1]) {
    let small = 0;
    for (let k = direction < 0 ? 0 : 1; k <= NODES && small < SMALL_NODES; k++) {
      const { x, weight } = rule(direction * k);
      if (x.eq(low) || x.eq(high)) break;
      const part = integrand(x).times(weight);
      if (!part.isFinite()) return undefined;
      all = all.plus(part);
      if (k % 2 === 0) every = every.plus(part);
      small = part.abs().lte(all.abs().times(NEGLIGIBLE)) ? small + 1 : 0;
    }
  }
  const [fine, coarse] = [all.times(SPACING), every.times(2 * SPACING)];
  return fine.minus(coarse).abs().lte(fine.abs().plus(1).times(CLOSE.integral)) ? fine : undefined;
}

/** From both sides where both exist, ever nearer. */
function limitValue(
  { body, variable, to }: Extract<Calculus, { kind: 'limit' }>,
  values: Values,
  at: Precision,
  budget: Budget,
): Decimal | undefined {
  const end = endOf(to, values, at, budget);
  const near = (k: number, side: number) => {
    const distance = new at.type(10).pow(k);
    return end.isFinite() ? end.plus(new at.type(side).div(distance)) : distance.times(end.isPositive() ? 1 : -1);
  };
  const found: Decimal[] = [];
  for (const side of end.isFinite() ? [-1, 1] : [1]) {
    const [far, nearer, nearest] = [4, 8, 12].map((k) => {
      try {
        return numberAt(body, new Map([...values, [variable, near(k, side)]]), at, budget);
      } catch (error) {
        if (error instanceof Unevaluable) return undefined;
        throw error;
      }
    });
    if (!far || !nearer || !nearest) continue;
    if (nearest.minus(nearer).abs().gt(nearer.minus(far).abs())) return undefined;
    found.push(nearest);
  }
  const [first, second] = found;
  if (first && second && first.minus(second).abs().gt(first.abs().plus(1).times(CLOSE.limit))) return undefined;
  return first;
}

/** Partial sums used, and the smallest by which terms must fall from a third of them to the last: what does not fall has no sum. */
const TERMS = 36;
const FALL = 0.9;

/** Levin's u-transformation of the partial sums (or products); `undefined` where fewer of them give another value. */
function extrapolated(
  term: (index: number) => Decimal,
  low: number,
  isSum: boolean,
  { type }: Precision,
): Decimal | undefined {
  const partial: Decimal[] = [];
  const steps: Decimal[] = [];
  let total = new type(isSum ? 0 : 1);
  for (let n = 0; n < TERMS; n++) {
    const next = isSum ? total.plus(term(low + n)) : total.times(term(low + n));
    const step = next.minus(total);
    if (step.isZero()) return undefined;
    partial.push(next);
    steps.push(step);
    total = next;
  }
  const [early, last] = [steps[TERMS / 3], steps[TERMS - 1]];
  if (!early || !last || last.abs().gt(early.abs().times(FALL))) return undefined;
  const levin = (count: number): Decimal => {
    let [top, bottom] = [new type(0), new type(0)];
    let binomial = new type(1);
    for (let j = 0; j < count; j++) {
      const step = steps[j] as Decimal;
      const weight = binomial.times(new type(j + 1).pow(count - 3)).div(step);
      top = top.plus(weight.times(partial[j] as Decimal));
      bottom = bottom.plus(weight);
      binomial = binomial.times(-(count - 1 - j)).div(j + 1);
    }
    if (bottom.isZero()) throw new Unevaluable('no extrapolation');
    return top.div(bottom);
  };
  const [fewer, all] = [levin(TERMS - 8), levin(TERMS)];
  return all.minus(fewer).abs().lte(all.abs().plus(1).times(CLOSE.series)) ? all : undefined;
}
