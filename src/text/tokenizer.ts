/**
 * The Tokenizer seam between text and tokens. Knows nothing of models or tasks.
 */
import type { JsonObject } from '../core/json.ts';
import type { Message } from '../core/rollout.ts';

export interface Tokenizer {
  /** Ids are below this. */
  readonly vocabularySize: number;
  /** Ends what we write for the policy to learn from (demonstrations); never part of encoded text. */
  readonly stopToken: number;
  /** Each of these ends a completion; `stopToken` is one of them. */
  readonly stopTokens: readonly number[];
  /** What begins a prompt of plain text (BOS), where the tokenizer's files say so; a chat template writes its own. */
  readonly promptPrefix?: Int32Array;
  /** Text as it stands: nothing is put before or after it, and nothing in it becomes a special token. @throws UserError naming the character when the text cannot be expressed. */
  encode(text: string): Int32Array;
  /** Total on any tokens: unknown ids and special tokens are left out. */
  decode(tokens: ArrayLike<number>): string;
  /** Absent: the policy has no chat template and is shown text only. */
  readonly chat?: Chat;
}

/** How a policy is shown a conversation, up to where its answer begins. */
export interface Chat {
  /** What a person sees of it, special tokens by name. @throws UserError naming the template's file when the template fails on these messages. */
  render(messages: readonly Message[]): string;
  /** Special tokens are those of the template; text of a message that looks like one stays text. @throws UserError as `render`. */
  encode(messages: readonly Message[]): Int32Array;
  /** What decides the rendering beside the messages; part of an evaluation's protocol. */
  readonly protocol: JsonObject;
}
