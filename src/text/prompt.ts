/**
 * A prompt as the policy is shown it: text as it stands, or a conversation through the policy's chat template.
 */
import { UserError } from '../core/errors.ts';
import type { Prompt } from '../core/rollout.ts';
import type { Chat, Tokenizer } from './tokenizer.ts';

/** @throws UserError when the text cannot be expressed, or the prompt is a conversation and the policy has no chat template. */
export function encodePrompt(tokenizer: Tokenizer, prompt: Prompt): Int32Array {
  if (typeof prompt !== 'string') return chatOf(tokenizer).encode(prompt);
  return joined(tokenizer.promptPrefix ?? new Int32Array(0), tokenizer.encode(prompt));
}

/** The same as text, for journals and terminals: a view, never tokenized. @throws UserError as `encodePrompt`. */
export function renderPrompt(tokenizer: Tokenizer, prompt: Prompt): string {
  return typeof prompt === 'string' ? prompt : chatOf(tokenizer).render(prompt);
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const both = new Int32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function chatOf({ chat }: Tokenizer): Chat {
  if (chat !== undefined) return chat;
  throw new UserError(
    'the prompt is a conversation and this policy has no chat template: write the prompt as plain text ' +
      '(`prompt: {format: plain}` in the task), or use a policy whose tokenizer_config.json has a chat_template',
  );
}
