/**
 * Sets of real numbers as sorted, disjoint pieces: intervals, unions, single points, and what inequalities in one letter mean. Touching
 * pieces are joined, so one set has one form.
 */
import type { Decimal } from 'decimal.js';
import type { Budget } from '../budget.ts';
import { type Decision, different, equal, undecided } from './decision.ts';
import type { Expression, Relation } from './expression.ts';
import { asRational } from './polynomial.ts';
import { compareScalars, formOf, infinityOf, realValue } from './scalars.ts';
import { someNode, substitute } from './tree-key.ts';

interface Endpoint {
  readonly written: Expression;
  /** Infinite at the ends of the line. */
  readonly near: Decimal | number;
}

interface Piece {
  readonly low: Endpoint;
  readonly high: Endpoint;
  readonly isLowClosed: boolean;
  readonly isHighClosed: boolean;
}

export type Pieces = readonly Piece[];

/** Endpoints that rounding cannot put in order. Caught where sets are compared. */
class Unordered extends Error {}

const INFINITY: Expression = { kind: 'symbol', name: 'infinity' };
const LINE: Piece = {
  low: { written: { kind: 'negation', operand: INFINITY }, near: Number.NEGATIVE_INFINITY },
  high: { written: INFINITY, near: Number.POSITIVE_INFINITY },
  isLowClosed: false,
  isHighClosed: false,
};

/** Whether a tree is written as a set of numbers that a tuple or list beside it may mean as well. */
export function isSetLike(e: Expression): boolean {
  return (
    ['interval', 'union', 'intersection', 'difference'].includes(e.kind) || (e.kind === 'symbol' && e.name === 'reals')
  );
}

/** `undefined` where the tree is no set of real numbers, or its endpoints have letters. */
export function piecesOf(e: Expression, budget: Budget): Pieces | undefined {
  try {
    const pieces = rawPieces(e, budget);
    return pieces && joined(pieces, budget);
  } catch (error) {
    if (error instanceof Unordered) return undefined;
    throw error;
  }
}

function rawPieces(e: Expression, budget: Budget): Pieces | undefined {
  switch (e.kind) {
    case 'interval':
      return interval(e.low, e.high, e.isLowClosed, e.isHighClosed, budget);
    case 'tuple': {
      const [low, high] = e.elements;
      return e.elements.length === 2 && low && high ? interval(low, high, false, false, budget) : undefined;
    }
    case 'set':
    case 'list':
      return flattened(e.elements, (element) => (element.kind === 'tuple' ? undefined : rawPieces(element, budget)));
    case 'union':
      return flattened(e.operands, (operand) => rawPieces(operand, budget));
    case 'intersection':
      return e.operands.map((operand) => piecesOf(operand, budget)).reduce((a, b) => a && b && meet(a, b, budget));
    case 'difference': {
      const [first, ...rest] = e.operands.map((operand) => piecesOf(operand, budget));
      return rest.reduce((a, b) => a && b && meet(a, complement(b), budget), first);
    }
    case 'relation':
      return solutions(e, budget)?.pieces;
    case 'symbol':
      if (e.name === 'reals') return [LINE];
      if (e.name === 'emptyset') return [];
      return point(e, budget);
    default:
      return point(e, budget);
  }
}

function flattened(parts: readonly Expression[], of: (part: Expression) => Pieces | undefined): Pieces | undefined {
  const all: Piece[] = [];
  for (const part of parts) {
    const pieces = of(part);
    if (!pieces) return undefined;
    all.push(...pieces);
  }
  return all;
}

function point(e: Expression, budget: Budget): Pieces | undefined {
  const end = endpoint(e, budget);
  return end && typeof end.near !== 'number'
    ? [{ low: end, high: end, isLowClosed: true, isHighClosed: true }]
    : undefined;
}

