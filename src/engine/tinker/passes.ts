/**
 * Our datums and losses as the protocol's, and its results as ours. Pure.
 *
 * Dimensions: D datums, L positions of a datum.
 */
import type { Datum, Loss } from '../../core/datum.ts';
import { tokenLoss } from '../token-loss.ts';
import type { WireLoss } from './model-client.ts';
import type { Profile } from './profile.ts';
import type { ForwardBackwardOutput, WireDatum } from './wire.ts';

/** A request for a gradient: what travels, without the scale a reduction needs. */
export interface Pass {
  readonly data: readonly WireDatum[];
  readonly loss: WireLoss;
}

/** Beyond it r is none that trains: an upper bound that JSON can say, in the place of infinity. */
const LARGEST_RATIO = 1e30;
/** A sampler's log-probability below this may make a ratio that float32 cannot hold; slopes are computed here then. */
const LOWEST_LOGPROB = -80;

// loops: an order of magnitude faster than `from` with a function, and these see every token of a run
function where(mask: Uint8Array, values: Float32Array): Float32Array {
  const kept = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) kept[i] = values[i]!;
  return kept;
}

/** Masked targets are token 0, so that nothing there reaches the server. */
function targets({ mask, target }: Datum): Int32Array {
  const kept = new Int32Array(mask.length);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) kept[i] = target[i]!;
  return kept;
}

/** For log-probabilities alone: every position, weight 1 where the mask is. */
export function forwardPass(data: readonly Datum[], profile: Profile): Pass {
  return {
    data: data.map((datum) => ({
      tokens: datum.input,
      inputs: { target_tokens: sentTargets(datum, profile), weights: Float32Array.from(datum.mask) },
    })),
    loss: { lossFn: 'cross_entropy' },
  };
}

const sentTargets = (datum: Datum, profile: Profile): Int32Array =>
  profile.targets === 'input' ? datum.target : targets(datum);

/** Whether the server's own loss does it, without our knowing the current log-probabilities. */
export function isStock(loss: Loss, data: readonly Datum[], profile: Profile): boolean {
  const { losses } = profile;
  if (loss.kind === 'cross_entropy') return losses.includes('cross_entropy') || losses.includes('cispo');
  if (!losses.includes(loss.kind)) return false;
  if (loss.kind === 'ppo' && loss.dualClip !== undefined) return false;
  return data.every(({ mask, samplingLogprob }) =>
    samplingLogprob.every((logprob, i) => mask[i] === 0 || logprob > LOWEST_LOGPROB),
  );
}

/** @param loss one that `isStock` */
export function stockPass(data: readonly Datum[], loss: Loss, profile: Profile): Pass {
  if (loss.kind === 'cross_entropy') {
    if (!profile.losses.includes('cross_entropy')) return weightedLogprobs(data, profile);
    const sent = data.map((datum) => ({
      tokens: datum.input,
      inputs: { target_tokens: sentTargets(datum, profile), weights: where(datum.mask, datum.weight) },
    }));
    return { data: sent, loss: { lossFn: 'cross_entropy' } };
  }
  const sent = data.map((datum) =>
    policyDatum(datum, profile, where(datum.mask, datum.samplingLogprob), where(datum.mask, datum.weight)),
  );
  if (loss.kind === 'importance_sampling') return { data: sent, loss: { lossFn: loss.kind } };
  return { data: sent, loss: { lossFn: loss.kind, lossFnConfig: bounds(loss.ratioMin, loss.ratioMax) } };
}

const bounds = (ratioMin: number, ratioMax: number) => ({
  clip_low_threshold: ratioMin,
  clip_high_threshold: Math.min(ratioMax, LARGEST_RATIO),
});

/** -w log p as cispo whose ratio is held at 1: for servers whose cross_entropy is divided by its weights. */
function weightedLogprobs(data: readonly Datum[], profile: Profile): Pass {
  return {
    data: data.map((datum) =>
      policyDatum(datum, profile, new Float32Array(datum.input.length), where(datum.mask, datum.weight)),
    ),
    loss: { lossFn: 'cispo', lossFnConfig: bounds(1, 1) },
  };
}

/**
 * Any loss of log-probabilities by its slopes g: importance_sampling at ratio 1, d(-A r)/d(logprob) = -A, so A = -g.
 * @param logprobs [D][L] the current ones
 */
export function exactPass(
  data: readonly Datum[],
  loss: Loss,
  logprobs: readonly Float32Array[],
  profile: Profile,
): Pass {
  return {
    data: data.map((datum, d) => {
      const { mask, samplingLogprob, weight } = datum;
      const current = logprobs[d]!;
      const minusSlopes =
        mask.length === 0
          ? []
          : Array.from(mask, (isIn, i) => {
              return isIn === 0 ? 0 : -tokenLoss(loss, current[i]!, samplingLogprob[i]!, weight[i]!).slope;
            });
      return policyDatum(datum, profile, where(mask, current), Float32Array.from(minusSlopes));
    }),
    loss: { lossFn: 'importance_sampling' },
  };
}

function policyDatum(datum: Datum, profile: Profile, logprobs: Float32Array, advantages: Float32Array): WireDatum {
  return { tokens: datum.input, inputs: { target_tokens: sentTargets(datum, profile), logprobs, advantages } };
}

/** The advantages of each datum times `factor` of it. */
export function scaled({ data, loss }: Pass, factor: (datum: WireDatum) => number): Pass {
  return {
    loss,
    data: data.map((datum) => {
      const by = factor(datum);
      return {
        ...datum,
        inputs: { ...datum.inputs, advantages: Float32Array.from(datum.inputs['advantages']!, (a) => a * by) },
      };
    }),
  };
}

/** Whether everything in it is a number that float32 holds. */
export const isFinitePass = ({ data }: Pass): boolean =>
  data.every(({ inputs }) => Object.values(inputs).every((tensor) => tensor.every((value) => Number.isFinite(value))));

/** [D][L] log-probabilities as the server gave them, 0 where the mask is 0. */
export const maskedLogprobs = (data: readonly Datum[], { outputs }: ForwardBackwardOutput): Float32Array[] =>
  data.map(({ mask }, d) => where(mask, outputs[d]!['logprobs']!));

/** The loss's sum over masked tokens, by its definition. */
export function lossValue(data: readonly Datum[], loss: Loss, logprobs: readonly Float32Array[]): number {
  let sum = 0;
  for (const [d, { mask, samplingLogprob, weight }] of data.entries()) {
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 1) sum += tokenLoss(loss, logprobs[d]![i]!, samplingLogprob[i]!, weight[i]!).value;
    }
  }
  return sum;
}

/** The first masked position whose target is not the next input: what servers that take targets from the input would get wrong. */
export function strayTarget(data: readonly Datum[]): { readonly datum: number; readonly position: number } | undefined {
  for (const [datum, { input, target, mask }] of data.entries()) {
    const position = mask.findIndex((isIn, i) => isIn === 1 && i + 1 < input.length && target[i] !== input[i + 1]);
    if (position >= 0) return { datum, position };
  }
  return undefined;
}
