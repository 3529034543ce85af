/**
 * One text for one tree as written, and bounds on what is worth walking.
 */
import type { Expression } from './expression.ts';

const KEYS = new WeakMap<Expression, string>();

/** Equal keys are equal trees. */
export function treeKey(e: Expression): string {
  let key = KEYS.get(e);
  if (key === undefined) {
    key = writeKey(e);
    KEYS.set(e, key);
  }
  return key;
}

function writeKey(e: Expression): string {
  switch (e.kind) {
    case 'number':
      return e.repeating ? `${e.digits}(${e.repeating})` : e.digits;
    case 'symbol':
      return e.name;
    case 'text':
      return JSON.stringify(e.text);
    case 'based':
      return `${e.digits}_${e.base}`;
    case 'quantity':
      return `quantity(${treeKey(e.value)}, ${JSON.stringify(e.unit)})`;
    case 'call':
      return `${e.name}${e.subscript ? `_[${treeKey(e.subscript)}]` : ''}(${e.operands.map(treeKey).join(', ')})`;
    case 'relation':
      return `relation(${e.sides.map((side, index) => `${treeKey(side)} ${e.relations[index] ?? ''}`).join(' ')})`;
    case 'interval':
      return `${e.isLowClosed ? '[' : '('}${treeKey(e.low)}; ${treeKey(e.high)}${e.isHighClosed ? ']' : ')'}`;
    case 'matrix':
      return `matrix(${e.rows.map((row) => row.map(treeKey).join(', ')).join('; ')})`;
    case 'root':
      return `root(${treeKey(e.radicand)}, ${e.degree ? treeKey(e.degree) : '2'})`;
    default:
      return `${e.kind}(${childrenOf(e).map(treeKey).join(', ')})`;
  }
}

/** Nodes from the root to the deepest leaf, without recursion. Trees beyond this are refused: everything else here recurses. */
export const MAX_DEPTH = 300;

export function isTooDeep(e: Expression): boolean {
  let level: Expression[] = [e];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((each) => [...childrenOf(each)]);
  }
  return false;
}

/** The tree with every leaf that `replace` gives something for replaced. */
export function substitute(e: Expression, replace: (leaf: Expression) => Expression | undefined): Expression {
  const of = (inner: Expression) => substitute(inner, replace);
  const replaced = replace(e);
  if (replaced) return replaced;
  switch (e.kind) {
    case 'sum':
      return { ...e, terms: e.terms.map(of) };
    case 'product':
      return { ...e, factors: e.factors.map(of) };
    case 'quotient':
      return { ...e, numerator: of(e.numerator), denominator: of(e.denominator) };
    case 'negation':
    case 'plusMinus':
    case 'factorial':
    case 'absolute':
    case 'percent':
    case 'degrees':
      return { ...e, operand: of(e.operand) };
    case 'power':
      return { ...e, base: of(e.base), exponent: of(e.exponent) };
    case 'root':
      return e.degree ? { ...e, radicand: of(e.radicand), degree: of(e.degree) } : { ...e, radicand: of(e.radicand) };
    case 'call':
      return { ...e, operands: e.operands.map(of), ...(e.subscript ? { subscript: of(e.subscript) } : {}) };
    case 'quantity':
      return { ...e, value: of(e.value) };
    case 'relation':
      return { ...e, sides: e.sides.map(of) };
    case 'tuple':
    case 'set':
    case 'list':
      return { ...e, elements: e.elements.map(of) };
    case 'interval':
      return { ...e, low: of(e.low), high: of(e.high) };
    case 'union':
    case 'intersection':
    case 'difference':
      return { ...e, operands: e.operands.map(of) };
    case 'matrix':
      return { ...e, rows: e.rows.map((row) => row.map(of)) };
    default:
      return e;
  }
}

/** Whether `test` holds anywhere in the tree. */
export function someNode(e: Expression, test: (node: Expression) => boolean): boolean {
  return test(e) || childrenOf(e).some((child) => someNode(child, test));
}

/** Every subtree one level down. */
export function childrenOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case 'sum':
      return e.terms;
    case 'product':
      return e.factors;
    case 'quotient':
      return [e.numerator, e.denominator];
    case 'negation':
    case 'plusMinus':
    case 'factorial':
    case 'absolute':
    case 'percent':
    case 'degrees':
      return [e.operand];
    case 'power':
      return [e.base, e.exponent];
    case 'root':
      return e.degree ? [e.radicand, e.degree] : [e.radicand];
    case 'call':
      return e.subscript ? [...e.operands, e.subscript] : e.operands;
    case 'quantity':
      return [e.value];
    case 'relation':
      return e.sides;
    case 'tuple':
    case 'set':
    case 'list':
      return e.elements;
    case 'interval':
      return [e.low, e.high];
    case 'union':
    case 'intersection':
    case 'difference':
      return e.operands;
    case 'matrix':
      return e.rows.flat();
    default:
      return [];
  }
}
