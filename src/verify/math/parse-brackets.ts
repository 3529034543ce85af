/**
 * Everything that opens and closes: tuples, intervals, sets, groups, bars, floors, vectors.
 */
import type { Expression } from './expression.ts';
import { call } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { derivativeOf } from './parse-derivative.ts';
import { isClosingSquare } from './parse-sum.ts';

function listOf(elements: readonly Expression[]): Expression | undefined {
  return elements.length <= 1 ? elements[0] : { kind: 'list', elements };
}

/** The bracket that closes a round or square one; the end of the text closes as the opening one would. */
function takeClosing(cursor: Cursor, opening: string): string {
  if (cursor.accept(')')) return ')';
  if (cursor.accept(']')) return ']';
  if (isClosingSquare(cursor) || (opening === ']' && cursor.at('['))) {
    cursor.index++;
    return '[';
  }
  if (cursor.token.kind !== 'end') return cursor.fail(`expected a bracket closing ${opening}`);
  return opening === '(' ? ')' : ']';
}

/** `[[1, 2], [3, 4]]`: rows in square brackets are a matrix, as Python writes it. */
function matrixOf(elements: readonly Expression[]): Expression | undefined {
  const rows = elements.map((row) => {
    if (row.kind === 'interval') return row.isLowClosed && row.isHighClosed ? [row.low, row.high] : [];
    return row.kind === 'tuple' ? row.elements : [];
  });
  const width = rows[0]?.length ?? 0;
  return width > 0 && rows.every((row) => row.length === width) ? { kind: 'matrix', rows } : undefined;
}

/** `(a, b)`, `[a, b)`, `]a, b[`, `(x + 1)`. */
function parseRoundOrSquare(cursor: Cursor, opening: string): Expression {
  const hasRows = opening === '[' && cursor.at('[');
  const elements = cursor.bracketed(false, () => cursor.grammar.list(cursor));
  cursor.failIfCutOffEmpty(elements);
  const closing = takeClosing(cursor, opening);
  const [low, high] = elements;
  const matrix = hasRows && elements.length > 1 ? matrixOf(elements) : undefined;
  if (matrix !== undefined) return matrix;
  const isRound = opening === '(' && closing === ')';
  if (isRound && elements.length !== 1) return { kind: 'tuple', elements };
  if (elements.length === 1 && low !== undefined) {
    if (isRound || (opening === '[' && closing === ']')) return low;
    return cursor.fail('brackets of two kinds around one value');
  }
  if (elements.length === 2 && low !== undefined && high !== undefined) {
    return { kind: 'interval', low, high, isLowClosed: opening === '[', isHighClosed: closing === ']' };
  }
  if (opening === '[' && closing === ']') return { kind: 'tuple', elements };
  return cursor.fail('brackets of two kinds around a list');
}

/** `\{1, 2\}`, `\{x \mid x > 3\}`. */
function parseSet(cursor: Cursor): Expression {
  return cursor.bracketed(true, () => {
    const elements = cursor.grammar.list(cursor);
    const isBuilder = cursor.accept('|relation') || cursor.accept('|') || cursor.accept(':');
    if (!isBuilder) {
      cursor.failIfCutOffEmpty(elements);
      cursor.close('\\}');
      return { kind: 'set', elements };
    }
    cursor.isInSet = false;
    const conditions = cursor.grammar.list(cursor);
    cursor.close('\\}');
    return call('suchThat', [...elements, ...conditions]);
  });
}

const FENCES: ReadonlyMap<string, readonly [closing: string, name: string]> = new Map([
  ['lfloor', ['rfloor', 'floor']],
  ['lceil', ['rceil', 'ceil']],
]);

export function parseBrackets(cursor: Cursor): Expression {
  const opening = cursor.token.text;
  const fence = FENCES.get(opening);
  if (opening === '(' || opening === '[' || opening === ']') {
    cursor.index++;
    return parseRoundOrSquare(cursor, opening);
  }
  if (opening === '\\{') {
    cursor.index++;
    return parseSet(cursor);
  }
  if (fence !== undefined) {
    cursor.index++;
    const operand = cursor.bracketed(false, () => cursor.grammar.sum(cursor));
    cursor.close(fence[0]);
    return call(fence[1], [operand]);
  }
  if (opening !== 'langle') return cursor.fail('cannot read');
  cursor.index++;
  const elements = cursor.bracketed(false, () => cursor.grammar.list(cursor));
  cursor.failIfCutOffEmpty(elements);
  cursor.close('rangle');
  return { kind: 'tuple', elements };
}

/** `{...}`: a group; `{n \choose k}`, `{1 \over 2}`; with commas, braces of a set whose backslashes were left out. */
export function parseGroup(cursor: Cursor): Expression {
  const elements = parseGroupElements(cursor);
  const only = elements[0];
  if (elements.length === 1 && only !== undefined) return only;
  return { kind: 'set', elements };
}

/** The argument of a macro: a group, whose commas make a list, or one atom. */
export function parseArgument(cursor: Cursor): Expression {
  if (!cursor.at('{')) return cursor.nested(() => cursor.grammar.atom(cursor));
  return listOf(parseGroupElements(cursor)) ?? cursor.fail('an empty group');
}

function parseGroupElements(cursor: Cursor): readonly Expression[] {
  cursor.index++;
  return cursor.bracketed(false, () => {
    const elements = cursor.grammar.list(cursor);
    const first = elements[0];
    if (elements.length === 1 && first !== undefined && (cursor.at('choose') || cursor.at('over'))) {
      const isBinomial = cursor.at('choose');
      cursor.index++;
      const second = cursor.grammar.sum(cursor);
      cursor.close('}');
      if (isBinomial) return [call('binomial', [first, second])];
      return [derivativeOf(cursor, first, second) ?? { kind: 'quotient', numerator: first, denominator: second }];
    }
    if (cursor.at('.')) cursor.index++;
    cursor.failIfCutOffEmpty(elements);
    cursor.close('}');
    return elements;
  });
}

/** `|x|`, `\|v\|`. A bar inside bars opens where a value must begin and closes where one ends. */
export function parseBars(cursor: Cursor): Expression {
  const opening = cursor.token.text;
  const isDouble = opening.startsWith('||');
  const plain = isDouble ? '||' : '|';
  cursor.index++;
  return cursor.nested(() => {
    const outer = cursor.openBars;
    cursor.openBars = opening === plain ? outer + 1 : 1;
    const operand = cursor.grammar.sum(cursor);
    if (!cursor.accept(`${plain}close`)) cursor.close(plain);
    cursor.openBars = outer;
    if (operand.kind === 'matrix' && !isDouble) return call('determinant', [operand]);
    return isDouble ? call('norm', [operand]) : { kind: 'absolute', operand };
  });
}
