/**
 * What an objective's schedules look at, measured before a step's advantages are shaped.
 */
import type { Group } from '../core/rollout.ts';
import type { Signals } from '../objectives/objective.ts';
import type { TrainState } from './checkpoint-state.ts';
import { rolloutMetrics } from './metrics.ts';
import type { TrainingRun } from './run.ts';

/** The mismatch is that of the latest update, since the trainer has not seen this step's rollouts yet; 0 before the first. */
export function signalsOf(run: TrainingRun, groups: readonly Group[], state: TrainState): Signals {
  return {
    step: state.step,
    totalSteps: run.config.training.steps,
    entropy: rolloutMetrics(groups)['policy/entropy_nats/mean'],
    mismatch: state.mismatch,
    scheduleState: state.schedules,
  };
}
