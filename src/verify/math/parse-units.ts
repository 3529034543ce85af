/**
 * Units and nouns after a value: `5 \text{ cm}^2`, `12 square feet`, `27 students`, `9.8 m/s^2`.
 */
import type { Expression } from './expression.ts';
import type { Cursor } from './parse-cursor.ts';
import { readUnit } from './units.ts';
import { SENTENCE_WORDS } from './vocabulary.ts';

/** How many tokens a unit may have. */
const MAX_UNIT_TOKENS = 16;
const NOUNS = /^[\p{L}\p{M}'’ .()-]+$/u;

function isSentence(words: string): boolean {
  return words
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .some((word) => SENTENCE_WORDS.has(word));
}

/** `^2`, `^{2}`, `^{-1}` after a unit: what it reads, and moves past it. */
function takePower(cursor: Cursor): string {
  if (!cursor.at('^')) return '';
  const isGroup = cursor.peek(1).text === '{';
  let offset = isGroup ? 2 : 1;
  const sign = cursor.peek(offset).text === '-' ? '-' : '';
  if (sign !== '') offset++;
  const token = cursor.peek(offset);
  if (token.kind !== 'number' || (isGroup && cursor.peek(offset + 1).text !== '}')) return '';
  cursor.index += offset + (isGroup ? 2 : 1);
  return `^${sign}${token.text}`;
}

/** The unit's words as text; moves past them. */
function takeWords(cursor: Cursor): string {
  let words = '';
  for (let count = 0; count < MAX_UNIT_TOKENS; count++) {
    const token = cursor.token;
    const following = cursor.peek(1);
    if (token.kind === 'word' || token.kind === 'text') {
      words += ` ${token.text}`;
      cursor.index++;
    } else if (words !== '' && token.kind === 'mark' && (token.text === '/' || token.text === '*')) {
      if (following.kind !== 'word' && following.kind !== 'text' && following.kind !== 'symbol') break;
      words += `${token.text}${following.text}`;
      cursor.index += 2;
    } else if (words !== '' && cursor.at('.') && following.kind === 'word') cursor.index++;
    else break;
    words += takePower(cursor);
  }
  return words.trim();
}

/** `m/s^2` written plainly, directly after a number and a space, with nothing behind. */
function takeLetters(cursor: Cursor): string | undefined {
  const start = cursor.index;
  if (!cursor.token.spaced || cursor.peek(-1).kind !== 'number' || cursor.peek(1).text !== '/') return undefined;
  const { kind, text } = cursor.peek(2);
  if (kind !== 'symbol' && kind !== 'word') return undefined;
  const head = cursor.token.text;
  cursor.index += 3;
  const unit = readUnit(`${head}/${text}${takePower(cursor)}`);
  if (unit !== undefined && (cursor.token.kind === 'end' || cursor.at(',') || cursor.at('.'))) return unit;
  cursor.index = start;
  return undefined;
}

/** A letter that is a unit because what stands around it has units: the `s` of `5 min 30 s`. */
export function takeLetterUnit(cursor: Cursor): string | undefined {
  const { kind, text, spaced } = cursor.token;
  const unit = kind === 'symbol' && spaced && cursor.peek(-1).kind === 'number' ? readUnit(text) : undefined;
  if (unit !== undefined) cursor.index++;
  return unit;
}

/** `h 30 min` behind a number: two values with a unit each. */
function isCompound(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek(2);
  return (
    cursor.peek(1).kind === 'number' &&
    (kind === 'word' || kind === 'text' || kind === 'symbol') &&
    readUnit(text) !== undefined
  );
}

/**
 * The unit or noun that stands here, after `value`; moves past it, or stays where there is none. Nouns need a number before them, so that
 * `x where` stays a sentence.
 */
export function takeUnit(cursor: Cursor): string | undefined {
  const { kind, text } = cursor.token;
  if (kind === 'symbol') return takeLetters(cursor) ?? (isCompound(cursor) ? takeLetterUnit(cursor) : undefined);
  if (kind !== 'word' && kind !== 'text') return undefined;
  if (text === 'in' && /^[([{\\]/.test(cursor.peek(1).text)) return undefined;
  const start = cursor.index;
  const before = cursor.peek(-1);
  const words = takeWords(cursor);
  const unit = readUnit(words.replace(/^\((.*)\)$/, '$1'));
  if (unit !== undefined) return unit;
  const isAfterValue =
    before.kind === 'number' || (before.kind === 'mark' && /^(?:[)}\]!%]|\|close)$/.test(before.text));
  if (isAfterValue && NOUNS.test(words) && !isSentence(words)) {
    return words.toLowerCase().replace(/[^\p{L}\p{M}]/gu, '');
  }
  cursor.index = start;
  return undefined;
}

/** The name of a unit written as mathematics: \text{s}, \text{s}^2. */
function unitName(expression: Expression): string | undefined {
  if (expression.kind === 'text') return expression.text;
  if (expression.kind !== 'power' || expression.base.kind !== 'text') return undefined;
  return expression.exponent.kind === 'number' ? `${expression.base.text}^${expression.exponent.digits}` : undefined;
}

/** `\frac{\text{km}}{\text{h}}` as a unit; `undefined` for any other factor. */
export function unitOf(factor: Expression): string | undefined {
  if (factor.kind !== 'quotient') return undefined;
  const [above, below] = [unitName(factor.numerator), unitName(factor.denominator)];
  return above === undefined || below === undefined ? undefined : readUnit(`${above}/${below}`);
}

export function withUnit(value: Expression, unit: string): Expression {
  if (unit === 'percent') return { kind: 'percent', operand: value };
  if (unit === 'degree') return { kind: 'degrees', operand: value };
  if (value.kind === 'quantity') {
    return value.unit === unit ? value : { ...value, unit: `${value.unit}*${unit}` };
  }
  return { kind: 'quantity', value, unit };
}