function interval(
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

function endpoint(e: Expression, budget: Budget): Endpoint | undefined {
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
  if (compareScalars(a.written, b.written, { budget, tolerance: 0 }).decision === 'equal') return 0;
  throw new Unordered();
}

function joined(pieces: Pieces, budget: Budget): Pieces {
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

function meet(a: Pieces, b: Pieces, budget: Budget): Pieces {
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
function complement(pieces: Pieces): Pieces {
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

export interface Solutions {
  readonly letter: string;
  readonly pieces: Pieces;
}

const FLIPPED: Partial<Record<Relation, Relation>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '!=': '!=',
  '=': '=',
};

/** What an inequality or `x \in S` in one letter, linear in it, says of that letter. */
export function solutions(e: Expression, budget: Budget): Solutions | undefined {
  if (e.kind !== 'relation') return undefined;
  const [first, second] = e.sides;
  if (e.relations.length === 1 && e.relations[0] === 'in' && first?.kind === 'symbol' && second) {
    const pieces = piecesOf(second, budget);
    return pieces && { letter: first.name, pieces };
  }
  let result: Solutions | undefined;
  for (let index = 0; index < e.relations.length; index++) {
    const [left, right, relation] = [e.sides[index], e.sides[index + 1], e.relations[index]];
    const each = left && right && relation && linearSolutions(left, relation, right, budget);
    if (!each || (result && result.letter !== each.letter)) return undefined;
    result = result ? { letter: each.letter, pieces: meet(result.pieces, each.pieces, budget) } : each;
  }
  return result;
}

function linearSolutions(
  left: Expression,
  relation: Relation,
  right: Expression,
  budget: Budget,
): Solutions | undefined {
  if (!FLIPPED[relation]) return undefined;
  const apart: Expression = { kind: 'sum', terms: [left, { kind: 'negation', operand: right }] };
  if (someNode(apart, (node) => node.kind === 'symbol' && node.name === 'infinity'))
    return infiniteBound(left, right, relation);
  const form = formOf(apart, budget);
  if (!form.ok || !asRational(form.fraction.denominator)) return undefined;
  let letter: string | undefined;
  for (const { powers } of form.fraction.numerator.values()) {
    for (const { generator, exponent } of powers) {
      if (generator.kind !== 'symbol') continue;
      if (letter !== undefined && letter !== generator.name) return undefined;
      if (exponent.numerator !== 1n || exponent.denominator !== 1n) return undefined;
      letter = generator.name;
    }
  }
  return letter === undefined ? undefined : bound(apart, letter, relation, budget);
}

/** a*x + b against 0. */
function bound(apart: Expression, letter: string, relation: Relation, budget: Budget): Solutions | undefined {
  const at = (digits: string) =>
    substitute(apart, (leaf) =>
      leaf.kind === 'symbol' && leaf.name === letter ? { kind: 'number', digits } : undefined,
    );
  const constant = at('0');
  const slope: Expression = { kind: 'sum', terms: [at('1'), { kind: 'negation', operand: constant }] };
  const sign = realValue(slope, budget);
  if (!sign || sign.isZero()) return undefined;
  const root: Expression = {
    kind: 'quotient',
    numerator: { kind: 'negation', operand: constant },
    denominator: slope,
  };
  const end = endpoint(root, budget);
  const facing = sign.isNegative() ? FLIPPED[relation] : relation;
  if (!end || !facing) return undefined;
  const isClosed = facing === '<=' || facing === '>=';
  if (facing === '=') return { letter, pieces: [{ low: end, high: end, isLowClosed: true, isHighClosed: true }] };
  const below: Piece = { ...LINE, high: end, isHighClosed: isClosed };
  const above: Piece = { ...LINE, low: end, isLowClosed: isClosed };
  const pieces = facing === '!=' ? [below, above] : facing.startsWith('<') ? [below] : [above];
  return { letter, pieces };
}

/** `-\infty < x`: no bound at all. */
function infiniteBound(left: Expression, right: Expression, relation: Relation): Solutions | undefined {
  const letter = left.kind === 'symbol' && infinityOf(left) === undefined ? left : right;
  const other = letter === left ? right : left;
  const direction = infinityOf(other);
  if (letter.kind !== 'symbol' || direction === undefined) return undefined;
  const facing = letter === left ? relation : FLIPPED[relation];
  const isAll = direction > 0 ? facing === '<' || facing === '<=' : facing === '>' || facing === '>=';
  return isAll ? { letter: letter.name, pieces: [LINE] } : undefined;
}

export function comparePieces(gold: Pieces, answer: Pieces, budget: Budget, tolerance: number): Decision {
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

function compareEnds(a: Endpoint, b: Endpoint, budget: Budget, tolerance: number): Decision {
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
