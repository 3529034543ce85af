/**
 * Answers that are sets of real numbers: intervals, unions, inequalities in a row; by their pieces, or by their parts where ends have letters.
 */
import type { Budget } from '../budget.ts';
import { inAnyOrder, inOrder } from './collections.ts';
import { type Decision, different, undecided } from './decision.ts';
import type { RelationContext } from './equations.ts';
import type { Expression } from './expression.ts';
import { isInequalityList, openInterval } from './list-values.ts';
import { comparePieces, type Pieces } from './real-sets.ts';
import { isSetLike, piecesOf } from './solutions.ts';

interface SetContext extends RelationContext {
  /** As `inAnyOrder` takes it. */
  key(e: Expression): string;
}

/** Decides when at least one side is a set; `undefined` when neither is. */
export function compareSets(gold: Expression, answer: Expression, context: SetContext): Decision | undefined {
  const { budget, tolerance } = context;
  const isSet = (e: Expression) => isSetLike(e) || isInequalityList(e);
  if (!isSet(gold) && !isSet(answer)) return undefined;
  const [a, b] = [readSet(gold, budget), readSet(answer, budget)];
  let result: Decision | undefined;
  for (const x of a)
    for (const y of b) {
      const decision = comparePieces(x, y, budget, tolerance);
      if (decision.decision === 'equal') return decision;
      result ??= decision;
    }
  return result ?? compareWrittenSets(gold, answer, context);
}

/** Inequalities in a row: one of them holds (`x < 2 or x > 9`), or all do (`2 < x < 9, x \ne 5`) where that is not nowhere. */
function readSet(e: Expression, budget: Budget): readonly Pieces[] {
  const either = piecesOf(e, budget);
  if (!isInequalityList(e) || (e.kind !== 'list' && e.kind !== 'set')) return either ? [either] : [];
  const all = piecesOf({ kind: 'intersection', operands: e.elements }, budget);
  return [...(either ? [either] : []), ...(all && all.length > 0 ? [all] : [])];
}

/** Ends with letters: by their parts. */
function compareWrittenSets(gold: Expression, answer: Expression, { compare, key }: SetContext): Decision {
  const [a, b] = [openInterval(gold), openInterval(answer)];
  if (a.kind === 'interval' && b.kind === 'interval') {
    if (a.isLowClosed !== b.isLowClosed || a.isHighClosed !== b.isHighClosed)
      return different('an end is open in one and closed in the other');
    return inOrder([a.low, a.high], [b.low, b.high], compare);
  }
  if (a.kind === 'union' && b.kind === 'union') {
    const parts = inAnyOrder(a.operands, b.operands, compare, key);
    return parts.decision === 'equal' ? parts : undecided('unions whose parts differ');
  }
  if (a.kind === b.kind && 'operands' in a && 'operands' in b) {
    const parts = inOrder(a.operands as Expression[], b.operands as Expression[], compare);
    return parts.decision === 'equal' ? parts : undecided('sets whose parts differ');
  }
  return isSetLike(a) && isSetLike(b) ? undecided('sets that are not solved') : different('a set and something else');
}
