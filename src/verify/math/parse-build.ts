/**
 * Nodes made so that what was written in one run is one node: no sums in sums, no products in products of juxtaposition.
 */
import type { Expression } from './expression.ts';
import type { Cursor } from './parse-cursor.ts';

export function number(digits: string): Expression {
  return { kind: 'number', digits };
}

export function symbol(name: string): Expression {
  return { kind: 'symbol', name };
}

export function call(name: string, operands: readonly Expression[], subscript?: Expression): Expression {
  return subscript === undefined ? { kind: 'call', name, operands } : { kind: 'call', name, operands, subscript };
}

export function productOf(factors: readonly Expression[]): Expression {
  const only = factors[0];
  return factors.length === 1 && only !== undefined ? only : { kind: 'product', factors };
}

export function negated(operand: Expression): Expression {
  return { kind: 'negation', operand };
}

/** A set operation; `A \cup B \cup C` is one node, other chains nest to the left. */
export function unionOf(
  cursor: Cursor,
  kind: 'union' | 'intersection' | 'difference',
  left: Expression,
  right: Expression,
): Expression {
  if (left.kind === kind && kind !== 'difference' && 'operands' in left) {
    // the node was made by this chain alone, so its array may grow: chains stay linear
    (left.operands as Expression[]).push(right);
    return left;
  }
  cursor.stack();
  return { kind, operands: [left, right] };
}

/** The elements of a bracketed list where a single tuple or set stands for its elements: f((1, 2)), min{1, 2}. */
export function spread(elements: readonly Expression[]): readonly Expression[] {
  const only = elements[0];
  if (
    elements.length === 1 &&
    only !== undefined &&
    (only.kind === 'set' || only.kind === 'tuple' || only.kind === 'list')
  ) {
    return only.elements;
  }
  return elements;
}
