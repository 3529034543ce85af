/** The prompt around a problem: its template, and whether it is a conversation or plain text. */
import { UserError } from '../../core/errors.ts';
import type { Message, Prompt } from '../../core/rollout.ts';
import { checkTemplate, renderTemplate } from '../../text/plain-template.ts';

export interface PromptSettings {
  /** Absent: the problem as posed. */
  readonly template: string | undefined;
  /** The run file's own template is also put around what a dataset's conversation asks; a format's is for plain problems alone. */
  readonly isOwn: boolean;
  readonly system?: string | undefined;
  readonly format: 'chat' | 'plain';
}

/** @throws UserError for a template without its placeholder; what it returns, for a conversation that plain text cannot say. */
export function promptWriter(settings: PromptSettings): (problem: string | readonly Message[]) => Prompt {
  const { template, isOwn, system, format } = settings;
  if (template !== undefined) checkTemplate(template, ['problem'], 'prompt.template');
  const around = (problem: string) => (template === undefined ? problem : renderTemplate(template, { problem }));
  return (problem) => {
    if (typeof problem === 'string')
      return format === 'plain' ? around(problem) : begun([user(around(problem))], system);
    const asked = isOwn ? withLast(problem, around) : problem;
    return format === 'plain' ? plain(asked) : begun(asked, system);
  };
}

const user = (content: string): Message => ({ role: 'user', content });

/** A conversation's last message is its question. */
function withLast(messages: readonly Message[], around: (text: string) => string): Message[] {
  return messages.map((message, i) => (i === messages.length - 1 ? user(around(message.content)) : message));
}

function begun(messages: readonly Message[], system: string | undefined): readonly Message[] {
  if (system === undefined) return messages;
  if (messages[0]?.role === 'system')
    throw new UserError('prompt.system: the dataset’s conversations begin with a system message of their own');
  return [{ role: 'system', content: system }, ...messages];
}

function plain(messages: readonly Message[]): string {
  const [only] = messages;
  if (messages.length === 1 && only !== undefined) return only.content;
  throw new UserError(
    `prompt.format: plain has no way to write the dataset’s conversations of ${messages.length} messages; use chat`,
  );
}
