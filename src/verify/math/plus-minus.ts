/**
 * Answers with \pm as the values they stand for.
 */
import type { Expression } from './expression.ts';
import { childrenOf, someNode, substitute } from './tree-key.ts';

/** Signs chosen independently, at most. */
const MAX_SIGNS = 4;

export function hasPlusMinus(e: Expression): boolean {
  return someNode(e, ({ kind }) => kind === 'plusMinus');
}

/** Upper signs together, then lower signs together: what \pm ... \mp means. */
export function together(e: Expression): readonly Expression[] {
  return [signed(e, () => true), signed(e, () => false)];
}

/** Every choice of signs; `undefined` when there are too many. */
export function independently(e: Expression): readonly Expression[] | undefined {
  const count = countSigns(e);
  if (count > MAX_SIGNS) return undefined;
  return Array.from({ length: 2 ** count }, (_, choice) => {
    let index = 0;
    return signed(e, () => ((choice >> index++) & 1) === 0);
  });
}

function countSigns(e: Expression): number {
  return childrenOf(e).reduce((sum, child) => sum + countSigns(child), e.kind === 'plusMinus' ? 1 : 0);
}

function signed(e: Expression, isPlus: () => boolean): Expression {
  return substitute(e, (node) => {
    if (node.kind !== 'plusMinus') return undefined;
    const plus = isPlus();
    const operand = signed(node.operand, isPlus);
    return plus ? operand : { kind: 'negation', operand };
  });
}
