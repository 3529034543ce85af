/**
 * The Tokenizer seam between text and tokens. Knows nothing of models or tasks.
 */
export interface Tokenizer {
  readonly vocabularySize: number;
  /** Ends a completion; never part of encoded text. */
  readonly stopToken: number;
  /** @throws UserError naming the character when the text cannot be expressed. */
  encode(text: string): Int32Array;
  /** Total on any tokens: unknown ids and special tokens are left out. */
  decode(tokens: ArrayLike<number>): string;
}
