/**
 * Sums and products over a whole-number index with written bounds: \sum_{k=1}^{10} k^2.
 */
import type { Expression } from './expression.ts';
import { substitute } from './tree-key.ts';

/** Terms written out, at most. */
export const MAX_TERMS = 3000;

export interface Series {
  readonly operation: 'sum' | 'product';
  readonly index: string;
  readonly low: Expression;
  readonly high: Expression;
  readonly body: Expression;
}

/** `undefined` for anything else, such as a sum without an upper bound. */
export function seriesOf(e: Expression): Series | undefined {
  if (e.kind !== 'call' || (e.name !== 'sum' && e.name !== 'product')) return undefined;
  const [body, high] = e.operands;
  const from = e.subscript;
  if (!body || !high || from?.kind !== 'relation' || from.relations.length !== 1 || from.relations[0] !== '=')
    return undefined;
  const [index, low] = from.sides;
  if (index?.kind !== 'symbol' || !low) return undefined;
  return { operation: e.name, index: index.name, low, high, body };
}

/** The term of one index. */
export function termAt({ body, index }: Series, value: bigint): Expression {
  const digits: Expression = { kind: 'number', digits: `${value < 0n ? -value : value}` };
  const at: Expression = value < 0n ? { kind: 'negation', operand: digits } : digits;
  return substitute(body, (leaf) => (leaf.kind === 'symbol' && leaf.name === index ? at : undefined));
}
