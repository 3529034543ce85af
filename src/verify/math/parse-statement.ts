/**
 * Lists, relation chains and set operations: the levels of the grammar above sums.
 */
import type { Expression, Relation } from './expression.ts';
import { unionOf } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { startsFactor } from './parse-starts.ts';

const RELATIONS: ReadonlyMap<string, Relation> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['in', 'in'],
  ['~', '~'],
  ['equivalent', 'equivalent'],
  ['|relation', '|'],
]);

function relationAt(cursor: Cursor): Relation | undefined {
  const { kind, text } = cursor.token;
  if (kind === 'word') return text === 'in' ? 'in' : undefined;
  if (kind !== 'mark') return undefined;
  if (cursor.isInSet && text === '|relation') return undefined;
  if (text === '|') return cursor.isInSet || cursor.openBars > 0 ? undefined : '|';
  return RELATIONS.get(text);
}

/** `\pmod{7}`, `(mod 7)`: the modulus after a congruence. */
function takeModulus(cursor: Cursor): Expression | undefined {
  if (cursor.token.kind === 'macro' && cursor.token.text === 'pmod') {
    cursor.index++;
    return cursor.grammar.factor(cursor);
  }
  const following = cursor.peek(1);
  if (!cursor.at('(') || following.kind !== 'mark' || following.text !== 'mod') return undefined;
  cursor.index += 2;
  const modulus = cursor.bracketed(false, () => cursor.grammar.sum(cursor));
  cursor.close(')');
  return modulus;
}

const OPERATIONS = { cup: 'union', cap: 'intersection', setminus: 'difference' } as const;

/** Unions, intersections and differences, from left to right. */
function parseSets(cursor: Cursor): Expression {
  let left = parseRatio(cursor);
  for (;;) {
    const { kind, text } = cursor.token;
    if (kind !== 'mark' || (text !== 'cup' && text !== 'cap' && text !== 'setminus')) return left;
    cursor.index++;
    left = unionOf(cursor, OPERATIONS[text], left, parseRatio(cursor));
  }
}

/** `3:4:5`. In a set a colon means `such that`; before nothing it is punctuation. */
function parseRatio(cursor: Cursor): Expression {
  const operands = [cursor.grammar.sum(cursor)];
  while (cursor.at(':') && !cursor.isInSet && startsFactor(cursor, cursor.peek(1))) {
    cursor.index++;
    operands.push(cursor.grammar.sum(cursor));
  }
  const only = operands[0];
  return operands.length === 1 && only !== undefined ? only : { kind: 'call', name: 'ratio', operands };
}

/** `f(x) =`, `N(n) =`: a letter that this text applies to arguments. */
function noteDefinition(cursor: Cursor): void {
  const { kind, text } = cursor.token;
  if (kind !== 'symbol' || text.length !== 1) return;
  if (cursor.peek(1).text !== '(' || cursor.peek(1).kind !== 'mark') return;
  for (let offset = 2; offset < 12; offset++) {
    const token = cursor.peek(offset);
    if (token.kind === 'mark' && token.text === ')') {
      if (cursor.peek(offset + 1).kind === 'mark' && cursor.peek(offset + 1).text === '=')
        cursor.functionLetters.add(text);
      return;
    }
    if (token.kind !== 'symbol' && token.kind !== 'number' && token.text !== ',') return;
  }
}

/** `= p(x)` at the end: the letter as a definition written the other way round has it. */
function noteDefined(cursor: Cursor): void {
  const [letter, open, argument, close, behind] = [0, 1, 2, 3, 4].map((offset) => cursor.peek(offset));
  const isApplied =
    letter?.kind === 'symbol' && open?.text === '(' && argument?.kind === 'symbol' && close?.text === ')';
  if (isApplied && (behind?.kind === 'end' || behind?.text === ',')) cursor.functionLetters.add(letter.text);
}

export function parseStatement(cursor: Cursor): Expression {
  while (cursor.at('=') || cursor.at('~') || cursor.at(':')) cursor.index++;
  noteDefinition(cursor);
  const sides = [parseSets(cursor)];
  const relations: Relation[] = [];
  for (let relation = relationAt(cursor); relation !== undefined; relation = relationAt(cursor)) {
    cursor.index++;
    if (relation === '=') noteDefined(cursor);
    relations.push(relation);
    sides.push(parseSets(cursor));
  }
  const modulus = takeModulus(cursor);
  const last = sides.at(-1);
  if (modulus !== undefined && last !== undefined) {
    sides[sides.length - 1] = { kind: 'call', name: 'mod', operands: [last, modulus] };
  }
  const only = sides[0];
  return sides.length === 1 && only !== undefined ? only : { kind: 'relation', sides, relations };
}

/** Separators may stand doubled (`, and`), lead or trail. */
export function parseList(cursor: Cursor): readonly Expression[] {
  const elements: Expression[] = [];
  while (cursor.accept(','));
  while (startsStatement(cursor)) {
    elements.push(cursor.nested(() => cursor.grammar.statement(cursor)));
    if (!cursor.at(',')) break;
    while (cursor.accept(','));
  }
  return elements;
}

function startsStatement(cursor: Cursor): boolean {
  const token = cursor.token;
  if (token.kind === 'end') return false;
  if (token.kind !== 'mark') return true;
  return startsFactor(cursor, token) || /^(?:[-+=~:]|pm|mp)$/.test(token.text);
}
