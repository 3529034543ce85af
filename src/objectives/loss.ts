/**
 * The loss of a minibatch and d(loss)/d(logprob) of every token in closed form. Any engine can train any sentence with it:
 * `forward` for the current logprobs, these gradients, then the stock importance_sampling loss at ratio 1 with the
 * negative gradients as coefficients.
 *
 * Dimensions: B rollouts of the minibatch, T completion tokens, N counted tokens of the minibatch.
 */
import { assert } from '../core/errors.ts';
import type { RandomKey } from '../core/random.ts';
import { covariances, covarianceTokens } from './covariance.ts';
import { mismatchWeights } from './mismatch.ts';
import { klPenalty } from './penalties.ts';
import type { ResolvedSentence, Sentence } from './schema.ts';
import { geometricMean } from './surrogates/geometric-mean.ts';
import { stockKinds } from './surrogates/surrogate.ts';
import { type TokenLoss, tokenSurrogate } from './surrogates/token.ts';

/** One rollout inside an update. */
export interface LossRollout {
  /** [T] after shaping, before the aggregation's scale. */
  readonly advantages: Float32Array;
  /** [T] 1 where the token counts. */
  readonly mask: Uint8Array;
  /** The aggregation's scale: `aggregationScales` of the minibatch. */
  readonly scale: number;
  /** [T] current log pi, nats. */
  readonly logprobs: Float32Array;
  /** [T] log pi_old: the trainer's before the update with `oldPolicy: trainer`, else the sampler's. */
  readonly oldLogprobs: Float32Array;
  /** [T] what the sampler reported; read with a mismatch correction. */
  readonly samplerLogprobs?: Float32Array | undefined;
  /** [T] log pi_ref; read with a KL penalty. */
  readonly referenceLogprobs?: Float32Array | undefined;
}

export interface LossResult {
  /** The scalar that is minimised. */
  readonly loss: number;
  /** [B][T] d(loss)/d(logprob); exactly 0 where the mask is 0. */
  readonly gradients: Float32Array[];
  /** Share of counted tokens whose slope the surrogate's bounds decided. */
  readonly clippedShare: number;
  /** [B][T] those tokens: -1 where the ratio is below 1, 1 where it is not; 0 elsewhere. */
  readonly clipped: Int8Array[];
  /** Share of counted tokens the covariance rule took; 0 without one. */
  readonly covarianceShare: number;
}

/** Whether an engine's stock loss is this sentence's loss, so that no forward pass is needed first. */
export function isStock(sentence: Sentence | ResolvedSentence): boolean {
  return (
    stockKinds.includes(sentence.surrogate.kind) &&
    sentence.ratioLevel === 'token' &&
    sentence.oldPolicy === 'sampler' &&
    sentence.penalties.length === 0 &&
    sentence.mismatch === undefined &&
    sentence.covariance === undefined
  );
}

/** @param key decides clip-cov's random choice; a different one for every minibatch. */
export function minibatchLoss(
  sentence: ResolvedSentence,
  rollouts: readonly LossRollout[],
  key: RandomKey,
): LossResult {
  const ratios = rollouts.map((rollout) => logRatios(sentence, rollout));
  const surrogates = rollouts.map((rollout, i) => surrogateOf(sentence, rollout, ratios[i]!));
  const taken = takenByCovariance(sentence, rollouts, surrogates, key);
  let loss = 0;
  let counted = 0;
  let clippedCount = 0;
  const clipped = rollouts.map(({ mask }) => new Int8Array(mask.length));
  const gradients = rollouts.map((rollout, i) => {
    const weights = sentence.mismatch && mismatchFactors(sentence.mismatch, rollout);
    return Float32Array.from(rollout.mask, (bit, t) => {
      if (bit === 0) return 0;
      const surrogate = surrogates[i]![t]!;
      counted++;
      if (surrogate.isClipped) {
        clippedCount++;
        clipped[i]![t] = ratios[i]![t]! < 0 ? -1 : 1;
      }
      const shaped = withCovariance(sentence, surrogate, rollout, t, taken.flags[i]?.[t] === 1);
      const weight = weights?.[t] ?? 1;
      const penalty = penaltyOf(sentence, rollout, t);
      loss += rollout.scale * (weight * shaped.value + penalty.value);
      return rollout.scale * (weight * shaped.slope + penalty.slope);
    });
  });
  const share = (part: number) => (counted === 0 ? 0 : part / counted);
  return { loss, gradients, clippedShare: share(clippedCount), clipped, covarianceShare: share(taken.count) };
}

