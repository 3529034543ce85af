/**
 * One text for one answer, of whatever kind: equal texts are equal answers, so votes can be counted by them. The reverse need not hold.
 * What equivalence takes for a name or a unit that says nothing beside this gold is left out: `x = 5` and `5` are one vote.
 */
import { createHash } from 'node:crypto';
import { type Budget, BudgetExceeded } from '../budget.ts';
import { distinct, vectorOf, withFactorsInside } from './collections.ts';
import { zeroForm } from './equations.ts';
import type { Expression } from './expression.ts';
import { listOf } from './list-values.ts';
import { areSameName, type Named, named, withParameterOf } from './names.ts';
import { hasPlusMinus, together } from './plus-minus.ts';
import { formatPolynomial } from './polynomial-format.ts';
import { inUnitOf, measured } from './quantities.ts';
import { formatPieces } from './real-sets.ts';
import { formOf } from './scalars.ts';
import { isSetLike, piecesOf, solutions } from './solutions.ts';
import { plainText } from './texts.ts';
import { treeKey } from './tree-key.ts';

/** Longer forms are given by their beginning and a hash of all of it. */
const MAX_FORM_LENGTH = 1000;

/** The forms of a gold and of an answer to it. */
export function comparedForms(
  gold: Expression,
  answer: Expression,
  budget: Budget,
): { readonly goldForm: string; readonly answerForm: string } {
  const asked = named(gold);
  const bareGold = asked && isLone(asked.name) ? asked.value : gold;
  const { value } = measured(bareGold);
  return { goldForm: formWithin(value, budget), answerForm: formWithin(besideGold(gold, bareGold, answer), budget) };
}

function isLone(name: Expression): boolean {
  return name.kind === 'symbol' || name.kind === 'call';
}

/** The answer without the name and the unit that it shares with the gold, or that the gold does not state. */
function besideGold(gold: Expression, bareGold: Expression, answer: Expression): Expression {
  const given = named(answer);
  const bare = given && isLone(given.name) ? withoutName(named(gold), gold, given, answer) : answer;
  const inUnits = inUnitOf(bareGold, bare);
  return bareGold.kind === 'set' && inUnits.kind === 'list' ? { ...inUnits, kind: 'set' } : inUnits;
}

function withoutName(asked: Named | undefined, gold: Expression, given: Named, answer: Expression): Expression {
  if (!asked) return gold.kind === 'relation' ? answer : given.value;
  const renamed = withParameterOf(asked.name, given);
  if (renamed) return renamed;
  return areSameName(asked.name, given.name) ? given.value : answer;
}

/** The form, or the tree as written where the budget does not reach that far. */
function formWithin(e: Expression, budget: Budget): string {
  let form: string;
  try {
    form = answerForm(e, budget);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    form = `written ${treeKey(e)}`;
  }
  if (form.length <= MAX_FORM_LENGTH) return form;
  return `${form.slice(0, MAX_FORM_LENGTH)}... sha256 ${createHash('sha256').update(form).digest('hex')}`;
}

/** Beside no gold: names and units stay. */
export function answerForm(written: Expression, budget: Budget): string {
  const e = withFactorsInside(written);
  const of = (inner: Expression) => answerForm(inner, budget);
  if (e.kind === 'text') return JSON.stringify(plainText(e.text));
  if (hasPlusMinus(e)) return of({ kind: 'list', elements: together(e) });
  if (e.kind === 'relation') return relationForm(e, budget);
  if (isSetLike(e)) {
    const pieces = piecesOf(e, budget);
    const text = pieces && formatPieces(pieces, budget);
    return text ?? `written ${treeKey(e)}`;
  }
  if (e.kind === 'set' || e.kind === 'list') {
    const values = listOf(e) ?? e.elements;
    const elements = e.kind === 'set' ? distinct(values, of) : values;
    const [only] = elements;
    if (only && elements.length === 1) return of(only);
    return `{${elements.map(of).sort().join(', ')}}`;
  }
  const vector = vectorOf(e);
  if (vector) return `(${vector.map(of).join(', ')})`;
  if (e.kind === 'matrix') return `matrix(${e.rows.map((row) => row.map(of).join(', ')).join('; ')})`;
  const { value, unit } = measured(e);
  if (unit !== undefined && unit !== '%' && unit !== 'degree') return `${of(value)} [${unit}]`;
  const form = formOf(e, budget);
  return form.ok ? form.text : `written ${treeKey(e)}`;
}

function relationForm(e: Extract<Expression, { kind: 'relation' }>, budget: Budget): string {
  const assignment = named(e);
  if (assignment) return `${treeKey(assignment.name)} = ${answerForm(assignment.value, budget)}`;
  const solved = solutions(e, budget);
  const text = solved && formatPieces(solved.pieces, budget);
  if (solved && text !== undefined) return `${solved.letter} in ${text}`;
  const [left, right] = e.sides;
  if (e.sides.length === 2 && e.relations[0] === '=' && left && right) {
    const zero = zeroForm({ kind: 'sum', terms: [left, { kind: 'negation', operand: right }] }, budget);
    if (zero) return `${formatPolynomial(zero)} = 0`;
  }
  return `written ${treeKey(e)}`;
}
