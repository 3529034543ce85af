/** Going on from a checkpoint: the engine's state, the loop's numbers, and the batches that were sampled ahead. */
import type { Engine } from '../engine/engine.ts';
import { type Checkpoint, readCheckpointState } from '../journal/checkpoints.ts';
import { readAhead } from './ahead.ts';
import { decodeState, initialState, type TrainState } from './checkpoint-state.ts';
import type { TrainingRun } from './run.ts';
import type { SampledAhead } from './sampled.ts';

/** The loop's state, after the engine has loaded its own. The checkpoint must have been verified. @throws UserError, EngineError */
export async function loadCheckpoint(engine: Engine, checkpoint: Checkpoint): Promise<TrainState> {
  await engine.loadState(checkpoint.directory);
  return decodeState(await readCheckpointState(checkpoint), checkpoint.directory);
}

/** Where a run begins or goes on. */
export interface Start {
  readonly state: TrainState;
  readonly ahead: readonly SampledAhead[];
}

/**
 * Batches of policies older than `training.maxStepsOffPolicy` now allows are left: their problems are sampled anew by the policy loaded.
 * @param checkpoint verified; absent: the beginning
 */
export async function restore(
  run: Pick<TrainingRun, 'engine' | 'config' | 'task'>,
  checkpoint: Checkpoint | undefined,
): Promise<Start> {
  if (checkpoint === undefined) return { state: initialState, ahead: [] };
  const state = await loadCheckpoint(run.engine, checkpoint);
  const isTooOld = (state.lag ?? 0) > run.config.training.maxStepsOffPolicy;
  return { state, ahead: isTooOld ? [] : await readAhead(checkpoint.directory, run, state) };
}
