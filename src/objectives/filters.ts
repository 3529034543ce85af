/**
 * Filters take rollouts out of the loss: their advantages are 0 and their tokens leave the aggregation's denominator.
 * `when` says whether a rollout also leaves the baseline's statistics (before) or still counts there (after).
 */
import { z } from 'zod';
import type { Sample } from './sample.ts';
import type { Resolved } from './schedule.ts';

const when = z.enum(['before-baseline', 'after-baseline']);

export const filterSchema = z.discriminatedUnion('filter', [
  /**
   * Drops a group whose verdict rewards are all equal; a group of one is kept. With others sampled in its place (a run file's
   * `sampling.maxBatches`) this is DAPO's dynamic sampling (arXiv:2503.14476, Eq. 11).
   */
  z.strictObject({ filter: z.literal('constant-groups') }),
  /** Drops rollouts cut off at the length limit (DAPO's overlong filtering is `after-baseline`). */
  z.strictObject({ filter: z.literal('truncated'), when }),
  /** Keeps one polarity. Before the baseline: plain PSR / NSR. After: GRPO advantages restricted to one polarity. */
  z.strictObject({ filter: z.literal('polarity'), keep: z.enum(['positive', 'negative']), when }),
]);

export type Filter = Resolved<z.infer<typeof filterSchema>>;

/** Whether the known verdict rewards of a group differ (a group of one has signal). What dynamic sampling resamples for. */
export function hasSignal(group: readonly Sample[]): boolean {
  if (group.length === 1) return group[0]!.reward !== undefined;
  const rewards = group.flatMap((sample) => (sample.reward === undefined ? [] : [sample.reward]));
  return rewards.some((reward) => reward !== rewards[0]);
}

/** [G] 1 where the rollout survives every filter of that moment. */
export function keptRollouts(
  filters: readonly Filter[],
  moment: 'before-baseline' | 'after-baseline',
  group: readonly Sample[],
): Uint8Array {
  const kept = new Uint8Array(group.length).fill(1);
  for (const filter of filters) {
    if ((filter.filter === 'constant-groups' ? 'before-baseline' : filter.when) !== moment) continue;
    for (let i = 0; i < group.length; i++) if (!survives(filter, group[i]!, group)) kept[i] = 0;
  }
  return kept;
}

function survives(filter: Filter, sample: Sample, group: readonly Sample[]): boolean {
  switch (filter.filter) {
    case 'constant-groups':
      return hasSignal(group);
    case 'truncated':
      return !sample.isTruncated;
    case 'polarity':
      return sample.polarity === filter.keep;
  }
}
