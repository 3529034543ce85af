/**
 * Integrals, limits and series replaced by closed forms that somebody proposes, where decimals agree with the proposal. Who proposes is not
 * known here: a wrong proposal is refused, and equality is decided elsewhere, on the trees that this gives.
 */
import type { Budget } from '../budget.ts';
import { type Calculus, calculusOf, withWholeIntegrals } from './calculus.ts';
import { agrees } from './calculus-check.ts';
import type { Expression } from './expression.ts';
import { someNode, substitute } from './tree-key.ts';

/** A closed form for a part, or `undefined`. */
export type Propose = (part: Calculus) => Expression | undefined;

/** Whether there is anything to propose for. */
export function hasCalculus(e: Expression): boolean {
  return someNode(e, (node) => node.kind === 'call' && ['integral', 'limit', 'sum', 'product'].includes(node.name));
}

/** The tree without them, the innermost first; a part without a closed form that holds stays. @throws BudgetExceeded */
export function withClosedForms(e: Expression, propose: Propose, budget: Budget): Expression {
  const close = (node: Expression): Expression | undefined => {
    if (node.kind !== 'call' || !calculusOf(node)) return undefined;
    const inner: Expression = { ...node, operands: node.operands.map((operand) => substitute(operand, close)) };
    const part = calculusOf(inner);
    const closed = part && propose(part);
    return closed && part && agrees(part, closed, budget) ? closed : inner;
  };
  return substitute(withWholeIntegrals(e), close);
}
