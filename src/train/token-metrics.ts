/**
 * What single tokens of the sampled completions were like: how likely, how uncertain, how repetitive. Absent, never 0, where nothing was
 * measured.
 *
 * Dimensions: T completion tokens.
 */
import type { GradedRollout, Group } from '../core/rollout.ts';
import { Mean, type Metrics, present, type Stratum, stratumOf } from './metrics.ts';

const PERCENTILES = [10, 50, 90] as const;

/** A completion repeats itself where a run of this many tokens was in it before. */
const REPEATED_RUN = 16;

/** Nearest rank. */
function percentiles(key: string, values: Float64Array): Metrics {
  const sorted = values.toSorted();
  const at = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  return present(Object.fromEntries(PERCENTILES.map((percent) => [`${key}/p${percent}`, at(percent)])));
}

function mean(values: Iterable<number>): number | undefined {
  const all = new Mean();
  for (const value of values) all.add(value);
  return all.value;
}

function allTokens(rollouts: readonly GradedRollout[], of: 'logprobs' | 'entropies'): Float64Array {
  const count = rollouts.reduce((sum, { completion }) => sum + completion[of].length, 0);
  const values = new Float64Array(count);
  let end = 0;
  for (const { completion } of rollouts) {
    values.set(completion[of], end);
    end += completion[of].length;
  }
  return values;
}

/**
 * Share of the runs of `length` tokens that were in the completion before: 0 where every run is new, towards 1 in a loop. Runs are told
 * apart by 53-bit hashes. Absent for completions shorter than two runs can be.
 */
export function repetition(tokens: Int32Array, length = REPEATED_RUN): number | undefined {
  const runs = tokens.length - length + 1;
  if (runs < 2) return undefined;
  const seen = new Set<number>();
  for (let start = 0; start < runs; start++) seen.add(hashOf(tokens, start, length));
  return 1 - seen.size / runs;
}

function hashOf(tokens: Int32Array, start: number, length: number): number {
  let [low, high] = [0x9e3779b9, 0x85ebca6b];
  for (let t = start; t < start + length; t++) {
    low = Math.imul(low ^ (tokens[t] ?? 0), 0x01000193);
    high = Math.imul(high ^ (tokens[t] ?? 0), 0x5bd1e995) ^ (high >>> 15);
  }
  return (low >>> 0) + (high & 0x1fffff) * 2 ** 32;
}

function stratum(rollouts: readonly GradedRollout[], name: string): Metrics {
  const logprobs = allTokens(rollouts, 'logprobs');
  const repeated = rollouts.flatMap(({ completion }) => repetition(completion.tokens) ?? []);
  const probabilities = logprobs.map(Math.exp);
  return {
    ...present({
      [`policy/${name}probability/mean`]: mean(probabilities),
      [`policy/${name}logprob_nats/mean`]: mean(logprobs),
      [`rollout/${name}repetition_frac/mean`]: mean(repeated),
    }),
    ...percentiles(`policy/${name}probability`, probabilities),
    ...percentiles(`policy/${name}entropy_nats`, allTokens(rollouts, 'entropies')),
  };
}

/** Probabilities are the sampler's: of the tokens that were drawn. */
export function tokenMetrics(groups: readonly Group[]): Metrics {
  const rollouts = groups.flatMap((group) => group.rollouts);
  const of = (wanted: Stratum) => rollouts.filter((rollout) => stratumOf(rollout) === wanted);
  return {
    ...stratum(rollouts, ''),
    ...stratum(of('positive'), 'positive/'),
    ...stratum(of('negative'), 'negative/'),
  };
}

/** How many groups have 0, 1, 2 ... correct rollouts; as many keys as the largest group needs. */
export function solveHistogram(groups: readonly Group[]): Metrics {
  const largest = groups.reduce((size, { rollouts }) => Math.max(size, rollouts.length), 0);
  const counts = new Array<number>(groups.length === 0 ? 0 : largest + 1).fill(0);
  for (const { rollouts } of groups) {
    const correct = rollouts.filter((rollout) => stratumOf(rollout) === 'positive').length;
    counts[correct] = (counts[correct] ?? 0) + 1;
  }
  return Object.fromEntries(counts.map((count, correct) => [`rollout/groups_with_correct/${correct}`, count]));
}
