/**
 * Equations, inequalities and names before values: `x = 5` beside `5`, `2x + 3y = 6` beside `y = 2 - 2x/3`, `x < 1` beside `(-\infty, 1)`.
 */
import { compareApproximations } from './approximations.ts';
import { compareCongruences } from './congruences.ts';
import { allOf, type Decision, different, equal, undecided } from './decision.ts';
import {
  apart,
  compareEquations,
  isPolynomialInLetters,
  positiveForm,
  type RelationContext,
  type RelationTree,
} from './equations.ts';
import type { Expression, Relation } from './expression.ts';
import {
  areSameName,
  askedValue,
  describe,
  hasLetters,
  isSingleLetter,
  membership,
  type Named,
  named,
  withParameterOf,
} from './names.ts';
import { equalPolynomials } from './polynomial.ts';
import { comparePieces } from './real-sets.ts';
import { isSetLike, piecesOf, solutions } from './solutions.ts';
import { treeKey } from './tree-key.ts';

/** Decides when at least one side is a relation; `undefined` when neither is. */
export function compareRelations(gold: Expression, answer: Expression, context: RelationContext): Decision | undefined {
  if (gold.kind !== 'relation' && answer.kind !== 'relation') return undefined;
  const approximate = compareApproximations(gold, answer, context);
  if (approximate) return approximate;
  if (gold.kind === 'relation' && answer.kind === 'relation') return compareBoth(gold, answer, context);
  if (gold.kind === 'relation') return compareOne(gold, answer, context, context.compare);
  if (answer.kind !== 'relation') return undefined;
  const asked = named(answer) ? undefined : askedValue(answer);
  if (asked) return renamed(context.compare(gold, asked), 'the value asked for');
  return compareOne(answer, gold, context, (value, other) => context.compare(other, value));
}

function renamed(decision: Decision, note: string): Decision {
  return decision.decision === 'equal' ? equal(`${decision.rule}, ${note}`) : decision;
}

function compareOne(
  relation: RelationTree,
  bare: Expression,
  { budget, tolerance, compare }: RelationContext,
  compareValue: (value: Expression, bare: Expression) => Decision,
): Decision {
  const assignment = named(relation);
  if (assignment) {
    if (isSetLike(assignment.value)) return compareValue(assignment.value, bare);
    return renamed(compareValue(assignment.value, bare), `${describe(assignment.name)} taken as the name of the value`);
  }
  const inside = membership(relation);
  if (inside) return compareValue(inside, bare);
  const solved = solutions(relation, budget);
  const pieces = solved && piecesOf(bare, budget);
  if (solved && pieces && (bare.kind !== 'number' || relation.relations.every((each) => each === '=')))
    return comparePieces(solved.pieces, pieces, budget, tolerance);
  const isSet = isSetLike(bare) || bare.kind === 'set' || bare.kind === 'list' || bare.kind === 'tuple';
  const written = writtenInterval(relation);
  if (!solved && isSet && written) return compareValue(written, bare);
  if (!solved && isSet) return undecided('a relation that is not solved and a set');
  if (relation.relations.every((each) => DIRECTION[each] !== undefined)) return different('an inequality and a value');
  const value = askedValue(relation) ?? lastSide(relation);
  if (!value) return undecided('a relation and a value');
  return compare(value, bare).decision === 'equal'
    ? undecided('the value of one side of an equation')
    : different('an equation and another value');
}

function lastSide(e: RelationTree): Expression | undefined {
  return e.relations.every((relation) => relation === '=') ? e.sides.at(-1) : undefined;
}

/** a < x <= b, x < b or a < x with letters for ends, as an interval. */
function writtenInterval(relation: RelationTree): Expression | undefined {
  const { sides, relations } = upwards(relation);
  const [first, second, third] = sides;
  const [below, above] = relations;
  if (!first || !second || !relations.every((each) => DIRECTION[each] === 1) || relations.length > 2) return undefined;
  const infinity: Expression = { kind: 'symbol', name: 'infinity' };
  if (third)
    return second.kind !== 'symbol'
      ? undefined
      : { kind: 'interval', low: first, high: third, isLowClosed: below === '<=', isHighClosed: above === '<=' };
  if (first.kind === 'symbol')
    return {
      kind: 'interval',
      low: { kind: 'negation', operand: infinity },
      high: second,
      isLowClosed: false,
      isHighClosed: below === '<=',
    };
  return second.kind === 'symbol'
    ? { kind: 'interval', low: first, high: infinity, isLowClosed: below === '<=', isHighClosed: false }
    : undefined;
}

