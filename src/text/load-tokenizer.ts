/**
 * Reads a policy folder's tokenizer: our character tokenizer or one in the Hugging Face layout, told apart by the file's content.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { tokenizerFrom } from './character-tokenizer.ts';
import type { ChatOptions } from './chat-template.ts';
import { createPretrainedTokenizer } from './pretrained-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { chatTemplateOf, endTokensOf, parseTokenizerConfig } from './tokenizer-config.ts';

const FILES = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'generation_config.json'];

/** The files of a policy folder that say how text becomes tokens: those that are there, `tokenizer.json` in any case. */
export const tokenizerFiles = (folder: string): string[] =>
  FILES.filter((name) => name === 'tokenizer.json' || existsSync(join(folder, name)));

/** The largest in use (vocabularies of 260,000 tokens) have about 35 MB. */
const MOST_BYTES = 200_000_000;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
};

/** @param chatOptions absent: the template's own defaults @throws UserError naming the file and what is wrong with it, and for options without effect. */
export function loadTokenizer(folder: string, chatOptions?: ChatOptions): Tokenizer {
  const tokenizer = read(folder, chatOptions);
  if (chatOptions === undefined || tokenizer.chat !== undefined) return tokenizer;
  throw new UserError(`chat has no effect: policy ${folder} has no chat template; leave it out`);
}

function read(folder: string, chatOptions: ChatOptions = {}): Tokenizer {
  const path = (name: string) => join(folder, name);
  const where = path('tokenizer.json');
  const tokenizer = parsed(where, readText(where));
  if (isWordLevel(tokenizer)) return named(where, () => tokenizerFrom(tokenizer));
  const optional = (name: string) => optionalJson(path(name));
  const configPath = path('tokenizer_config.json');
  const config = parseTokenizerConfig(optional('tokenizer_config.json') ?? {}, configPath);
  const jinjaPath = path('chat_template.jinja');
  const jinja = readOptional(jinjaPath);
  const generation = optional('generation_config.json');
  // without a generation configuration transformers makes one of the model's
  const endTokens =
    generation === undefined
      ? endTokensOf(optional('config.json') ?? {}, path('config.json'))
      : endTokensOf(generation, path('generation_config.json'));
  const chatTemplate = chatTemplateOf(config, { configPath, jinja, jinjaPath }, chatOptions.template);
  return createPretrainedTokenizer({ tokenizer, where, config, chatTemplate, endTokens }, chatOptions);
}

const wordLevel = z.looseObject({ model: z.looseObject({ type: z.literal('WordLevel') }) });

/** The layout of our character tokenizer; the library knows no other WordLevel model either. */
const isWordLevel = (json: unknown): boolean => wordLevel.safeParse(json).success;

function named<Result>(where: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: it is not JSON (${(error as Error).message})`, { cause: error });
  }
}

function optionalJson(path: string): unknown {
  const text = readOptional(path);
  return text === undefined ? undefined : parsed(path, text);
}

const readOptional = (path: string): string | undefined =>
  statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readText(path);

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new UserError(`${path}: ${size} bytes; a tokenizer's file has at most ${MOST_BYTES}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(`cannot read ${path}: ${reason}`, { cause: error });
  }
}
