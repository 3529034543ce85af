/**
 * What a plain run of letters means outside LaTeX commands: a name that mathematics knows, a word, or letters side by side.
 */
import {
  BASE_NAMES,
  FUNCTIONS,
  MULTIPLIERS,
  PLAIN_EXCLUDED,
  SHORT_WORDS,
  SYMBOLS,
  WORD_MACROS,
  WORD_MARKS,
} from './vocabulary.ts';

export type TokenKind =
  /** `text`: digits, at most one dot; `repeating`, `exponent`, `base` where written. */
  | 'number'
  /** A letter or a named constant. */
  | 'symbol'
  | 'function'
  /** A command with arguments; `text` is its group (`frac`, `style`...), `name` as written. */
  | 'macro'
  /** An operator, relation, bracket or separator. */
  | 'mark'
  /** A plain word of letters. */
  | 'word'
  /** Words in \text{} and its kind. */
  | 'text'
  | 'end';

interface WordPiece {
  readonly kind: TokenKind;
  readonly text: string;
}

/** `sinx`, `pir`, `npi`, `asqrt`: a name and one letter written together. */
const JOINED_NAME = /^(sin|cos|tan|cot|sec|csc|log|ln|pi|[a-zA-Z])(pi|[a-zA-Z]|sqrt)$/;

/** Four letters and more are a word, and so are shorter ones that English has: `abc` is a product, `odd` and `Bob` are not. */
function isEnglish(word: string): boolean {
  if (word.length >= 4 || SHORT_WORDS.has(word) || MULTIPLIERS.has(word) || BASE_NAMES.has(word)) return true;
  return /^[A-Z][a-z]{2}$/.test(word) || /[^A-Za-z]/.test(word);
}

function known(word: string): WordPiece | undefined {
  const mark = WORD_MARKS.get(/^(?:And|Or|AND|OR)$/.test(word) ? word.toLowerCase() : word);
  if (mark !== undefined) return { kind: 'mark', text: mark };
  if (word === 'inf' || word === 'oo') return { kind: 'symbol', text: 'infinity' };
  const macro = WORD_MACROS.get(word);
  if (macro !== undefined) return { kind: 'macro', text: macro };
  if (PLAIN_EXCLUDED.has(word)) return undefined;
  const functionName = FUNCTIONS.get(word);
  if (functionName !== undefined) return { kind: 'function', text: functionName };
  const symbol = SYMBOLS.get(word);
  return symbol === undefined ? undefined : { kind: 'symbol', text: symbol };
}

/** The tokens of a run of letters, in order; at least one. */
export function readWord(word: string): readonly WordPiece[] {
  if (word.length === 1) return [{ kind: /[A-Za-z]/.test(word) ? 'symbol' : 'word', text: word }];
  const name = known(word);
  if (name !== undefined) return [name];
  const [, head = '', tail = ''] = SHORT_WORDS.has(word) ? [] : (JOINED_NAME.exec(word) ?? []);
  if (head.length + tail.length > 2) return [...readWord(head), ...readWord(tail)];
  if (isEnglish(word)) return [{ kind: 'word', text: word }];
  return [...word].map((text) => ({ kind: 'symbol', text }));
}
