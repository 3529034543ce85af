/**
 * Token statistics: what token rules rank by. Adding one is a line in this table (and its test): the schema, the refusals
 * and the explanation read it from here.
 *
 * Dimensions: G rollouts in the group, T completion tokens.
 */
import { assert } from '../core/errors.ts';
import { exponential, identity, type KeyScale } from './keys.ts';
import type { Sample } from './sample.ts';
import { segmentWeights } from './segments.ts';

interface Statistic {
  readonly meaning: string;
  /** Whether the engine must report entropies. */
  readonly needsEntropies: boolean;
  /** How keys become the statistic. */
  readonly scale: KeyScale;
  /** [G] rows of [T] keys; rows of samples that are not `wanted` may be left empty. Keys at masked-out tokens are not read. */
  readonly of: (group: readonly Sample[], wanted: readonly boolean[]) => Float32Array[];
}

const perSample =
  (of: (sample: Sample) => Float32Array): Statistic['of'] =>
  (group, wanted) =>
    group.map((sample, i) => (wanted[i] ? of(sample) : new Float32Array(0)));

function surprisal({ logprobs }: Sample): Float32Array {
  const surprisals = new Float32Array(logprobs.length);
  for (let t = 0; t < logprobs.length; t++) surprisals[t] = -logprobs[t]!;
  return surprisals;
}

function entropy({ entropies, logprobs }: Sample): Float32Array {
  assert(entropies.length === logprobs.length, 'an entropy statistic was not refused on an engine without entropies');
  return entropies;
}

/** 1 for the first token that may be trained on, 2 for the next. */
function position({ mask }: Sample): Float32Array {
  const positions = new Float32Array(mask.length);
  let seen = 0;
  for (let t = 0; t < mask.length; t++) positions[t] = mask[t] === 1 ? ++seen : 0;
  return positions;
}

export const statistics = {
  probability: {
    meaning: 'pi_old(token)',
    needsEntropies: false,
    scale: exponential,
    of: perSample(({ logprobs }) => logprobs),
  },
  surprisal: {
    meaning: '-log pi_old(token), nats',
    needsEntropies: false,
    scale: identity,
    of: perSample(surprisal),
  },
  entropy: {
    meaning: 'entropy of pi_old at the token, nats',
    needsEntropies: true,
    scale: identity,
    of: perSample(entropy),
  },
  'segment-weight': {
    meaning: 'LESS: how telling the low-entropy segment around the token is, 0 to 1',
    needsEntropies: true,
    scale: identity,
    of: segmentWeights,
  },
  position: {
    meaning: 'place in the completion, from 1',
    needsEntropies: false,
    scale: identity,
    of: perSample(position),
  },
} as const satisfies Record<string, Statistic>;

export type StatisticName = keyof typeof statistics;
export const statisticNames = Object.keys(statistics) as [StatisticName, ...StatisticName[]];
