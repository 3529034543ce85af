/**
 * Rollouts and their token coefficients as datums. The only place where sequences are shifted by one.
 *
 * Dimensions: P prompt tokens, T completion tokens, L = P + T - 1 positions of the datum.
 */
import type { Datum } from '../core/datum.ts';
import { assert } from '../core/errors.ts';
import type { Rollout } from '../core/rollout.ts';

/** What a position of a sequence carries, laid over its completion: position P - 1 + t predicts completion token t. */
function overCompletion(length: number, prompt: number, values: ArrayLike<number>): Float32Array {
  const laid = new Float32Array(length);
  laid.set(values, prompt - 1);
  return laid;
}

/** A prompt and its completion as one shifted sequence; `weight` and `samplingLogprob` are [T] over the completion. */
export function toDatum(
  prompt: Int32Array,
  completion: Int32Array,
  weight: ArrayLike<number>,
  samplingLogprob: ArrayLike<number>,
): Datum {
  assert(prompt.length > 0, 'a prompt has at least one token');
  assert(weight.length === completion.length, `${weight.length} weights for ${completion.length} completion tokens`);
  const tokens = new Int32Array(prompt.length + completion.length);
  tokens.set(prompt);
  tokens.set(completion, prompt.length);
  const length = tokens.length - 1;
  return {
    input: tokens.slice(0, length),
    target: tokens.slice(1),
    mask: new Uint8Array(length).fill(1, prompt.length - 1),
    weight: overCompletion(length, prompt.length, weight),
    samplingLogprob: overCompletion(length, prompt.length, samplingLogprob),
  };
}

/** The datum of a rollout whose tokens weigh `weight` [T]. */
export function rolloutDatum(rollout: Rollout, weight: ArrayLike<number>): Datum {
  return toDatum(rollout.promptTokens, rollout.completion.tokens, weight, rollout.completion.logprobs);
}

/** [T] the completion's share of what an engine reports per position, e.g. its current log-probabilities. */
export function overTokens(datum: Datum, values: Float32Array): Float32Array {
  const first = datum.mask.indexOf(1);
  return first < 0 ? new Float32Array(0) : values.subarray(first);
}
