/**
 * Which part of a completion each token wrote. A token may be a part of a character, so texts are found by decoding what precedes
 * it with and without it; most tokenizers need that for few tokens.
 *
 * Dimensions: T completion tokens.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import type { RunManifest } from '../journal/schema.ts';
import { PAD_TOKEN, STOP_TOKEN } from '../text/character-tokenizer.ts';
import { loadTokenizer } from '../text/load-tokenizer.ts';
import { setting } from './run-config.ts';

export type Decode = (tokens: ArrayLike<number>) => string;

/** [T] What each token adds to the text. */
export const decodedTexts = (tokens: Int32Array, decode: Decode): string[] =>
  alone(tokens, decode) ?? inContext(tokens, decode);

const UNFINISHED = '\ufffd';

/** Each token by itself, where that gives the whole. */
function alone(tokens: Int32Array, decode: Decode): string[] | undefined {
  const known = new Map<number, string>();
  const texts = Array.from(tokens, (token) => {
    const text = known.get(token) ?? decode([token]);
    known.set(token, text);
    return text;
  });
  return texts.some((text) => text.includes(UNFINISHED)) || texts.join('') !== decode(tokens) ? undefined : texts;
}

/** Tokens since the last whole character are decoded together; the last of them gets its text. */
function inContext(tokens: Int32Array, decode: Decode): string[] {
  const texts: string[] = [];
  let [before, from] = [0, 0];
  for (let t = 0; t < tokens.length; t++) {
    const known = decode(tokens.subarray(before, from));
    const text = decode(tokens.subarray(before, t + 1));
    const isWhole = !text.endsWith(UNFINISHED) || t - from >= LONGEST_CHARACTER;
    texts.push(isWhole ? text.slice(known.length) : '');
    if (isWhole) [before, from] = [from, t + 1];
  }
  return texts;
}

/** In tokens: a character has at most four bytes, each a token in the worst tokenizer. */
const LONGEST_CHARACTER = 4;

/** The run's tokenizer, or why there is none. */
export type FoundTokenizer = { readonly decode: Decode } | { readonly note: string };

/** Of engine fake, whose tokens are characters: only its task knows which, but the text shows them in order. */
function characters(tokens: Int32Array, completion: string): string[] {
  const written = [...completion];
  let next = 0;
  return Array.from(tokens, (token) => (token === PAD_TOKEN || token === STOP_TOKEN ? '' : (written[next++] ?? '')));
}

export interface StartsOrNote {
  /** [T] begin of each token's text in the completion, UTF-16 units. */
  readonly starts: readonly number[] | null;
  readonly note: string | null;
}

/** Where each token of a run's completion begins in it, or why that is not known. */
export async function startsOf(
  tokens: Int32Array,
  completion: string,
  { config, manifest }: { readonly config: unknown; readonly manifest: RunManifest | null },
): Promise<StartsOrNote> {
  if (setting(config, 'engine', 'fake') !== undefined) return checked(characters(tokens, completion), completion);
  const found = await findTokenizer(config, manifest);
  if ('note' in found) return { starts: null, note: found.note };
  return checked(decodedTexts(tokens, found.decode), completion);
}

function checked(texts: readonly string[], completion: string): StartsOrNote {
  if (texts.join('') !== completion)
    return { starts: null, note: 'the tokenizer gives another text than the one on file, so tokens have no text' };
  const starts: number[] = [];
  let end = 0;
  for (const text of texts) {
    starts.push(end);
    end += text.length;
  }
  return { starts, note: null };
}

/** Folder -> its tokenizer. A few: one of a large vocabulary has 100 MB. */
const memory = new Map<string, FoundTokenizer>();
const MOST_REMEMBERED = 3;

async function findTokenizer(config: unknown, manifest: RunManifest | null): Promise<FoundTokenizer> {
  const policy = setting(config, 'policy');
  if (typeof policy !== 'string') return { note: 'the run has no policy folder, so tokens have no text' };
  const path = join(policy, 'tokenizer.json');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return { note: `${path} is not there, so tokens have no text` };
  const key = `${path}/${found.ino}/${found.size}/${found.mtimeMs}`;
  const known = memory.get(key) ?? (await load(policy, path, manifest?.dataHashes['tokenizer.json']));
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(key, known);
  return known;
}

async function load(policy: string, path: string, hash: string | undefined): Promise<FoundTokenizer> {
  const now = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (hash !== undefined && hash !== now)
    return { note: `${path} has changed since the run began: tokens have no text` };
  try {
    const tokenizer = loadTokenizer(policy);
    return { decode: (tokens) => tokenizer.decode(tokens) };
  } catch (error) {
    if (error instanceof UserError) return { note: `tokens have no text: ${error.message}` };
    throw error;
  }
}
