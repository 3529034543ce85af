/**
 * One token per character over a fixed alphabet: id 0 pads, id 1 ends a completion, then the characters sorted by code
 * unit. Serialises to the Hugging Face `tokenizer.json` layout (a WordLevel model over single characters), so other
 * tools can read the tokens of a saved policy. Knows nothing of models or tasks.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import type { Tokenizer } from './tokenizer.ts';

export const PAD_TOKEN = 0;
export const STOP_TOKEN = 1;

const PAD_TEXT = '<pad>';
const STOP_TEXT = '<stop>';
/** Named in the file because WordLevel wants a name, absent from the vocabulary: an unknown character is an error there too. */
const UNKNOWN_TEXT = '<unk>';

export interface CharacterTokenizer extends Tokenizer {
  readonly padToken: number;
  /** The characters in order of their ids. */
  readonly alphabet: string;
  /** The content of `tokenizer.json`; `tokenizerFrom` reads it back. */
  toJSON(): unknown;
}

/** The alphabet is a set of Unicode characters: order and repetition do not matter. @throws UserError when it is empty. */
export function createCharacterTokenizer(alphabet: string): CharacterTokenizer {
  const characters = [...new Set(alphabet)].sort();
  if (characters.length === 0)
    throw new UserError('a character tokenizer needs at least one character, got an empty alphabet');
  return tokenizerOver(characters);
}

function tokenizerOver(characters: readonly string[]): CharacterTokenizer {
  const idOf = new Map(characters.map((character, i) => [character, i + 2]));
  return {
    vocabularySize: characters.length + 2,
    padToken: PAD_TOKEN,
    stopToken: STOP_TOKEN,
    stopTokens: [STOP_TOKEN],
    alphabet: characters.join(''),
    encode: (text) => Int32Array.from(text, (character) => idOf.get(character) ?? refuse(character, text, characters)),
    decode: (tokens) => Array.from(tokens, (token) => characters[token - 2] ?? '').join(''),
    toJSON: () => tokenizerJson(idOf),
  };
}

function refuse(character: string, text: string, characters: readonly string[]): never {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  throw new UserError(
    `${JSON.stringify(character)} in ${JSON.stringify(shown)} is not in the tokenizer's alphabet; it has ${JSON.stringify(characters.join(''))}`,
  );
}

function specialToken(id: number, content: string) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

function tokenizerJson(idOf: ReadonlyMap<string, number>) {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [specialToken(PAD_TOKEN, PAD_TEXT), specialToken(STOP_TOKEN, STOP_TEXT)],
    normalizer: null,
    pre_tokenizer: { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: { [PAD_TEXT]: PAD_TOKEN, [STOP_TEXT]: STOP_TOKEN, ...Object.fromEntries(idOf) },
      unk_token: UNKNOWN_TEXT,
    },
  };
}

const fileSchema = z.looseObject({
  pre_tokenizer: z.looseObject({ type: z.literal('Split') }),
  model: z.looseObject({ type: z.literal('WordLevel'), vocab: z.record(z.string(), z.number()) }),
});

/**
 * Reads what `toJSON` wrote (already parsed), keeping its ids.
 * @throws UserError when it is another kind of tokenizer or its ids are not 0, 1, 2, ...
 */
export function tokenizerFrom(json: unknown): CharacterTokenizer {
  const file = fileSchema.safeParse(json);
  if (!file.success) {
    throw new UserError(
      'tokenizer.json: not a character tokenizer (expected a WordLevel model split into single characters)',
    );
  }
  const tokens = Object.entries(file.data.model.vocab).sort(([, a], [, b]) => a - b);
  for (const [id, [text, found]] of tokens.entries()) {
    const wanted = id === PAD_TOKEN ? PAD_TEXT : id === STOP_TOKEN ? STOP_TEXT : undefined;
    if (found !== id || (wanted === undefined ? [...text].length !== 1 : text !== wanted)) {
      const right = wanted === undefined ? `one character with id ${id}` : `"${wanted}" with id ${id}`;
      throw new UserError(`tokenizer.json: expected ${right}, found ${JSON.stringify(text)} with id ${found}`);
    }
  }
  if (tokens.length < 3) throw new UserError('tokenizer.json: the vocabulary has no characters');
  return tokenizerOver(tokens.slice(2).map(([text]) => text));
}