function compareBoth(gold: RelationTree, answer: RelationTree, context: RelationContext): Decision {
  const { budget, tolerance, compare } = context;
  const congruent = compareCongruences(gold, answer, context);
  if (congruent) return congruent;
  const [a, b] = [named(gold), named(answer)];
  if (a && b) return compareNamed(a, b, gold, answer, context);
  const [x, y] = [solutions(gold, budget), solutions(answer, budget)];
  if (x && y && x.letter === y.letter) return comparePieces(x.pieces, y.pieces, budget, tolerance);
  const [inGold, inAnswer] = [membership(gold), membership(answer)];
  if (inGold && inAnswer) return compare(inGold, inAnswer);
  if (isEquation(gold) && isEquation(answer)) return compareEquations(gold, answer, context);
  return compareChains(gold, answer, context);
}

function isEquation(e: RelationTree): boolean {
  return e.relations.every((relation) => relation === '=' || relation === '~' || relation === 'equivalent');
}

function compareNamed(
  a: Named,
  b: Named,
  gold: RelationTree,
  answer: RelationTree,
  context: RelationContext,
): Decision {
  const { compare } = context;
  if (treeKey(a.name) === treeKey(b.name)) return compare(a.value, b.value);
  const renamedValue = withParameterOf(a.name, b);
  if (renamedValue) return compare(a.value, renamedValue);
  const asEquations = compareEquations(gold, answer, context);
  if (asEquations.decision === 'equal') return asEquations;
  const values = compare(a.value, b.value);
  if (values.decision !== 'equal') return values;
  if (areSameName(a.name, b.name)) return equal(`${values.rule}, for one letter`);
  return isSingleLetter(a.name) && isSingleLetter(b.name) && !hasLetters(a.value)
    ? different(`equal values of different letters, ${describe(a.name)} and ${describe(b.name)}`)
    : undecided(`equal values of different names, ${describe(a.name)} and ${describe(b.name)}`);
}

const DIRECTION: Partial<Record<Relation, number>> = { '<': 1, '<=': 1, '>': -1, '>=': -1 };
const MIRRORED: Partial<Record<Relation, Relation>> = { '>': '<', '>=': '<=' };

/** Inequalities in several letters, and relations of other kinds: the same signs between equal differences. */
function compareChains(gold: RelationTree, answer: RelationTree, context: RelationContext): Decision {
  const [a, b] = [upwards(gold), upwards(answer)];
  if (a.relations.join() !== b.relations.join()) {
    const kinds = [...a.relations, ...b.relations];
    return kinds.every((relation) => DIRECTION[relation]) && a.relations.length === b.relations.length
      ? different('different signs of inequality')
      : undecided('relations of different kinds');
  }
  const sides = a.sides.map((side, index) => context.compare(side, b.sides[index] as Expression));
  const together = allOf(sides, 'equal sides');
  if (together.decision === 'equal') return together;
  if (a.relations.length === 1 && DIRECTION[a.relations[0] as Relation] === undefined && a.relations[0] !== '!=')
    return a.relations[0] === 'in' ? together : undecided('relations that are not solved');
  return comparePositiveMultiples(a, b, context);
}

/** With every sign pointing to the greater side on the right. */
function upwards(e: RelationTree): RelationTree {
  if (!e.relations.every((relation) => DIRECTION[relation] === -1)) return e;
  return {
    kind: 'relation',
    sides: [...e.sides].reverse(),
    relations: e.relations.map((relation) => MIRRORED[relation] ?? relation).reverse(),
  };
}

function comparePositiveMultiples(a: RelationTree, b: RelationTree, { budget }: RelationContext): Decision {
  if (a.relations.length !== 1) return undecided('chains that are not solved');
  const [x, y] = [positiveForm(apart(a), budget), positiveForm(apart(b), budget)];
  if (!x || !y) return undecided('inequalities that are not solved');
  if (equalPolynomials(x, y)) return equal('one inequality up to a positive factor');
  return isPolynomialInLetters(x) && isPolynomialInLetters(y)
    ? different('different inequalities')
    : undecided('inequalities that are not solved');
}
