/**
 * Answers of several parts: lists and sets in any order, tuples and matrices place by place.
 */
import { allOf, type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';

export type Compare = (gold: Expression, answer: Expression) => Decision;

/** Elements compared with one another, at most: answers with more are refused. */
const MAX_ELEMENTS = 200;

export function inOrder(gold: readonly Expression[], answer: readonly Expression[], compare: Compare): Decision {
  if (gold.length !== answer.length) return different(`${gold.length} against ${answer.length} elements`);
  const decisions: Decision[] = [];
  for (let index = 0; index < gold.length; index++) {
    const [a, b] = [gold[index], answer[index]];
    if (a && b) decisions.push(compare(a, b));
    if (decisions.at(-1)?.decision === 'different') break;
  }
  return allOf(decisions, 'equal element by element');
}

/** Every element has its own equal one on the other side. `key` finds equal ones without comparing: equal keys are equal elements. */
export function inAnyOrder(
  gold: readonly Expression[],
  answer: readonly Expression[],
  compare: Compare,
  key: (e: Expression) => string,
): Decision {
  if (gold.length !== answer.length) return different(`${gold.length} against ${answer.length} elements`);
  if (gold.length > MAX_ELEMENTS) return undecided(`more than ${MAX_ELEMENTS} elements`);
  const free = new Map<string, Expression[]>();
  for (const each of answer) free.set(key(each), [...(free.get(key(each)) ?? []), each]);
  const unmatched = gold.filter((each) => free.get(key(each))?.pop() === undefined);
  const left = [...free.values()].flat();
  let open: Decision | undefined;
  for (const each of unmatched) {
    let isFound = false;
    let mayMatch: Decision | undefined;
    for (const [index, candidate] of left.entries()) {
      const decision = compare(each, candidate);
      if (decision.decision === 'undecided') mayMatch = decision;
      if (decision.decision !== 'equal') continue;
      left.splice(index, 1);
      isFound = true;
      break;
    }
    if (isFound) continue;
    if (!mayMatch) return different('an element without an equal one');
    open = mayMatch;
  }
  return open ?? equal('equal elements in some order');
}

/** Each element once, by key. */
export function distinct(elements: readonly Expression[], key: (e: Expression) => string): readonly Expression[] {
  const seen = new Map(elements.map((each) => [key(each), each]));
  return seen.size === elements.length ? elements : [...seen.values()];
}

/** The entries of a tuple, or of a matrix of one row or one column: three ways to write a vector. */
export function vectorOf(e: Expression): readonly Expression[] | undefined {
  if (e.kind === 'tuple') return e.elements;
  if (e.kind !== 'matrix') return undefined;
  if (e.rows.length === 1) return e.rows[0];
  return e.rows.every((row) => row.length === 1) ? e.rows.flat() : undefined;
}

export function compareMatrices(
  gold: Extract<Expression, { kind: 'matrix' }>,
  answer: Extract<Expression, { kind: 'matrix' }>,
  compare: Compare,
): Decision {
  const width = (rows: readonly (readonly Expression[])[]) => rows[0]?.length ?? 0;
  if (gold.rows.length !== answer.rows.length || width(gold.rows) !== width(answer.rows))
    return different('matrices of different shapes');
  return inOrder(gold.rows.flat(), answer.rows.flat(), compare);
}

/** -M, 2M, M/3 and 2(1, 2) with the factor in every entry. */
export function withFactorsInside(e: Expression): Expression {
  const isVector = (part: Expression) => part.kind === 'matrix' || part.kind === 'tuple';
  switch (e.kind) {
    case 'negation':
      return isVector(e.operand) ? mapEntries(e.operand, (operand) => ({ kind: 'negation', operand })) : e;
    case 'quotient': {
      const { denominator } = e;
      return isVector(e.numerator)
        ? mapEntries(e.numerator, (numerator) => ({ kind: 'quotient', numerator, denominator }))
        : e;
    }
    case 'product': {
      const vectors = e.factors.filter(isVector);
      const [vector] = vectors;
      if (!vector || vectors.length > 1) return e;
      const rest = e.factors.filter((factor) => factor !== vector);
      return mapEntries(vector, (entry) => ({ kind: 'product', factors: [...rest, entry] }));
    }
    default:
      return e;
  }
}

function mapEntries(e: Expression, of: (entry: Expression) => Expression): Expression {
  if (e.kind === 'tuple') return { ...e, elements: e.elements.map(of) };
  return e.kind === 'matrix' ? { ...e, rows: e.rows.map((row) => row.map(of)) } : e;
}
