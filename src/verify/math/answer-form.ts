/**
 * One text for one answer, of whatever kind: equal texts are equal answers, so votes can be counted by them. The reverse need not hold.
 */
import type { Budget } from '../budget.ts';
import { distinct, vectorOf, withFactorsInside } from './collections.ts';
import { zeroForm } from './equations.ts';
import type { Expression } from './expression.ts';
import { named } from './names.ts';
import { hasPlusMinus, together } from './plus-minus.ts';
import { formatPolynomial } from './polynomial-format.ts';
import { measured } from './quantities.ts';
import { formatPieces } from './real-sets.ts';
import { formOf } from './scalars.ts';
import { isSetLike, piecesOf, solutions } from './solutions.ts';
import { plainText } from './texts.ts';
import { treeKey } from './tree-key.ts';

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
    const elements = e.kind === 'set' ? distinct(e.elements, of) : e.elements;
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