/** [T]; with `ratioLevel: sequence` every counted token has its completion's geometric-mean ratio (GSPO, arXiv:2507.18071). */
function logRatios(sentence: ResolvedSentence, { logprobs, oldLogprobs, mask }: LossRollout): Float64Array {
  const token = Float64Array.from(logprobs, (logprob, t) => logprob - oldLogprobs[t]!);
  if (sentence.ratioLevel === 'token') return token;
  let sum = 0;
  let count = 0;
  for (let t = 0; t < mask.length; t++) {
    if (mask[t] === 0) continue;
    sum += token[t]!;
    count++;
  }
  return token.fill(sum / count);
}

/** [T] entries at masked-out tokens are not read. */
function surrogateOf(
  { surrogate }: ResolvedSentence,
  { advantages, mask, logprobs }: LossRollout,
  logs: Float64Array,
): TokenLoss[] {
  if (surrogate.kind === 'geometric-mean') return geometricMean({ ...surrogate, advantages, mask, logRatios: logs });
  return Array.from(advantages, (advantage, t) =>
    tokenSurrogate(surrogate, { advantage, logprob: logprobs[t]!, logRatio: logs[t]! }),
  );
}

function mismatchFactors(mismatch: NonNullable<ResolvedSentence['mismatch']>, rollout: LossRollout): Float32Array {
  assert(rollout.samplerLogprobs, 'a mismatch correction needs the sampler logprobs');
  return mismatchWeights(mismatch, rollout.oldLogprobs, rollout.samplerLogprobs, rollout.mask);
}

function penaltyOf(sentence: ResolvedSentence, rollout: LossRollout, t: number): { value: number; slope: number } {
  let value = 0;
  let slope = 0;
  for (const { estimator, coefficient } of sentence.penalties) {
    assert(rollout.referenceLogprobs, 'a KL penalty needs the reference logprobs');
    const kl = klPenalty(estimator, rollout.logprobs[t]!, rollout.referenceLogprobs[t]!);
    value += coefficient * kl.value;
    slope += coefficient * kl.slope;
  }
  return { value, slope };
}

function takenByCovariance(
  { covariance }: ResolvedSentence,
  rollouts: readonly LossRollout[],
  surrogates: readonly TokenLoss[][],
  key: RandomKey,
): { flags: Uint8Array[]; count: number } {
  if (covariance === undefined) return { flags: [], count: 0 };
  const places = rollouts.flatMap(({ mask }, i) => [...mask.keys()].flatMap((t) => (mask[t] === 1 ? [{ i, t }] : [])));
  const values = covariances(
    Float32Array.from(places, ({ i, t }) => rollouts[i]!.advantages[t]!),
    Float32Array.from(places, ({ i, t }) => rollouts[i]!.logprobs[t]!),
  );
  const isClipped = Uint8Array.from(places, ({ i, t }) => Number(surrogates[i]![t]!.isClipped));
  const chosen = covarianceTokens(covariance, values, isClipped, key);
  const flags = rollouts.map(({ mask }) => new Uint8Array(mask.length));
  for (const [n, { i, t }] of places.entries()) flags[i]![t] = chosen[n]!;
  return { flags, count: chosen.reduce((a, b) => a + b, 0) };
}

function withCovariance(
  { covariance }: ResolvedSentence,
  token: { value: number; slope: number },
  { logprobs, oldLogprobs }: LossRollout,
  t: number,
  isTaken: boolean,
): { value: number; slope: number } {
  if (covariance === undefined || !isTaken) return token;
  if (covariance.kind === 'clip-cov') return { value: 0, slope: 0 };
  const logRatio = logprobs[t]! - oldLogprobs[t]!;
  return {
    value: token.value + covariance.coefficient * Math.abs(logRatio),
    slope: token.slope + covariance.coefficient * Math.sign(logRatio),
  };
}
