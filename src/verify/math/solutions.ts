/**
 * Trees as sets of real numbers: intervals and their unions, lists, set builders, and what inequalities in one letter say where they are
 * linear, quadratic or absolute values of such.
 */
import type { Budget } from '../budget.ts';
import { compare, isInteger, multiply, type Rational, rational, subtract } from '../rational.ts';
import type { Expression, Relation } from './expression.ts';
import { asRational, type Polynomial } from './polynomial.ts';
import { rationalTree } from './rational-tree.ts';
import {
  complement,
  type Endpoint,
  endpoint,
  interval,
  joined,
  LINE,
  meet,
  type Piece,
  type Pieces,
  Unordered,
} from './real-sets.ts';
import { formOf, infinityOf, realValue } from './scalars.ts';
import { someNode, substitute } from './tree-key.ts';

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

/** The only letter and its highest power, when it has whole powers and nothing else may hide it. */
function shapeOf(a: Polynomial): { letter: string; degree: number } | undefined {
  let letter: string | undefined;
  let degree = 0;
  for (const { powers } of a.values()) {
    for (const { generator, exponent } of powers) {
      if (generator.kind === 'opaque' || generator.kind === 'radicand' || generator.kind === 'imaginary')
        return undefined;
      if (generator.kind !== 'symbol') continue;
      if (letter !== undefined && letter !== generator.name) return undefined;
      if (!isInteger(exponent) || exponent.numerator < 1n || exponent.numerator > 2n) return undefined;
      letter = generator.name;
      degree = Math.max(degree, Number(exponent.numerator));
    }
  }
  return letter === undefined ? undefined : { letter, degree };
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

/** a*x^2 + b*x + c against 0, with rational coefficients. */
function quadraticPieces(form: Polynomial, relation: Relation, budget: Budget): Pieces | undefined {
  let [a, b, c] = [rational(0n), rational(0n), rational(0n)];
  for (const { powers, coefficient } of form.values()) {
    if (powers.length > 1 || powers.some(({ generator }) => generator.kind !== 'symbol')) return undefined;
    const degree = powers[0]?.exponent.numerator ?? 0n;
    if (degree === 2n) a = coefficient;
    else if (degree === 1n) b = coefficient;
    else c = coefficient;
  }
  const discriminant = subtract(multiply(b, b), multiply(rational(4n), multiply(a, c)));
  const facing = a.numerator < 0n ? FLIPPED[relation] : relation;
  if (!facing) return undefined;
  const sign = compare(discriminant, rational(0n));
  if (sign < 0) return facing === '>' || facing === '>=' || facing === '!=' ? [LINE] : [];
  const half = a.numerator < 0n ? -1n : 1n;
  const roots = sign === 0 ? [0n] : [-half, half];
  const ends = roots.map((direction) => endpoint(quadraticRoot(a, b, discriminant, direction), budget));
  const [low, high = low] = ends;
  return low && high ? between(low, high, facing, budget) : undefined;
}

function quadraticRoot(a: Rational, b: Rational, discriminant: Rational, direction: bigint): Expression {
  const root: Expression = { kind: 'root', radicand: rationalTree(discriminant) };
  const signed: Expression = { kind: 'product', factors: [rationalTree(rational(direction)), root] };
  return {
    kind: 'quotient',
    numerator: { kind: 'sum', terms: [rationalTree(multiply(b, rational(-1n))), signed] },
    denominator: rationalTree(multiply(a, rational(2n))),
  };
}

/** Where an upward parabola with these roots is below, above or at 0. */
function between(low: Endpoint, high: Endpoint, relation: Relation, budget: Budget): Pieces {
  const isClosed = relation === '<=' || relation === '>=';
  const points: Pieces = [low, high].map((end) => ({ low: end, high: end, isLowClosed: true, isHighClosed: true }));
  if (relation === '=') return joined(points, budget);
  if (relation.startsWith('<')) {
    if (low === high) return isClosed ? joined(points, budget) : [];
    return [{ low, high, isLowClosed: isClosed, isHighClosed: isClosed }];
  }
  const outside: Pieces = [
    { ...LINE, high: low, isHighClosed: isClosed },
    { ...LINE, low: high, isLowClosed: isClosed },
  ];
  return relation === '!=' ? complement(joined(points, budget)) : joined(outside, budget);
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
