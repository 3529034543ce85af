/**
 * Lists, pairs and ratios as the values, intervals or coordinates that they may mean.
 */
import { vectorOf } from './collections.ts';
import type { Expression } from './expression.ts';
import { named } from './names.ts';
import { isSetLike } from './solutions.ts';
import { treeKey } from './tree-key.ts';

export function ratioOf(e: Expression): readonly Expression[] | undefined {
  return e.kind === 'call' && e.name === 'ratio' ? e.operands : undefined;
}

/** A list of inequalities stands for the union of what they say. */
export function isInequalityList(e: Expression): boolean {
  if (e.kind !== 'list' && e.kind !== 'set') return false;
  return e.elements.some(
    (element) =>
      isSetLike(element) ||
      (element.kind === 'relation' && element.relations.some((each) => ['<', '<=', '>', '>=', 'in'].includes(each))),
  );
}

/** The values of a list; a name before the first, or one name before each, is left out: `x = 1, 2`; `x = 1, x = 2`. */
export function listOf(e: Expression): readonly Expression[] | undefined {
  if (e.kind !== 'list' && e.kind !== 'set') return undefined;
  const names = e.elements.map((element) => named(element));
  const keys = new Set(names.flatMap((each) => (each ? [treeKey(each.name)] : [])));
  if (keys.size !== 1 || !names[0]) return e.elements;
  return e.elements.map((element, index) => names[index]?.value ?? element);
}

/** The values of `y = 2, x = 1` in the order of their letters, as coordinates have it. */
export function assigned(e: Expression): readonly Expression[] | undefined {
  if (e.kind !== 'list') return undefined;
  const names = e.elements.map((element) => named(element)).filter((each) => each !== undefined);
  if (names.length !== e.elements.length) return undefined;
  const sorted = names.sort((a, b) => (treeKey(a.name) < treeKey(b.name) ? -1 : 1));
  return sorted.map(({ value }) => value);
}

/** `(x, y) = (1, 2)` as `x = 1, y = 2`. */
export function coordinates(e: Expression): Expression | undefined {
  const solved = named(e);
  const [names, values] = solved ? [vectorOf(solved.name), vectorOf(solved.value)] : [];
  if (!names || !values || names.length !== values.length) return undefined;
  const elements = names.map(
    (name, index): Expression => ({ kind: 'relation', sides: [name, values[index] as Expression], relations: ['='] }),
  );
  return { kind: 'list', elements };
}

export function openInterval(e: Expression): Expression {
  const [low, high] = e.kind === 'tuple' && e.elements.length === 2 ? e.elements : [];
  return low && high ? { kind: 'interval', low, high, isLowClosed: false, isHighClosed: false } : e;
}

/** `[1, 2]` beside a matrix is a vector. */
export function closedPair(e: Expression): Expression {
  if (e.kind !== 'interval' || !e.isLowClosed || !e.isHighClosed) return e;
  return { kind: 'tuple', elements: [e.low, e.high] };
}
