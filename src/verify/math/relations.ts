/**
 * Equations, inequalities and names before values: `x = 5` beside `5`, `2x + 3y = 6` beside `y = 2 - 2x/3`, `x < 1` beside `(-\infty, 1)`.
 */
import type { Budget } from '../budget.ts';
import { divide, ONE, type Rational } from '../rational.ts';
import { allOf, type Decision, different, equal, undecided } from './decision.ts';
import type { Expression, Relation } from './expression.ts';
import { isLetterFunction } from './functions.ts';
import { testIdentity } from './identity.ts';
import {
  asRational,
  equalPolynomials,
  generatorsOf,
  type Polynomial,
  scale,
  sortedTerms,
  withoutNegativeExponents,
} from './polynomial.ts';
import { comparePieces, isSetLike, piecesOf, solutions } from './real-sets.ts';
import { formOf } from './scalars.ts';
import { someNode, substitute, treeKey } from './tree-key.ts';

export type RelationTree = Extract<Expression, { kind: 'relation' }>;

export interface RelationContext {
  readonly budget: Budget;
  readonly tolerance: number;
  compare(gold: Expression, answer: Expression): Decision;
}

export interface Named {
  readonly name: Expression;
  readonly value: Expression;
}

/** `x = 2 + 3 = 5` is x and 5; the name may stand last. `undefined` for inequalities and equations between formulas. */
export function named(e: Expression): Named | undefined {
  if (e.kind !== 'relation' || !e.relations.every((relation) => relation === '=' || relation === '~')) return undefined;
  const [first, last] = [e.sides[0], e.sides.at(-1)];
  if (!first || !last) return undefined;
  if (isName(first)) return { name: first, value: last };
  return isName(last) ? { name: last, value: first } : undefined;
}

/** A symbol, f(x), a segment AB or its length: what a value is given for. */
function isName(e: Expression): boolean {
  if (e.kind === 'symbol') return e.name !== 'infinity' && e.name !== 'emptyset' && e.name !== 'pi';
  if (e.kind === 'text') return true;
  if (e.kind === 'absolute') return isName(e.operand);
  if (e.kind === 'product') return e.factors.every((factor) => factor.kind === 'symbol' && /^[A-Z]/.test(factor.name));
  return (
    e.kind === 'call' && (isLetterFunction(e.name) || ['angle', 'triangle', 'arc', 'deg', 'P', 'Pr'].includes(e.name))
  );
}

/** What stands behind the last sign of an equation whose other side has letters only: `x + y = 7`, `\sin A = 3/5`. */
function askedValue(e: Expression): Expression | undefined {
  if (e.kind !== 'relation' || !e.relations.every((relation) => relation === '=' || relation === '~')) return undefined;
  const last = e.sides.at(-1);
  const first = e.sides[0];
  if (!last || !first) return undefined;
  if (e.sides.every((side) => !hasLetters(side))) return last;
  const isQuestion = hasLetters(first) && !someNode(first, ({ kind }) => kind === 'number');
  return isQuestion && !hasLetters(last) ? last : undefined;
}

function hasLetters(e: Expression): boolean {
  return someNode(e, (node) => node.kind === 'symbol' && !['pi', 'e', 'i', 'infinity'].includes(node.name));
}

/** Decides when at least one side is a relation; `undefined` when neither is. */
export function compareRelations(gold: Expression, answer: Expression, context: RelationContext): Decision | undefined {
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
  const asked = askedValue(relation) ?? lastSide(relation);
  if (!asked) return different('a relation and a value');
  const decision = compare(asked, bare);
  return decision.decision === 'equal'
    ? undecided('the value of one side of the other equation')
    : different('a relation and a value');
}

function lastSide(e: RelationTree): Expression | undefined {
  return e.relations.every((relation) => relation === '=') ? e.sides.at(-1) : undefined;
}

/** S of `x \in S`. */
function membership(e: RelationTree): Expression | undefined {
  return e.relations.length === 1 && e.relations[0] === 'in' && e.sides[0]?.kind === 'symbol' ? e.sides[1] : undefined;
}

function describe(name: Expression): string {
  return name.kind === 'symbol' ? name.name : name.kind === 'call' ? `${name.name}(...)` : 'the left side';
}

