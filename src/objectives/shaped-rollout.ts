/**
 * What shaping gives for one rollout.
 *
 * Dimensions: T completion tokens.
 */

export interface ShapedRollout {
  /** The reward the baseline saw; undefined when it saw none (unknown verdict, or filtered before the baseline). */
  readonly reward: number | undefined;
  /** Advantage before sample weights and token rules, averaged over the counted tokens (they agree unless discounted). */
  readonly baseAdvantage: number;
  /** [T] final; exactly 0 where `mask` is 0. */
  readonly advantages: Float32Array;
  /** [T] 1 where the token counts in the aggregation. All 0 for unknown verdicts and filtered rollouts. */
  readonly mask: Uint8Array;
  /** [T] bit j: token rule j selected this token. */
  readonly rules: Uint32Array;
}

/** Tokens that count in the aggregation. */
export function countedTokens({ mask }: { readonly mask: Uint8Array }): number {
  let count = 0;
  for (let t = 0; t < mask.length; t++) count += mask[t]!;
  return count;
}
