/** A step's rollouts as they are handed on. */
import type { Group } from '../core/rollout.ts';

export interface SampledStep {
  /** In the order of their problems. */
  readonly sampled: readonly Group[];
  /** Those the step trains on: with one batch all of them, else the first `problemsPerStep` that disagree, as many as were found. */
  readonly groups: readonly Group[];
  readonly batches: number;
  /** Problems drawn in this and all earlier steps. */
  readonly problems: number;
}

/** A batch that waits for its step, as a checkpoint holds it. */
export interface SampledAhead {
  /** Steps taken before the one it belongs to. */
  readonly step: number;
  readonly sampled: SampledStep;
}
