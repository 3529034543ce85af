/**
 * What one inequality says of its only letter, where it is linear or quadratic.
 */
import type { Budget } from '../budget.ts';
import { compare, isInteger, multiply, type Rational, rational, subtract } from '../rational.ts';
import type { Expression, Relation } from './expression.ts';
import type { Polynomial } from './polynomial.ts';
import { rationalTree } from './rational-tree.ts';
import { complement, type Endpoint, endpoint, joined, LINE, type Piece, type Pieces } from './real-sets.ts';
import { infinityOf, realValue } from './scalars.ts';
import { substitute } from './tree-key.ts';

export interface Solutions {
  readonly letter: string;
  readonly pieces: Pieces;
}

/** Read from the other side, or with both sides negated. */
export const FLIPPED: Partial<Record<Relation, Relation>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '!=': '!=',
  '=': '=',
};

/** The only letter and its highest power, when it has whole powers and nothing else may hide it. */
export function shapeOf(a: Polynomial): { letter: string; degree: number } | undefined {
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

/** a*x^2 + b*x + c against 0, with rational coefficients. */
export function quadraticPieces(form: Polynomial, relation: Relation, budget: Budget): Pieces | undefined {
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
export function bound(apart: Expression, letter: string, relation: Relation, budget: Budget): Solutions | undefined {
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
export function infiniteBound(left: Expression, right: Expression, relation: Relation): Solutions | undefined {
  const letter = left.kind === 'symbol' && infinityOf(left) === undefined ? left : right;
  const other = letter === left ? right : left;
  const direction = infinityOf(other);
  if (letter.kind !== 'symbol' || direction === undefined) return undefined;
  const facing = letter === left ? relation : FLIPPED[relation];
  const isAll = direction > 0 ? facing === '<' || facing === '<=' : facing === '>' || facing === '>=';
  return isAll ? { letter: letter.name, pieces: [LINE] } : undefined;
}
