/**
 * Chat templates: the Jinja template of a checkpoint, rendered as `transformers.apply_chat_template` renders it.
 *
 * Differs from transformers: the date is fixed (a run that is repeated tomorrow must pose the same prompts), and a template cannot run
 * without end (bounded-jinja.ts).
 */
import { createHash } from 'node:crypto';
import { UserError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Message } from '../core/rollout.ts';
import { compileJinja } from './bounded-jinja.ts';
import { strftime } from './strftime.ts';
import type { ChatTemplateSource } from './tokenizer-config.ts';

export interface ChatOptions {
  /** Which of several named templates; `default` when absent. */
  readonly template?: string | undefined;
  /** Variables of the template's own, e.g. `{ enable_thinking: false }`. */
  readonly variables?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  /** What templates that write the date are told, YYYY-MM-DD. Absent: 2024-07-26, which Llama 3's own template falls back to. */
  readonly date?: string | undefined;
}

const DATE = '2024-07-26';

/** What decides the numbers of an evaluation, beside the messages. */
export function chatProtocol({ source }: ChatTemplateSource, { variables = {}, date = DATE }: ChatOptions): JsonObject {
  return {
    templateSha256: createHash('sha256').update(source).digest('hex'),
    variables,
    ...(writesDate(source) ? { date } : {}),
  };
}

const writesDate = (source: string): boolean => source.includes('strftime_now');

/** @throws UserError for options that the template does not look at. */
function refuseIdle({ source, where }: ChatTemplateSource, { variables = {}, date }: ChatOptions): void {
  if (date !== undefined && !writesDate(source))
    throw new UserError(`chat.date has no effect: the chat template of ${where} writes no date; leave it out`);
  const names = new Set(source.match(/[A-Za-z_]\w*/g));
  const idle = Object.keys(variables).find((name) => OURS.includes(name) || !names.has(name));
  if (idle === undefined) return;
  const reason = OURS.includes(idle) ? 'is what the run itself tells it' : 'does not stand in it';
  throw new UserError(`chat.variables.${idle} has no effect on the chat template of ${where}: ${idle} ${reason}`);
}

/** Variables of every template that are not the user's to set. */
const OURS: readonly string[] = ['messages', 'add_generation_prompt', 'strftime_now'];

/**
 * Renders messages up to where the assistant's answer begins.
 * @param roles special tokens by role (`bos_token` ...)
 * @throws UserError naming the template's file, here (also for options without effect) and while rendering.
 */
export function compileChatTemplate(
  template: ChatTemplateSource,
  roles: Readonly<Record<string, string>>,
  options: ChatOptions = {},
): (messages: readonly Message[]) => string {
  const { source, where } = template;
  const { variables = {}, date = DATE } = options;
  refuseIdle(template, options);
  const explained = <Result>(doing: string, work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UserError(`${where}: the chat template ${doing}: ${reason}`, { cause: error });
    }
  };
  const render = explained('cannot be read', () => compileJinja(source));
  return (messages) =>
    explained('cannot render these messages', () =>
      render({
        tools: null,
        documents: null,
        ...roles,
        strftime_now: (format: string) => strftime(new Date(date), format),
        ...variables,
        messages,
        add_generation_prompt: true,
      }),
    );
}