function compareBoth(gold: RelationTree, answer: RelationTree, context: RelationContext): Decision {
  const { budget, tolerance, compare } = context;
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

/** f(t) = ... with t written as the gold writes it, when the gold is f(x) = ... */
function withParameterOf(name: Expression, { name: own, value }: Named): Expression | undefined {
  if (name.kind !== 'call' || own.kind !== 'call' || name.name !== own.name) return undefined;
  const [to, from] = [name.operands[0], own.operands[0]];
  if (name.operands.length !== 1 || own.operands.length !== 1) return undefined;
  if (to?.kind !== 'symbol' || from?.kind !== 'symbol') return undefined;
  return substitute(value, (leaf) => (leaf.kind === 'symbol' && leaf.name === from.name ? to : undefined));
}

/** m and m_{max}, M and m: one letter with and without what distinguishes it. y and f(x) name one graph. */
function areSameName(a: Expression, b: Expression): boolean {
  const [x, y] = [letterOf(a), letterOf(b)];
  if (x === undefined || y === undefined) return false;
  if (x.toLowerCase() === y.toLowerCase()) return true;
  const isGraph = (e: Expression, other: Expression) => letterOf(e) === 'y' && other.kind === 'call';
  return isGraph(a, b) || isGraph(b, a);
}

function letterOf(e: Expression): string | undefined {
  if (e.kind === 'symbol') return e.name.replace(/_.*$/, '');
  return e.kind === 'call' ? e.name.replace(/_.*$/, '') : undefined;
}

function isSingleLetter(e: Expression): boolean {
  return e.kind === 'symbol' && e.name.length === 1;
}

/** First side minus last. */
function apart(e: RelationTree): Expression {
  return {
    kind: 'sum',
    terms: [e.sides[0] as Expression, { kind: 'negation', operand: e.sides.at(-1) as Expression }],
  };
}

/** Equal up to a factor that is a number: the same solutions. */
function compareEquations(gold: RelationTree, answer: RelationTree, context: RelationContext): Decision {
  const { budget, compare } = context;
  if (gold.sides.length === answer.sides.length) {
    const sides = gold.sides.map((side, index) => compare(side, answer.sides[index] as Expression));
    if (allOf(sides, '').decision === 'equal') return equal('equal sides');
  }
  const [a, b] = [apart(gold), apart(answer)];
  const [x, y] = [zeroForm(a, budget), zeroForm(b, budget)];
  if (x && y) {
    if (equalPolynomials(x, y)) return equal('one equation up to a factor');
    if (isPolynomialInLetters(x) && isPolynomialInLetters(y)) return different('different equations');
  }
  const factor = x && y ? leadRatio(a, b, budget) : undefined;
  for (const each of [ONE, { numerator: -1n, denominator: 1n }, ...(factor ? [factor] : [])]) {
    const scaled: Expression = { kind: 'product', factors: [rationalTree(each), b] };
    try {
      const decision = testIdentity({ a, b: scaled, budget, logBase: 'e' });
      if (decision.decision === 'equal') return equal(`one equation up to a factor: ${decision.rule}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undecided('equations that are no multiples of one another');
}

function rationalTree({ numerator, denominator }: Rational): Expression {
  const size: Expression = { kind: 'number', digits: `${numerator < 0n ? -numerator : numerator}` };
  const quotient: Expression = {
    kind: 'quotient',
    numerator: size,
    denominator: { kind: 'number', digits: `${denominator}` },
  };
  return numerator < 0n ? { kind: 'negation', operand: quotient } : quotient;
}

/** The numerator over its first coefficient: zero where the formula is. */
export function zeroForm(e: Expression, budget: Budget): Polynomial | undefined {
  const form = formOf(e, budget);
  if (!form.ok) return undefined;
  const cleared = withoutNegativeExponents(form.fraction.numerator, budget);
  const lead = sortedTerms(cleared)[0]?.coefficient;
  const inverse = lead && divide(ONE, lead);
  return inverse ? scale(cleared, inverse, budget) : cleared;
}

function leadRatio(a: Expression, b: Expression, budget: Budget): Rational | undefined {
  const lead = (e: Expression) => {
    const form = formOf(e, budget);
    return form.ok ? sortedTerms(form.fraction.numerator)[0]?.coefficient : undefined;
  };
  const [x, y] = [lead(a), lead(b)];
  return x && y ? divide(x, y) : undefined;
}

function isPolynomialInLetters(a: Polynomial): boolean {
  for (const { powers } of a.values())
    for (const { generator, exponent } of powers)
      if (
        generator.kind === 'opaque' ||
        generator.kind === 'radicand' ||
        (generator.kind === 'symbol' && exponent.denominator !== 1n)
      )
        return false;
  return generatorsOf(a).size > 0 || asRational(a) !== undefined;
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

function positiveForm(e: Expression, budget: Budget): Polynomial | undefined {
  const form = formOf(e, budget);
  if (!form.ok || !asRational(form.fraction.denominator)) return undefined;
  const lead = sortedTerms(form.fraction.numerator)[0]?.coefficient;
  const inverse = lead && divide(ONE, lead);
  if (!inverse) return form.fraction.numerator;
  const size = inverse.numerator < 0n ? { ...inverse, numerator: -inverse.numerator } : inverse;
  return scale(form.fraction.numerator, size, budget);
}
