/**
 * Keeps special tokens out of text that people wrote: a problem that contains `<|im_end|>` must not end the user's turn. Where a
 * special token begins in such text its first character is written as a pair of a code point that Unicode sets aside and a digit;
 * the tokenizer finds its special tokens first and then, section by section, turns the pairs back. So the text is unchanged, and what
 * looks like a special token in it is encoded as the characters it is made of.
 */
import { UserError } from '../core/errors.ts';

export interface Disguise {
  hide(text: string): string;
  /** `reveal(hide(text))` is `text`. */
  reveal(text: string): string;
  /** `reveal` as pre-tokenizers of a tokenizer.json, to be applied in this order before any other. */
  readonly preTokenizers: readonly {
    readonly type: 'Replace';
    readonly pattern: { readonly String: string };
    readonly content: string;
  }[];
}

const FIRST_NONCHARACTER = 0xfdd0;
const LAST_NONCHARACTER = 0xfdef;

/** @param surroundings all text that is never hidden (templates, tokens): the mark must not occur there */
export function createDisguise(specialTokens: readonly string[], surroundings: string): Disguise {
  const mark = unusedIn(surroundings);
  const firsts = [mark, ...new Set(specialTokens.map((token) => String.fromCodePoint(token.codePointAt(0) ?? 0)))];
  const pairOf = new Map(firsts.map((first, i) => [first, mark + String.fromCharCode(0x30 + i)]));
  const firstOf = new Map([...pairOf].map(([first, pair]) => [pair, first]));
  const hidden = new RegExp([mark, `(?=${specialTokens.map(escaped).join('|') || '[]'})[^]`].join('|'), 'gu');
  const pairs = new RegExp(`${mark}[^]`, 'gu');
  return {
    hide: (text) => text.replace(hidden, (first) => pairOf.get(first) ?? first),
    reveal: (text) => text.replace(pairs, (pair) => firstOf.get(pair) ?? pair),
    // the mark itself last: an earlier replacement must not read what it makes
    preTokenizers: [...firstOf]
      .reverse()
      .map(([pair, first]) => ({ type: 'Replace', pattern: { String: pair }, content: first })),
  };
}

export const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

function unusedIn(text: string): string {
  for (let code = FIRST_NONCHARACTER; code <= LAST_NONCHARACTER; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character)) return character;
  }
  throw new UserError(
    'the tokenizer or its chat template uses every code point from U+FDD0 to U+FDEF; that is no real one',
  );
}
