/** Where a step's time went. Every key starts with `time/`: these are the only metrics in which equal runs differ. */
import type { Group } from '../core/rollout.ts';
import type { Metrics } from './metrics.ts';
import type { Update } from './update.ts';

/** Seconds on one monotonic clock. */
export interface Moments {
  readonly began: number;
  readonly sampled: number;
  readonly trained: number;
}

export function timings(
  groups: readonly Group[],
  updates: readonly Update[],
  { began, sampled, trained }: Moments,
): Metrics {
  const rollouts = groups.flatMap((group) => group.rollouts);
  const completionTokens = rollouts.reduce((sum, { completion }) => sum + completion.tokens.length, 0);
  const positions = updates
    .flatMap(({ terms }) => terms)
    .reduce((sum, { rollout }) => sum + rollout.promptTokens.length + rollout.completion.tokens.length - 1, 0);
  return {
    'time/sample_s': sampled - began,
    'time/train_s': trained - sampled,
    'time/step_s': trained - began,
    ...(sampled > began ? { 'time/sampled_tokens_per_s': completionTokens / (sampled - began) } : {}),
    ...(positions > 0 && trained > sampled ? { 'time/trained_tokens_per_s': positions / (trained - sampled) } : {}),
  };
}
