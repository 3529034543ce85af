/**
 * Trees as sets of real numbers: intervals and their unions, lists, set builders, and what inequalities in one letter say where they are
 * linear, quadratic or absolute values of such.
 */
import type { Budget } from '../budget.ts';
import type { Expression, Relation } from './expression.ts';
import { bound, FLIPPED, infiniteBound, quadraticPieces, type Solutions, shapeOf } from './inequalities.ts';
import { asRational } from './polynomial.ts';
import { complement, endpoint, interval, joined, LINE, meet, type Piece, type Pieces, Unordered } from './real-sets.ts';
import { formOf } from './scalars.ts';
import { someNode } from './tree-key.ts';

/** Whether a tree is written as a set of numbers that a tuple or list beside it may mean as well. */
export function isSetLike(e: Expression): boolean {
  return (
    ['interval', 'union', 'intersection', 'difference'].includes(e.kind) ||
    (e.kind === 'symbol' && e.name === 'reals') ||
    (e.kind === 'call' && e.name === 'suchThat')
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
    case 'call':
      return e.name === 'suchThat' ? builtSet(e.operands, budget) : point(e, budget);
    case 'symbol':
      if (e.name === 'reals') return [LINE];
      if (e.name === 'emptyset') return [];
      return point(e, budget);
    default:
      return point(e, budget);
  }
}

/** {x | x > 2}, {x in R | x > 2} */
function builtSet([element, ...conditions]: readonly Expression[], budget: Budget): Pieces | undefined {
  const domain = element?.kind === 'relation' ? solutions(element, budget) : undefined;
  const letter = element?.kind === 'symbol' ? element.name : domain?.letter;
  let pieces: Pieces = domain?.pieces ?? [LINE];
  for (const condition of conditions) {
    const solved = solutions(condition, budget);
    if (!solved || solved.letter !== letter) return undefined;
    pieces = meet(pieces, solved.pieces, budget);
  }
  return letter === undefined || conditions.length === 0 ? undefined : pieces;
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

/** What an inequality or `x \in S` in one letter says of that letter; `undefined` where it is not of a kind that is solved here. */
export function solutions(e: Expression, budget: Budget): Solutions | undefined {
  try {
    return solve(e, budget);
  } catch (error) {
    if (error instanceof Unordered) return undefined;
    throw error;
  }
}

function solve(e: Expression, budget: Budget): Solutions | undefined {
  if (e.kind !== 'relation') return undefined;
  const [first, second] = e.sides;
  if (e.relations.length === 1 && e.relations[0] === 'in' && first?.kind === 'symbol' && second) {
    const pieces = piecesOf(second, budget);
    return pieces && { letter: first.name, pieces };
  }
  let result: Solutions | undefined;
  for (let index = 0; index < e.relations.length; index++) {
    const [left, right, relation] = [e.sides[index], e.sides[index + 1], e.relations[index]];
    const each = left && right && relation && linkSolutions(left, relation, right, budget);
    if (!each || (result && result.letter !== each.letter)) return undefined;
    result = result ? { letter: each.letter, pieces: meet(result.pieces, each.pieces, budget) } : each;
  }
  return result;
}

/** One sign of a chain. */
function linkSolutions(left: Expression, relation: Relation, right: Expression, budget: Budget): Solutions | undefined {
  const flipped = FLIPPED[relation];
  if (!flipped) return undefined;
  if (left.kind === 'absolute') return absoluteSolutions(left.operand, relation, right, budget);
  if (right.kind === 'absolute') return absoluteSolutions(right.operand, flipped, left, budget);
  const apart: Expression = { kind: 'sum', terms: [left, { kind: 'negation', operand: right }] };
  if (someNode(apart, (node) => node.kind === 'symbol' && node.name === 'infinity'))
    return infiniteBound(left, right, relation);
  const form = formOf(apart, budget);
  if (!form.ok || !asRational(form.fraction.denominator)) return undefined;
  const shape = shapeOf(form.fraction.numerator);
  if (!shape) return undefined;
  if (shape.degree === 1) return bound(apart, shape.letter, relation, budget);
  const pieces = quadraticPieces(form.fraction.numerator, relation, budget);
  return pieces && { letter: shape.letter, pieces };
}

/** |inner| against a bound without letters. */
function absoluteSolutions(
  inner: Expression,
  relation: Relation,
  limit: Expression,
  budget: Budget,
): Solutions | undefined {
  if (!endpoint(limit, budget)) return undefined;
  const mirrored = FLIPPED[relation];
  const above = linkSolutions(inner, relation, limit, budget);
  const below = mirrored && linkSolutions(inner, mirrored, { kind: 'negation', operand: limit }, budget);
  if (!above || !below || above.letter !== below.letter) return undefined;
  const isInside = relation === '<' || relation === '<=' || relation === '!=';
  const pieces = isInside
    ? meet(joined(above.pieces, budget), joined(below.pieces, budget), budget)
    : joined([...above.pieces, ...below.pieces], budget);
  return { letter: above.letter, pieces };
}
