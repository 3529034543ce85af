/** Where a step's time went. Every key starts with `time/`: these are the only metrics in which equal runs differ. */
import type { Group } from '../core/rollout.ts';
import type { Metrics } from './metrics.ts';
import type { Update } from './update.ts';

/** Seconds on one monotonic clock. */
export interface Moments {
  readonly began: number;
  /** The last rollout was there; what was sampled ahead is there at once. */
  readonly sampled: number;
  readonly trained: number;
  /** Updates were probed and metrics computed. */
  readonly measured: number;
}

/** @param overlap whether sampling and training went on at the same time: both rates are then per second of the whole step */
export function timings(
  groups: readonly Group[],
  updates: readonly Update[],
  { began, sampled, trained, measured }: Moments,
  overlap: boolean,
): Metrics {
  const rollouts = groups.flatMap((group) => group.rollouts);
  const completionTokens = rollouts.reduce((sum, { completion }) => sum + completion.tokens.length, 0);
  const positions = updates
    .flatMap(({ terms }) => terms)
    .reduce((sum, { rollout }) => sum + rollout.promptTokens.length + rollout.completion.tokens.length - 1, 0);
  const sampling = overlap ? trained - began : sampled - began;
  const training = overlap ? trained - began : trained - sampled;
  return {
    'time/sample_s': sampled - began,
    'time/train_s': trained - sampled,
    'time/measure_s': measured - trained,
    'time/step_s': measured - began,
    ...(sampling > 0 ? { 'time/sampled_tokens_per_s': completionTokens / sampling } : {}),
    ...(positions > 0 && training > 0 ? { 'time/trained_tokens_per_s': positions / training } : {}),
  };
}
