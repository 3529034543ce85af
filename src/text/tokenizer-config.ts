/**
 * What the files beside a tokenizer say: special tokens by role, the chat template, which tokens end a completion.
 */
import { z } from 'zod';
import { nearest } from '../core/edit-distance.ts';
import { UserError } from '../core/errors.ts';

const token = z.union([z.string(), z.looseObject({ content: z.string() })]).transform((value) => {
  return typeof value === 'string' ? value : value.content;
});
const optionalToken = token.nullish();

const configSchema = z.looseObject({
  bos_token: optionalToken,
  eos_token: optionalToken,
  unk_token: optionalToken,
  pad_token: optionalToken,
  add_bos_token: z.boolean().nullish(),
  additional_special_tokens: z.array(token).nullish(),
  chat_template: z.union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))]).nullish(),
});

export type TokenizerConfig = z.output<typeof configSchema>;

/** @param where names the file in messages @throws UserError */
export function parseTokenizerConfig(json: unknown, where: string): TokenizerConfig {
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`${where}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}

const ROLES = ['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const;

/** Special tokens by role, as chat templates see them; absent ones are left out. */
export function rolesOf(config: TokenizerConfig): Readonly<Record<string, string>> {
  return Object.fromEntries(ROLES.flatMap((role) => (config[role] ? [[role, config[role]]] : [])));
}

export interface ChatTemplateSource {
  readonly source: string;
  /** Names it in messages. */
  readonly where: string;
}

/**
 * The chat template of a policy, if it has one: its own file goes before the configuration.
 * @param name of several templates (`default` when absent) @throws UserError naming those there are
 */
export function chatTemplateOf(
  config: TokenizerConfig,
  files: { readonly configPath: string; readonly jinja?: string | undefined; readonly jinjaPath: string },
  name?: string,
): ChatTemplateSource | undefined {
  const only = (source: string, where: string): ChatTemplateSource => {
    if (name === undefined) return { source, where };
    throw new UserError(`chat.template: ${name} has no effect: ${where} holds one template, without a name`);
  };
  if (files.jinja !== undefined) return only(files.jinja, files.jinjaPath);
  const { chat_template: templates } = config;
  const where = `${files.configPath} (chat_template)`;
  if (templates === undefined || templates === null) return undefined;
  if (typeof templates === 'string') return only(templates, where);
  const names = templates.map((each) => each.name);
  const wanted = name ?? (templates.length === 1 ? names[0] : 'default');
  const found = templates.find((each) => each.name === wanted);
  if (found !== undefined) return { source: found.template, where: `${where} ${found.name}` };
  const hint = name === undefined ? '' : `; did you mean ${nearest(name, names)}?`;
  throw new UserError(`${where}: there is no template ${wanted}; it has ${names.join(', ')}${hint}`);
}

const endSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });

/** Ids that end a completion: one, several or none. @throws UserError naming the file */
export function endTokensOf(json: unknown, where: string): readonly number[] {
  const parsed = endSchema.safeParse(json);
  if (!parsed.success) throw new UserError(`${where}: eos_token_id must be a token or a list of tokens`);
  const { eos_token_id: ends } = parsed.data;
  if (ends === undefined || ends === null) return [];
  return typeof ends === 'number' ? [ends] : ends;
}
