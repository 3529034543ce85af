/**
 * Which tokens begin a factor.
 */
import type { Token } from './lexer.ts';
import type { Cursor } from './parse-cursor.ts';

export const CURRENCIES: ReadonlySet<string> = new Set(['dollar', 'pound', 'euro']);
export const OPENING: ReadonlySet<string> = new Set([
  '(',
  '[',
  '{',
  '\\{',
  'langle',
  'lfloor',
  'lceil',
  '|open',
  '||open',
  ...CURRENCIES,
]);

/** `token` could begin a factor at the beginning of a statement. Bars are judged by where they stand. */
export function startsFactor(cursor: Cursor, token: Token): boolean {
  if (token.kind === 'end') return false;
  if (token.kind !== 'mark') return token.kind !== 'macro' || token.text !== 'end';
  if (token.text === '|' || token.text === '||') return true;
  return OPENING.has(token.text) || (token.text === ']' && cursor.peek(1) !== token);
}
