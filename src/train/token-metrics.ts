/**
 * What single tokens of the sampled completions were like: how likely, how uncertain, how repetitive. Absent, never 0, where nothing was
 * measured.
 *
 * Dimensions: T completion tokens.
 */
import type { GradedRollout, Group } from '../core/rollout.ts';
import { orderStatistic } from '../objectives/order-statistic.ts';
import { groupOutcome, type Metrics, present, type Stratum, share, stratumOf } from './metrics.ts';
import { repetition } from './repetition.ts';

const PERCENTILES = [10, 50, 90] as const;

/** Nearest rank, of `f` of the values; `f` keeps their order. */
function percentiles(key: string, values: Float32Array, f: (value: number) => number = (value) => value): Metrics {
  if (values.length === 0) return {};
  const at = (percent: number) => f(orderStatistic(values, Math.ceil((percent / 100) * values.length) - 1));
  return Object.fromEntries(PERCENTILES.map((percent) => [`${key}/p${percent}`, at(percent)]));
}

/** Of `f` of the values. */
function mean(values: ArrayLike<number>, f: (value: number) => number = (value) => value): number | undefined {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += f(values[i] ?? 0);
  return share(sum, values.length);
}

function allTokens(rollouts: readonly GradedRollout[], of: 'logprobs' | 'entropies'): Float32Array {
  const count = rollouts.reduce((sum, { completion }) => sum + completion[of].length, 0);
  const values = new Float32Array(count);
  let end = 0;
  for (const { completion } of rollouts) {
    values.set(completion[of], end);
    end += completion[of].length;
  }
  return values;
}

type Repetitions = ReadonlyMap<GradedRollout, number | undefined>;

function stratum(rollouts: readonly GradedRollout[], name: string, repetitions: Repetitions): Metrics {
  const logprobs = allTokens(rollouts, 'logprobs');
  const repeated = rollouts.flatMap((rollout) => repetitions.get(rollout) ?? []);
  return {
    ...present({
      [`policy/${name}probability/mean`]: mean(logprobs, Math.exp),
      [`policy/${name}logprob_nats/mean`]: mean(logprobs),
      [`rollout/${name}repetition_frac/mean`]: mean(repeated),
    }),
    ...percentiles(`policy/${name}probability`, logprobs, Math.exp),
    ...percentiles(`policy/${name}entropy_nats`, allTokens(rollouts, 'entropies')),
  };
}

/** Probabilities are the sampler's: of the tokens that were drawn. */
export function tokenMetrics(groups: readonly Group[]): Metrics {
  const rollouts = groups.flatMap((group) => group.rollouts);
  const of = (wanted: Stratum) => rollouts.filter((rollout) => stratumOf(rollout) === wanted);
  const repetitions = new Map(rollouts.map((rollout) => [rollout, repetition(rollout.completion.tokens)]));
  return {
    ...stratum(rollouts, '', repetitions),
    ...stratum(of('positive'), 'positive/', repetitions),
    ...stratum(of('negative'), 'negative/', repetitions),
  };
}

/** How many groups have 0, 1, 2 ... correct rollouts; as many keys as the largest needs. A group without a verdict is of no count. */
export function solveHistogram(groups: readonly Group[]): Metrics {
  const graded = groups.filter((group) => groupOutcome(group) !== 'unknown');
  const largest = graded.reduce((size, { rollouts }) => Math.max(size, rollouts.length), 0);
  const counts = new Array<number>(graded.length === 0 ? 0 : largest + 1).fill(0);
  for (const { rollouts } of graded) {
    const correct = rollouts.filter((rollout) => stratumOf(rollout) === 'positive').length;
    counts[correct] = (counts[correct] ?? 0) + 1;
  }
  return Object.fromEntries(counts.map((count, correct) => [`rollout/groups_with_correct/${correct}`, count]));
}
