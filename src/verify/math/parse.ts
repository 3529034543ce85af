/**
 * Text to a tree of mathematics: LaTeX, plain text, Unicode, mixed. Lexer, then a Pratt parser; nothing is evaluated.
 *
 * Readings chosen where writing is ambiguous:
 * - `3\frac12` and `3 1/2` are mixed numbers; `1/2x` is (1/2)x; `-x^2` is -(x^2); `x^10` is a power of ten; `\frac12` is one half.
 * - `1,234` is a number outside brackets and two inside (`commas` asks for the other reading); `0.(3)` repeats; `2e3` is 2000.
 * - `(a, b)` is a tuple, `[a, b]` an interval, `[x]` a bracket; `f(x)` is a call for f, g, h and letters that the text defines, a product otherwise.
 * - `\sin 2x \cos x` is sin(2x) cos(x); `a:b` is the call `ratio`; `a \mid b` a relation; a letter before an interval means membership.
 * - In a derivation joined by \implies or \Rightarrow the last statement counts.
 * - Words are `text`; a noun or unit after a value makes a `quantity`; a letter of choice before a value, `\textbf{(B) }13`, is dropped.
 */
import type { Budget } from '../budget.ts';
import type { Expression } from './expression.ts';
import { type LexOptions, lex } from './lexer.ts';
import { parseAtom } from './parse-atom.ts';
import { Cursor, type Grammar, ParseFailure } from './parse-cursor.ts';
import { parseFactor } from './parse-postfix.ts';
import { parseList, parseStatement } from './parse-statement.ts';
import { parseProduct, parseSum } from './parse-sum.ts';
import { foldUnicode } from './unicode.ts';

export type Parsed =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly reason: string };

type ParseOptions = Partial<LexOptions>;

/** Longer texts are refused unread, in UTF-16 units. */
export const MAX_MATH_LENGTH = 10_000;

const GRAMMAR: Grammar = {
  list: parseList,
  statement: parseStatement,
  sum: parseSum,
  product: parseProduct,
  factor: parseFactor,
  atom: parseAtom,
};

/** Words as they read: wrappers, dollars and double spaces gone. */
function plainWords(text: string): string {
  return text
    .replace(/\\(?:text|textbf|textit|textrm|mathrm|mbox|mathbf|boxed|operatorname)\s*\{/g, ' ')
    .replace(/\\[,;:!() ]|[{}$~]/g, ' ')
    .replace(/\s+(?=[\s,.;:])/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\s*[.,;:]$/, '');
}

/** An environment that cannot be read is not words: its name would be one of them. */
const ENVIRONMENT = /\\(?:begin|end)(?![A-Za-z])/;

/** Whole texts that are a choice of a multiple choice question: (C). */
const CHOICE = /^[\s$]*(?:\\(?:text|textbf|mathrm)\s*\{)?\s*\(([A-J])\)\s*\}?[\s$.]*$/;

function parseTokens(cursor: Cursor): Expression {
  const elements = parseList(cursor);
  while (cursor.token.kind === 'mark' && /^(?:[.,:;)}\]]|\\\}|dollar)$/.test(cursor.token.text)) cursor.index++;
  if (cursor.token.kind !== 'end') cursor.fail('cannot read what follows');
  const only = elements[0];
  if (only === undefined) return cursor.fail('nothing to read');
  return elements.length === 1 ? only : { kind: 'list', elements };
}

/**
 * The tree of `text`, or why there is none. Costs about a step per character, charged to the budget. Never throws on any text, except when the
 * budget runs out.
 * @throws BudgetExceeded
 */
export function parseMath(text: string, budget: Budget, options: ParseOptions = {}): Parsed {
  if (text.length > MAX_MATH_LENGTH) {
    return { ok: false, reason: `longer than ${MAX_MATH_LENGTH} characters (${text.length})` };
  }
  budget.spend(1 + text.length);
  const choice = text.length < 60 ? CHOICE.exec(text)?.[1] : undefined;
  if (choice !== undefined) return { ok: true, expression: { kind: 'text', text: `(${choice})` } };
  const folded = foldUnicode(text);
  if (folded.length > 2 * MAX_MATH_LENGTH) return { ok: false, reason: 'too many symbols outside ASCII' };
  const tokens = lex(folded, { commas: 'thousands', ...options });
  try {
    return { ok: true, expression: parseTokens(new Cursor(tokens, GRAMMAR)) };
  } catch (failure) {
    if (!(failure instanceof ParseFailure)) throw failure;
    const isWords = !ENVIRONMENT.test(folded) && tokens.some(({ kind }) => kind === 'word' || kind === 'text');
    const words = isWords ? plainWords(text) : '';
    return words === ''
      ? { ok: false, reason: failure.message }
      : { ok: true, expression: { kind: 'text', text: words } };
  }
}
