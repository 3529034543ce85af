/**
 * What stands before a value in an equation: the name that is given it, or the question that it answers.
 */
import type { Expression } from './expression.ts';
import { isLetterFunction } from './function-names.ts';
import { someNode, substitute, treeKey } from './tree-key.ts';

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

/** A symbol, f(x), (x, y), a segment AB or its length: what a value is given for. */
export function isName(e: Expression): boolean {
  if (e.kind === 'symbol') return e.name !== 'infinity' && e.name !== 'emptyset' && e.name !== 'pi';
  if (e.kind === 'text') return true;
  if (e.kind === 'absolute') return isName(e.operand);
  if (e.kind === 'tuple') return e.elements.every((element) => element.kind === 'symbol');
  if (e.kind === 'matrix') return e.rows.flat().every((element) => element.kind === 'symbol');
  if (e.kind === 'product') return e.factors.every((factor) => factor.kind === 'symbol' && /^[A-Z]/.test(factor.name));
  return (
    e.kind === 'call' && (isLetterFunction(e.name) || ['angle', 'triangle', 'arc', 'deg', 'P', 'Pr'].includes(e.name))
  );
}

/** What stands behind the last sign of an equation whose other side has letters only: `x + y = 7`, `\sin A = 3/5`. */
export function askedValue(e: Expression): Expression | undefined {
  if (e.kind !== 'relation' || !e.relations.every((relation) => relation === '=' || relation === '~')) return undefined;
  const last = e.sides.at(-1);
  const first = e.sides[0];
  if (!last || !first) return undefined;
  if (e.sides.every((side) => !hasLetters(side))) return last;
  const isQuestion = hasLetters(first) && !someNode(first, ({ kind }) => kind === 'number');
  return isQuestion && !hasLetters(last) ? last : undefined;
}

export function hasLetters(e: Expression): boolean {
  return someNode(e, (node) => node.kind === 'symbol' && !['pi', 'e', 'i', 'infinity'].includes(node.name));
}

export function describe(name: Expression): string {
  return name.kind === 'symbol' ? name.name : name.kind === 'call' ? `${name.name}(...)` : 'the left side';
}

/** f(t) = ... with t written as the gold writes it, when the gold is f(x) = ... */
export function withParameterOf(name: Expression, { name: own, value }: Named): Expression | undefined {
  if (name.kind !== 'call' || own.kind !== 'call' || name.name !== own.name) return undefined;
  const [to, from] = [name.operands[0], own.operands[0]];
  if (name.operands.length !== 1 || own.operands.length !== 1) return undefined;
  if (to?.kind !== 'symbol' || from?.kind !== 'symbol') return undefined;
  return substitute(value, (leaf) => (leaf.kind === 'symbol' && leaf.name === from.name ? to : undefined));
}

/** m and m_{max}, M and m: one letter with and without what distinguishes it; not a_3 and a_4, f(2) and f(4). y and f(x) name one graph. */
export function areSameName(a: Expression, b: Expression): boolean {
  const [x, y] = [letterOf(a), letterOf(b)];
  if (x === undefined || y === undefined) return false;
  if (x.toLowerCase() === y.toLowerCase()) return !areDistinguished(a, b);
  const isGraph = (e: Expression, other: Expression) => letterOf(e) === 'y' && other.kind === 'call';
  return isGraph(a, b) || isGraph(b, a);
}

/** Both say which of their letter they are, and not the same one. */
function areDistinguished(a: Expression, b: Expression): boolean {
  const [x, y] = [markOf(a), markOf(b)];
  return x !== undefined && y !== undefined && x !== y;
}

/** The subscript and the arguments, where a letter stands for any. */
function markOf(e: Expression): string | undefined {
  if (e.kind === 'symbol') return /_.*$/.exec(e.name)?.[0];
  if (e.kind !== 'call') return undefined;
  const operands = e.operands.map((operand) => (operand.kind === 'symbol' ? 'any' : treeKey(operand)));
  return `${/_.*$/.exec(e.name)?.[0] ?? ''}(${operands.join()})`;
}

export function letterOf(e: Expression): string | undefined {
  if (e.kind === 'symbol') return e.name.replace(/_.*$/, '');
  return e.kind === 'call' ? e.name.replace(/_.*$/, '') : undefined;
}

export function isSingleLetter(e: Expression): boolean {
  return e.kind === 'symbol' && e.name.length === 1;
}

/** S of `x \in S`. */
export function membership(e: Expression): Expression | undefined {
  if (e.kind !== 'relation') return undefined;
  return e.relations.length === 1 && e.relations[0] === 'in' && e.sides[0]?.kind === 'symbol' ? e.sides[1] : undefined;
}
