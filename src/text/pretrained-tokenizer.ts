/**
 * A tokenizer in the Hugging Face layout: ids are those of the Python library, with these differences. Text never becomes a special
 * token (disguise.ts); decoding does not tidy spaces (`clean_up_tokenization_spaces`), so that what was sampled is what is read; text
 * that the tokenizer could only write as its unknown token is refused.
 *
 * The library keeps the pieces of the 10,000 words it met last, nothing else grows.
 */
import { UserError } from '../core/errors.ts';
import { type ChatOptions, chatProtocol, compileChatTemplate } from './chat-template.ts';
import { createDisguise, type Disguise, escaped } from './disguise.ts';
import type { Chat, Tokenizer } from './tokenizer.ts';
import { type ChatTemplateSource, rolesOf, type TokenizerConfig } from './tokenizer-config.ts';
import {
  type AddedToken,
  addedTokens,
  parseTokenizerFile,
  type TokenizerFile,
  vocabularySizeOf,
} from './tokenizer-file.ts';
import { createLibraryTokenizer, type LibraryTokenizer } from './tokenizer-library.ts';

export interface PretrainedFiles {
  /** The content of tokenizer.json. */
  readonly tokenizer: unknown;
  /** Names it in messages. */
  readonly where: string;
  readonly config: TokenizerConfig;
  readonly chatTemplate?: ChatTemplateSource | undefined;
  /** Ids that end a completion, besides the `eos_token` of the configuration. */
  readonly endTokens: readonly number[];
}

/** @throws UserError naming the file and what is wrong with it, or not supported. */
export function createPretrainedTokenizer(files: PretrainedFiles, chatOptions: ChatOptions = {}): Tokenizer {
  const { where, config, chatTemplate } = files;
  const file = parseTokenizerFile(files.tokenizer, where);
  const added = addedTokens(file, config);
  const special = new Map(added.filter((token) => token.special).map(({ id, content }) => [id, content]));
  const disguise = createDisguise(
    [...special.values()],
    added.map(({ content }) => content).join('\n') + (chatTemplate?.source ?? ''),
  );
  const library = openLibrary(file, added, disguise, where);
  const encodeHidden = encoder(library, added, special, disguise);
  const vocabularySize = vocabularySizeOf(file, added);
  const ends = stopTokens(files, library, vocabularySize);
  return {
    vocabularySize,
    ...ends,
    promptPrefix: Int32Array.from(promptPrefix(library, config)),
    encode: (text) => encodeHidden(disguise.hide(text)),
    decode: (tokens) => {
      const known = Array.from(tokens).filter((id) => !special.has(id) && library.id_to_token(id) !== undefined);
      return known.length === 0 ? '' : library.decode(known, { clean_up_tokenization_spaces: false });
    },
    ...(chatTemplate === undefined
      ? {}
      : { chat: chatWith(chatTemplate, config, chatOptions, disguise, encodeHidden) }),
  };
}

function openLibrary(
  file: TokenizerFile,
  added: readonly AddedToken[],
  disguise: Disguise,
  where: string,
): LibraryTokenizer {
  const pretokenizers = [...disguise.preTokenizers, ...(file.pre_tokenizer ? [file.pre_tokenizer] : [])];
  const absent = { normalizer: null, post_processor: null, decoder: null };
  const json = { ...absent, ...file, added_tokens: added, pre_tokenizer: { type: 'Sequence', pretokenizers } };
  try {
    return createLibraryTokenizer(json);
  } catch (error) {
    throw new UserError(`${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** Encodes text whose special tokens, those that are not hidden, are meant. */
function encoder(
  library: LibraryTokenizer,
  added: readonly AddedToken[],
  special: ReadonlyMap<number, string>,
  disguise: Disguise,
) {
  const isSpecial = new Set(special.values());
  // the longest of those that begin at a place, as the library chooses
  const contents = added.map(({ content }) => content).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(contents.map(escaped).join('|') || '[]', 'gu');
  return (text: string): Int32Array => {
    const { ids } = library.encode(text, { add_special_tokens: false });
    const meant = Array.from(text.matchAll(pattern), ([content]) => content).filter((content) =>
      isSpecial.has(content),
    );
    const found = ids.flatMap((id) => special.get(id) ?? []);
    const unmeant = found.find((content, i) => content !== meant[i]);
    if (unmeant === undefined && found.length === meant.length) return Int32Array.from(ids);
    throw new UserError(
      `the tokenizer would write a part of the text as its special token ${JSON.stringify(unmeant ?? '')}: ${JSON.stringify(disguise.reveal(text).slice(0, 80))}; leave out the characters it has no token for`,
    );
  };
}

function stopTokens({ config, endTokens, where }: PretrainedFiles, library: LibraryTokenizer, vocabularySize: number) {
  const { eos_token: end } = config;
  const named = end ? library.token_to_id(end) : undefined;
  if (end && named === undefined)
    throw new UserError(`${where}: eos_token ${JSON.stringify(end)} of tokenizer_config.json is not in the vocabulary`);
  const all = [...new Set([...(named === undefined ? [] : [named]), ...endTokens])];
  const [stopToken] = all;
  if (stopToken === undefined)
    throw new UserError(
      `${where}: nothing says which token ends a text; put eos_token into tokenizer_config.json, or eos_token_id into generation_config.json`,
    );
  const unknown = all.find((id) => id < 0 || id >= vocabularySize);
  if (unknown !== undefined)
    throw new UserError(`${where}: eos_token_id ${unknown} is not in the vocabulary of ${vocabularySize} tokens`);
  return { stopToken, stopTokens: all };
}

/** What the post-processor puts before a text, unless `add_bos_token` says otherwise; what it puts after is left out: a prompt goes on. */
function promptPrefix(
  library: LibraryTokenizer,
  { add_bos_token: addsBos, bos_token: bos }: TokenizerConfig,
): number[] {
  if (addsBos === false) return [];
  const bare = library.encode('a', { add_special_tokens: false }).ids;
  const { ids } = library.encode('a', { add_special_tokens: true });
  const place = ids.findIndex((_, start) => bare.every((id, i) => ids[start + i] === id));
  const prefix = ids.slice(0, Math.max(0, place));
  const bosId = bos ? library.token_to_id(bos) : undefined;
  return addsBos === true && prefix.length === 0 && bosId !== undefined ? [bosId] : prefix;
}

function chatWith(
  template: ChatTemplateSource,
  config: TokenizerConfig,
  options: ChatOptions,
  { hide, reveal }: Disguise,
  encodeHidden: (text: string) => Int32Array,
): Chat {
  const compiled = compileChatTemplate(template, rolesOf(config), options);
  const renderHidden: Chat['render'] = (messages) =>
    compiled(messages.map(({ role, content }) => ({ role, content: hide(content) })));
  return {
    render: (messages) => reveal(renderHidden(messages)),
    encode: (messages) => encodeHidden(renderHidden(messages)),
    protocol: chatProtocol(template, options),
  };
}
