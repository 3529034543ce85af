/**
 * Metrics of a step, by polarity. A key is absent, never 0, when there was nothing to measure: no negative rollouts means no
 * `rollout/negative/...` keys, no entropies from the engine means no `policy/.../entropy_nats/mean`.
 *
 * Keys read `room/stratum?/thing_unit/reduction`. Dimensions: T completion tokens.
 */
import { type GradedRollout, type Group, polarityOf } from '../core/rollout.ts';

/** A name as part of a metric key. */
export const snake = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

export type Metrics = Readonly<Record<string, number>>;

/** Sum and count of what was seen; `mean` is absent when nothing was. */
export class Mean {
  #sum = 0;
  #count = 0;

  add(value: number): void {
    this.#sum += value;
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  get value(): number | undefined {
    return this.#count > 0 ? this.#sum / this.#count : undefined;
  }
}

/** Leaves out what is absent. */
export function present(entries: Readonly<Record<string, number | undefined>>): Metrics {
  return Object.fromEntries(Object.entries(entries).filter((entry) => entry[1] !== undefined)) as Metrics;
}

/** `numerator / denominator`, absent over nothing. */
export const share = (numerator: number, denominator: number): number | undefined =>
  denominator > 0 ? numerator / denominator : undefined;

export const STRATA = ['positive', 'negative', 'unknown'] as const;

export type Stratum = (typeof STRATA)[number];

export const stratumOf = (rollout: GradedRollout): Stratum => polarityOf(rollout.verdict) ?? 'unknown';

const tokensOf = (rollouts: readonly GradedRollout[]): number =>
  rollouts.reduce((sum, { completion }) => sum + completion.tokens.length, 0);

/** Mean over all tokens of all rollouts. */
function meanEntropy(rollouts: readonly GradedRollout[]): number | undefined {
  const mean = new Mean();
  for (const { completion } of rollouts) for (const entropy of completion.entropies) mean.add(entropy);
  return mean.value;
}

function meanReward(rollouts: readonly GradedRollout[]): number | undefined {
  const mean = new Mean();
  for (const { verdict } of rollouts) if (verdict.outcome !== 'unknown') mean.add(verdict.reward);
  return mean.value;
}

const truncatedShare = (rollouts: readonly GradedRollout[]): number | undefined =>
  share(rollouts.filter(({ completion }) => completion.stopReason === 'length').length, rollouts.length);

/** One stratum, or all rollouts with an empty `stratum`. */
function stratumMetrics(rollouts: readonly GradedRollout[], stratum: Stratum | ''): Metrics {
  if (rollouts.length === 0) return {};
  const name = stratum === '' ? '' : `${stratum}/`;
  const tokens = tokensOf(rollouts);
  return present({
    [`rollout/${name}rollouts`]: rollouts.length,
    [`rollout/${name}tokens`]: tokens,
    [`rollout/${name}reward/mean`]: meanReward(rollouts),
    [`rollout/${name}completion_tokens/mean`]: share(tokens, rollouts.length),
    [`rollout/${name}truncated_frac`]: truncatedShare(rollouts),
    [`policy/${name}entropy_nats/mean`]: meanEntropy(rollouts),
  });
}

/** Why rollouts have no verdict: the share of all for each reason that was given. */
function unknownReasons(rollouts: readonly GradedRollout[]): Metrics {
  const counts = new Map<string, number>();
  for (const { verdict } of rollouts) {
    if (verdict.outcome !== 'unknown') continue;
    const key = `rollout/unknown_frac/${snake(verdict.reason)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort().map(([key, count]) => [key, count / rollouts.length]));
}

/** What a group's graded rollouts came to: all correct, all incorrect, both, or nothing known. */
export function groupOutcome(group: Group): 'all_correct' | 'all_incorrect' | 'mixed' | 'unknown' {
  const strata = new Set(group.rollouts.map(stratumOf));
  if (strata.has('positive')) return strata.has('negative') ? 'mixed' : 'all_correct';
  return strata.has('negative') ? 'all_incorrect' : 'unknown';
}

/** Counts, rewards, lengths and entropies of the rollouts a step made. Pass rate counts graded rollouts only. */
export function rolloutMetrics(groups: readonly Group[]): Metrics {
  const rollouts = groups.flatMap((group) => group.rollouts);
  const of = (stratum: Stratum) => rollouts.filter((rollout) => stratumOf(rollout) === stratum);
  const outcomes = groups.map(groupOutcome);
  const groupsWith = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  return {
    ...stratumMetrics(rollouts, ''),
    ...present({
      'rollout/pass_rate': share(of('positive').length, of('positive').length + of('negative').length),
      'rollout/unknown_frac': share(of('unknown').length, rollouts.length),
      'rollout/groups_all_correct': groupsWith('all_correct'),
      'rollout/groups_all_incorrect': groupsWith('all_incorrect'),
      'rollout/groups_mixed': groupsWith('mixed'),
    }),
    ...unknownReasons(rollouts),
    ...stratumMetrics(of('positive'), 'positive'),
    ...stratumMetrics(of('negative'), 'negative'),
    ...stratumMetrics(of('unknown'), 'unknown'),
  };
}

/** Optimizer steps between the policies that sampled the rollouts and the one that begins to train on them. */
export function stalenessMetrics(groups: readonly Group[], policyVersion: number): Metrics {
  const steps = groups.flatMap(({ rollouts }) =>
    rollouts.map(({ completion }) => policyVersion - completion.policyVersion),
  );
  return present({
    'policy/staleness_steps/mean': share(
      steps.reduce((a, b) => a + b, 0),
      steps.length,
    ),
    'policy/staleness_steps/max': steps.length > 0 ? steps.reduce((a, b) => Math.max(a, b)) : undefined,
  });
}
