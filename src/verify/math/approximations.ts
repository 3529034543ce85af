/**
 * Answers that say a value and what it is near to: `2/3 \approx 0.667`. Either may be meant; the exact one first.
 */
import type { Decision } from './decision.ts';
import type { RelationContext, RelationTree } from './equations.ts';
import type { Expression } from './expression.ts';
import { isName } from './names.ts';

/** `x = 2/3 \approx 0.667` without what is only near the value; `undefined` where nothing is approximated. */
function exactly(e: Expression): Expression | undefined {
  if (e.kind !== 'relation' || e.sides.length < 2) return undefined;
  const near = e.relations.indexOf('~');
  const isLast = near > 0 || (near === 0 && !isName(e.sides[0] as Expression));
  if (near < 0 || !isLast || !e.relations.slice(0, near).every((relation) => relation === '=')) return undefined;
  if (near === 0) return e.sides[0];
  return { kind: 'relation', sides: e.sides.slice(0, near + 1), relations: e.relations.slice(0, near) };
}

/** `x = 2/3 \approx 0.667` as `x = 0.667`. */
function approximately(e: RelationTree): Expression {
  const last = e.sides.at(-1) as Expression;
  const first = e.sides[0] as Expression;
  return isName(first) ? { kind: 'relation', sides: [first, last], relations: ['='] } : last;
}

/** An approximation says its value twice: either may be the gold's. */
export function compareApproximations(
  gold: Expression,
  answer: Expression,
  { compare }: RelationContext,
): Decision | undefined {
  const [a, b] = [exactly(gold), exactly(answer)];
  if (!a && !b) return undefined;
  const exact = compare(a ?? gold, b ?? answer);
  if (exact.decision === 'equal' || (a && b)) return exact;
  const near = compare(
    a && gold.kind === 'relation' ? approximately(gold) : gold,
    b && answer.kind === 'relation' ? approximately(answer) : answer,
  );
  return near.decision === 'different' ? exact : near;
}
