/**
 * A tokenizer.json as far as we look into it. What it may ask for that the library would do differently without a word is refused.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { rolesOf, type TokenizerConfig } from './tokenizer-config.ts';

/** Ids beyond any vocabulary in use are damage. */
const LARGEST_ID = 10_000_000;

const isId = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_ID;

/** Not copied: vocabularies are large, and hold words such as `__proto__`. */
const vocabulary = z.custom<Readonly<Record<string, number>>>(
  (value) => typeof value === 'object' && value !== null && Object.values(value).every(isId),
  'must map tokens to ids',
);

const isPair = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

/** All of them `a b`, or all of them `['a', 'b']`. */
const merges = z.custom<readonly unknown[]>(
  (value) => Array.isArray(value) && (value.every((merge) => typeof merge === 'string') || value.every(isPair)),
  'must be pairs of tokens',
);

const fileSchema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int().min(0).max(LARGEST_ID), content: z.string().min(1), special: z.boolean() }))
    .default([]),
  normalizer: z.looseObject({ type: z.string() }).nullish(),
  pre_tokenizer: z.looseObject({ type: z.string() }).nullish(),
  post_processor: z.looseObject({ type: z.string() }).nullish(),
  decoder: z.looseObject({ type: z.string() }).nullish(),
  model: z.looseObject({
    type: z.string().default('BPE'),
    vocab: vocabulary,
    merges: merges.default([]),
  }),
});

export type TokenizerFile = z.output<typeof fileSchema>;
export type AddedToken = TokenizerFile['added_tokens'][number];

/** @throws UserError naming the file and what is wrong with it, or not supported. */
export function parseTokenizerFile(json: unknown, where: string): TokenizerFile {
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) {
    refuseUnsupported(parsed.data, where);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new UserError(`${where}: not a tokenizer (${issue?.path.join('.') || 'the whole'}: ${issue?.message})`);
}

/**
 * Those of the file, with what the configuration names by role special as in transformers. Special tokens are looked for in the text
 * as it stands, not as normalized: there the disguise is gone.
 */
export function addedTokens({ added_tokens, model }: TokenizerFile, config: TokenizerConfig): AddedToken[] {
  const named = new Set([...Object.values(rolesOf(config)), ...(config.additional_special_tokens ?? [])]);
  const tokens = added_tokens.map((token): AddedToken => {
    return token.special || named.has(token.content) ? { ...token, special: true, normalized: false } : token;
  });
  const known = new Set(tokens.map(({ content }) => content));
  for (const content of named) {
    const id = Object.hasOwn(model.vocab, content) ? model.vocab[content] : undefined;
    if (id !== undefined && !known.has(content)) tokens.push({ id, content, special: true, normalized: false });
  }
  return tokens;
}

/** One more than the largest id. */
export function vocabularySizeOf({ model }: TokenizerFile, added: readonly AddedToken[]): number {
  const ids = [...Object.values(model.vocab), ...added.map(({ id }) => id)];
  return ids.reduce((most, id) => Math.max(most, id), -1) + 1;
}

/** The library splits as `Isolated` whatever these say. */
const UNLIKE_BEHAVIOURS = ['MergedWithPrevious', 'MergedWithNext', 'Contiguous'];

/** GPT-2's alphabet: the character that stands for each byte in the vocabulary. */
function byteCharacters(): string[] {
  const isShown = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isShown(byte) ? byte : next++));
}

type Part = Readonly<Record<string, unknown>>;

/** A part and those nested in it (`Sequence`). */
function partsOf(part: unknown): Part[] {
  if (typeof part !== 'object' || part === null) return [];
  const { pretokenizers, decoders, normalizers, processors } = part as Part;
  const nested = [pretokenizers, decoders, normalizers, processors].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return [part as Part, ...nested.flatMap(partsOf)];
}

/** @throws UserError naming the file and the feature. */
function refuseUnsupported(file: TokenizerFile, where: string): void {
  const { type, vocab, unk_token: unknown } = file.model;
  if (type !== 'BPE')
    throw new UserError(`${where}: a tokenizer of type ${type} is not supported; BPE is (Qwen, Llama, Mistral)`);
  const behaviour = partsOf(file.pre_tokenizer)
    .map((part) => part['behavior'])
    .find((name) => UNLIKE_BEHAVIOURS.includes(String(name)));
  if (behaviour !== undefined)
    throw new UserError(`${where}: a pre-tokenizer with behavior ${behaviour} is not supported`);
  const isByteLevel = partsOf(file.decoder).some(({ type }) => type === 'ByteLevel');
  if (!isByteLevel || unknown) return;
  const missing = byteCharacters().findIndex((character) => !Object.hasOwn(vocab, character));
  if (missing >= 0)
    throw new UserError(
      `${where}: the vocabulary has no token for byte 0x${missing.toString(16).padStart(2, '0')}, so text with it would be dropped; train the tokenizer with the whole byte alphabet`,
    );
}
