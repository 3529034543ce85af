/**
 * Congruences, by their moduli and residues.
 */
import { type Decision, different, undecided } from './decision.ts';
import type { RelationContext, RelationTree } from './equations.ts';
import type { Expression } from './expression.ts';

/** x \equiv 3 (mod 7): residues that differ by a multiple of equal moduli. */
export function compareCongruences(
  gold: RelationTree,
  answer: RelationTree,
  { compare }: RelationContext,
): Decision | undefined {
  const [a, b] = [congruence(gold), congruence(answer)];
  if (!a && !b) return undefined;
  if (!a || !b) return undecided('a congruence and another relation');
  const moduli = compare(a.modulus, b.modulus);
  if (moduli.decision !== 'equal') return moduli.decision === 'different' ? different('different moduli') : moduli;
  const sides = compare(a.left, b.left);
  if (sides.decision !== 'equal')
    return sides.decision === 'different' ? undecided('congruences of different things') : sides;
  const residue = ({ right, modulus }: Congruence): Expression => ({
    kind: 'call',
    name: 'mod',
    operands: [right, modulus],
  });
  return compare(residue(a), residue(b));
}

interface Congruence {
  readonly left: Expression;
  readonly right: Expression;
  readonly modulus: Expression;
}

function congruence({ sides, relations }: RelationTree): Congruence | undefined {
  const [left, last] = sides;
  if (relations.length !== 1 || (relations[0] !== 'equivalent' && relations[0] !== '=')) return undefined;
  if (!left || last?.kind !== 'call' || last.name !== 'mod') return undefined;
  const [right, modulus] = last.operands;
  return right && modulus && { left, right, modulus };
}
