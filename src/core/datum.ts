/**
 * What an engine trains on, and the losses every engine has.
 *
 * Dimensions: L positions of one sequence (input tokens), D datums.
 */

/** One sequence, already shifted by one: the token after `input[i]` is `target[i]`. */
export interface Datum {
  /** [L] tokens fed to the model. */
  readonly input: Int32Array;
  /** [L] the token each position should predict. */
  readonly target: Int32Array;
  /** [L] 1 where the position is evaluated (a completion token), 0 elsewhere. Nothing is computed or reported where it is 0. */
  readonly mask: Uint8Array;
  /**
   * [L] the coefficient of each token: advantage times the aggregation's scale (cross_entropy: the token's weight).
   * Every normalisation is already in it, so engines only ever sum.
   */
  readonly weight: Float32Array;
  /** [L] log-probability the sampler reported, in nats. Ignored by cross_entropy. */
  readonly samplingLogprob: Float32Array;
}

/**
 * Losses, minimised, plain sums over the masked tokens. With r = exp(logprob - samplingLogprob), A = weight:
 * - cross_entropy: -A * logprob
 * - importance_sampling: -A * r
 * - ppo: max(-A r, -A clip(r, ratioMin, ratioMax)); where A < 0 and `dualClip` is given, at most -A * dualClip
 * - cispo: -A * stopgrad(clip(r, ratioMin, ratioMax)) * logprob
 *
 * Bounds are absolute ratios (0.8, 1.28), not epsilons.
 */
export type Loss =
  | { readonly kind: 'cross_entropy' }
  | { readonly kind: 'importance_sampling' }
  | {
      readonly kind: 'ppo';
      readonly ratioMin: number;
      readonly ratioMax: number;
      readonly dualClip?: number | undefined;
    }
  | { readonly kind: 'cispo'; readonly ratioMin: number; readonly ratioMax: number };
