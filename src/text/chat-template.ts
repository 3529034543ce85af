/**
 * Chat templates: the Jinja template of a checkpoint, rendered as `transformers.apply_chat_template` renders it.
 *
 * Differs from transformers: the date is fixed (a run that is repeated tomorrow must pose the same prompts), and a template cannot run
 * without end (bounded-jinja.ts).
 */
import { UserError } from '../core/errors.ts';
import type { Message } from '../core/rollout.ts';
import { compileJinja } from './bounded-jinja.ts';
import { strftime } from './strftime.ts';
import type { ChatTemplateSource } from './tokenizer-config.ts';

export interface ChatOptions {
  /** Which of several named templates; `default` when absent. */
  readonly template?: string;
  /** Variables of the template's own, e.g. `{ enable_thinking: false }`. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** What templates that write the date are told. Absent: 2024-07-26, which Llama 3's own template falls back to. */
  readonly date?: Date;
}

const DATE = new Date('2024-07-26T00:00:00Z');

/**
 * Renders messages up to where the assistant's answer begins.
 * @param roles special tokens by role (`bos_token` ...)
 * @throws UserError naming the template's file, here and while rendering.
 */
export function compileChatTemplate(
  { source, where }: ChatTemplateSource,
  roles: Readonly<Record<string, string>>,
  { variables = {}, date = DATE }: ChatOptions = {},
): (messages: readonly Message[]) => string {
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
        strftime_now: (format: string) => strftime(date, format),
        ...variables,
        messages,
        add_generation_prompt: true,
      }),
    );
}
