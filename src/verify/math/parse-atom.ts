/**
 * Atoms: numbers, symbols, words, currency, groups; and the way to functions, macros and brackets.
 */
import type { Expression } from './expression.ts';
import type { Token } from './lexer.ts';
import { parseBars, parseBrackets, parseGroup } from './parse-brackets.ts';
import { number, symbol } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseApplied, parseFunction } from './parse-function.ts';
import { parseMacro } from './parse-macro.ts';
import { takePrimes } from './parse-postfix.ts';
import { subscriptName } from './parse-scripts.ts';
import { withUnit } from './parse-units.ts';
import { BASE_NAMES } from './vocabulary.ts';

function digitsIn(digits: string, base: number): boolean {
  return [...digits].every((digit) => digit === '.' || Number.parseInt(digit, 36) < base);
}

/** `_8`, `_{16}`, `_{two}`, ` base 8`: the base the digits are written in; moves past it. */
function takeBase(cursor: Cursor, digits: string): number | undefined {
  const start = cursor.index;
  let name: string | undefined;
  if (cursor.accept('_')) name = subscriptName(cursor);
  else if (cursor.token.kind === 'word' && cursor.token.text === 'base' && cursor.peek(1).kind !== 'end') {
    name = cursor.peek(1).text;
    cursor.index += 2;
  }
  if (name === undefined) return undefined;
  const base = BASE_NAMES.get(name.toLowerCase()) ?? Number(name);
  if (Number.isInteger(base) && base >= 2 && base <= 36 && digitsIn(digits, base)) return base;
  cursor.index = start;
  return cursor.fail(`no base for the digits ${digits.slice(0, 20)}`);
}

/** `3 1/2` and `3\frac12` are 3 + 1/2: the fraction behind a whole number, or `undefined`. */
function takeMixedPart(cursor: Cursor): Expression | undefined {
  const { kind, text, spaced } = cursor.token;
  if (kind === 'macro' && text === 'frac') {
    const start = cursor.index;
    const fraction = cursor.grammar.atom(cursor);
    const isWhole =
      fraction.kind === 'quotient' && fraction.numerator.kind === 'number' && fraction.denominator.kind === 'number';
    if (isWhole) return fraction;
    cursor.index = start;
    return undefined;
  }
  const slash = cursor.peek(1);
  const below = cursor.peek(2);
  if (kind !== 'number' || !spaced || slash.kind !== 'mark' || slash.text !== '/' || below.kind !== 'number')
    return undefined;
  if (/\./.test(text + below.text)) return undefined;
  cursor.index += 3;
  return { kind: 'quotient', numerator: number(text), denominator: number(below.text) };
}

function parseNumber(cursor: Cursor, token: Token): Expression {
  cursor.index++;
  if (token.base !== undefined) return { kind: 'based', digits: token.text, base: token.base };
  const value: Expression =
    token.repeating === undefined
      ? number(token.text)
      : { kind: 'number', digits: token.text, repeating: token.repeating };
  if (token.exponent !== undefined) {
    const digits = number(`${Math.abs(token.exponent)}`);
    const exponent: Expression = token.exponent < 0 ? { kind: 'negation', operand: digits } : digits;
    return { kind: 'product', factors: [value, { kind: 'power', base: number('10'), exponent }] };
  }
  const base = takeBase(cursor, token.text);
  if (base !== undefined) return { kind: 'based', digits: token.text, base };
  const part = /^\d+$/.test(token.text) ? takeMixedPart(cursor) : undefined;
  return part === undefined ? value : { kind: 'sum', terms: [value, part] };
}

/** A letter with its subscripts and primes; applied to arguments if it is a function's letter. */
function parseSymbol(cursor: Cursor, token: Token): Expression {
  cursor.index++;
  if (token.text === 'emptyset') return { kind: 'set', elements: [] };
  let name = token.text;
  const early = "'".repeat(takePrimes(cursor));
  if (cursor.accept('_')) name += `_{${subscriptName(cursor)}}`;
  name += early + "'".repeat(takePrimes(cursor));
  return parseApplied(cursor, token.text, name) ?? symbol(name);
}

function isBoundary(token: Token): boolean {
  return token.kind === 'end' || (token.kind === 'mark' && /^(?:[,.;:)}\]]|\\\})$/.test(token.text));
}

const RELATION_MARK = /^(?:=|[<>]=?|~|!=)$/;
const LABEL = /^\(?[A-J][).:]$|^\([A-J]\)?\.?$/;

/** Words: an answer of their own, the name of a side (`Area = 5`), or a label before the value that counts. */
function parseWords(cursor: Cursor, first: Token): Expression {
  let words = first.text;
  cursor.index++;
  if (first.kind === 'text' && LABEL.test(words) && !isBoundary(cursor.token)) return cursor.grammar.statement(cursor);
  let count = 1;
  while (
    cursor.token.kind === 'word' ||
    cursor.token.kind === 'text' ||
    (cursor.token.kind === 'symbol' && cursor.token.spaced)
  ) {
    words += `${cursor.token.spaced || cursor.token.kind === 'text' ? ' ' : ''}${cursor.token.text}`;
    cursor.index++;
    count++;
  }
  const isSide = RELATION_MARK.test(cursor.peek(-count - 1).text) && /^[A-Z]+$/.test(words);
  if (isBoundary(cursor.token)) return isSide ? symbol(words) : { kind: 'text', text: words };
  if (count === 1 && cursor.token.kind === 'mark' && !/^[([{|]/.test(cursor.token.text)) {
    return symbol(cursor.accept('_') ? `${words}_{${subscriptName(cursor)}}` : words);
  }
  return cursor.fail('words where a value should stand');
}

function parseMark(cursor: Cursor, token: Token): Expression {
  switch (token.text) {
    case '{':
      return parseGroup(cursor);
    case '|':
    case '||':
    case '|open':
    case '||open':
      return parseBars(cursor);
    case 'dollar':
    case 'pound':
    case 'euro':
      cursor.index++;
      return withUnit(
        cursor.nested(() => cursor.grammar.product(cursor)),
        token.text,
      );
    case '-':
      // a sign where only an atom may stand: \frac-12
      cursor.index++;
      return { kind: 'negation', operand: cursor.nested(() => cursor.grammar.atom(cursor)) };
    default:
      return parseBrackets(cursor);
  }
}

export function parseAtom(cursor: Cursor): Expression {
  const token = cursor.token;
  switch (token.kind) {
    case 'number':
      return parseNumber(cursor, token);
    case 'symbol':
      return parseSymbol(cursor, token);
    case 'function':
      return parseFunction(cursor);
    case 'macro':
      return parseMacro(cursor);
    case 'word':
    case 'text':
      return parseWords(cursor, token);
    case 'mark':
      return parseMark(cursor, token);
    case 'end':
      return cursor.fail('a value is missing');
  }
}
