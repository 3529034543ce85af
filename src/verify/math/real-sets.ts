/**
 * Sets of real numbers as sorted, disjoint pieces: intervals and single points. Touching pieces are joined, so one set has one form. What
 * trees mean as such sets is `solutions.ts`.
 */
import type { Decimal } from 'decimal.js';
import type { Budget } from '../budget.ts';
import { type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';
import { compareScalars, EXACT, formOf, infinityOf, realValue, type Tolerance } from './scalars.ts';
import { someNode } from './tree-key.ts';

export interface Endpoint {
  readonly written: Expression;
  /** Infinite at the ends of the line. */
  readonly near: Decimal | number;
}

export interface Piece {
  readonly low: Endpoint;
  readonly high: Endpoint;
  readonly isLowClosed: boolean;
  readonly isHighClosed: boolean;
}

export type Pieces = readonly Piece[];

/** Endpoints that rounding cannot put in order. Caught where sets are compared. */
export class Unordered extends Error {}

const INFINITY: Expression = { kind: 'symbol', name: 'infinity' };
export const LINE: Piece = {
  low: { written: { kind: 'negation', operand: INFINITY }, near: Number.NEGATIVE_INFINITY },
  high: { written: INFINITY, near: Number.POSITIVE_INFINITY },
  isLowClosed: false,
  isHighClosed: false,
};

export function interval(
  low: Expression,
  high: Expression,
  isLowClosed: boolean,
  isHighClosed: boolean,
  budget: Budget,
): Pieces | undefined {
  const [from, to] = [endpoint(low, budget), endpoint(high, budget)];
  if (!from || !to) return undefined;
  const piece = {
    low: from,
    high: to,
    // an infinite end is open however it is written
    isLowClosed: isLowClosed && typeof from.near !== 'number',
    isHighClosed: isHighClosed && typeof to.near !== 'number',
  };
  const direction = order(from, to, budget);
  if (direction > 0 || (direction === 0 && !(piece.isLowClosed && piece.isHighClosed))) return [];
  return [piece];
}

export function endpoint(e: Expression, budget: Budget): Endpoint | undefined {
  const infinite = infinityOf(e);
  if (infinite !== undefined) return { written: e, near: infinite };
  if (someNode(e, (node) => node.kind === 'symbol' && !['pi', 'e', 'i'].includes(node.name))) return undefined;
  const near = realValue(e, budget);
  return near && { written: e, near };
}

/** -1, 0, 1. @throws Unordered */
function order(a: Endpoint, b: Endpoint, budget: Budget): number {
  if (typeof a.near === 'number' || typeof b.near === 'number') {
    const [x, y] = [a, b].map(({ near }) => (typeof near === 'number' ? near : 0)) as [number, number];
    return Math.sign(x === y ? 0 : x - y);
  }
  const apart = a.near.minus(b.near);
  const size = a.near.abs().plus(b.near.abs());
  if (apart.abs().gt(size.times(1e-25))) return apart.isNegative() ? -1 : 1;
  if (compareScalars(a.written, b.written, { budget, tolerance: EXACT }).decision === 'equal') return 0;
  throw new Unordered();
}

export function joined(pieces: Pieces, budget: Budget): Pieces {
  budget.spend(pieces.length * pieces.length);
  const sorted = [...pieces].sort(
    (a, b) => order(a.low, b.low, budget) || Number(b.isLowClosed) - Number(a.isLowClosed),
  );
  const result: Piece[] = [];
  for (const piece of sorted) {
    const last = result.at(-1);
    const gap = last ? order(last.high, piece.low, budget) : -1;
    if (!last || gap < 0 || (gap === 0 && !last.isHighClosed && !piece.isLowClosed)) {
      result.push(piece);
      continue;
    }
    const ends = order(last.high, piece.high, budget);
    const further = ends < 0 ? piece : last;
    const isHighClosed = ends === 0 ? last.isHighClosed || piece.isHighClosed : further.isHighClosed;
    result[result.length - 1] = { ...last, high: further.high, isHighClosed };
  }
  return result;
}

export function meet(a: Pieces, b: Pieces, budget: Budget): Pieces {
  budget.spend(10 * a.length * b.length);
  return a.flatMap((x) => b.flatMap((y) => common(x, y, budget)));
}

function common(a: Piece, b: Piece, budget: Budget): Pieces {
  const lows = order(a.low, b.low, budget);
  const highs = order(a.high, b.high, budget);
  const low = lows > 0 ? a : b;
  const high = highs < 0 ? a : b;
  const isLowClosed = lows === 0 ? a.isLowClosed && b.isLowClosed : low.isLowClosed;
  const isHighClosed = highs === 0 ? a.isHighClosed && b.isHighClosed : high.isHighClosed;
  const span = order(low.low, high.high, budget);
  if (span > 0 || (span === 0 && !(isLowClosed && isHighClosed))) return [];
  return [{ low: low.low, high: high.high, isLowClosed, isHighClosed }];
}

/** Of joined pieces. */
export function complement(pieces: Pieces): Pieces {
  const result: Piece[] = [];
  let from: Pick<Piece, 'low' | 'isLowClosed'> = LINE;
  for (const piece of pieces) {
    if (typeof piece.low.near !== 'number') result.push({ ...from, high: piece.low, isHighClosed: !piece.isLowClosed });
    from = { low: piece.high, isLowClosed: !piece.isHighClosed };
  }
  const last = pieces.at(-1);
  if (!last || typeof last.high.near !== 'number') result.push({ ...from, high: LINE.high, isHighClosed: false });
  return result;
}

export function comparePieces(gold: Pieces, answer: Pieces, budget: Budget, tolerance: Tolerance): Decision {
  if (gold.length !== answer.length) return different('different numbers of pieces');
  for (let index = 0; index < gold.length; index++) {
    const [a, b] = [gold[index], answer[index]];
    if (!a || !b) break;
    if (a.isLowClosed !== b.isLowClosed || a.isHighClosed !== b.isHighClosed)
      return different('an end is open in one and closed in the other');
    for (const [x, y] of [
      [a.low, b.low],
      [a.high, b.high],
    ] as const) {
      const decision = compareEnds(x, y, budget, tolerance);
      if (decision.decision !== 'equal') return decision;
    }
  }
  return equal('equal sets of real numbers');
}

function compareEnds(a: Endpoint, b: Endpoint, budget: Budget, tolerance: Tolerance): Decision {
  if (typeof a.near === 'number' || typeof b.near === 'number')
    return a.near === b.near ? equal('both unbounded') : different('bounded and unbounded');
  const decision = compareScalars(a.written, b.written, { budget, tolerance });
  return decision.decision === 'undecided' ? undecided(decision.rule) : decision;
}

/** `(-inf, 2] U {3}`; equal texts are equal sets. Ends are given by their normal forms. */
export function formatPieces(pieces: Pieces, budget: Budget): string | undefined {
  const ends = (end: Endpoint): string | undefined => {
    if (typeof end.near === 'number') return end.near < 0 ? '-inf' : 'inf';
    const form = formOf(end.written, budget);
    return form.ok ? form.text : undefined;
  };
  const parts = pieces.map((piece) => {
    const [low, high] = [ends(piece.low), ends(piece.high)];
    if (low === undefined || high === undefined) return undefined;
    if (low === high) return `{${low}}`;
    return `${piece.isLowClosed ? '[' : '('}${low}, ${high}${piece.isHighClosed ? ']' : ')'}`;
  });
  return parts.includes(undefined) ? undefined : parts.length === 0 ? '{}' : parts.join(' U ');
}
