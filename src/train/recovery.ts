/**
 * An engine that is lost (its server restarted, the model was evicted) is replaced: a new one loads the last checkpoint, the journal is taken
 * back to it, and the steps since then are taken again. Every draw is keyed, so they come out the same, and a batch is never trained on
 * twice in the weights that remain, nor left out: whether a call whose answer was lost took effect makes no difference.
 */
import { EngineError } from '../core/errors.ts';
import type { EventLine } from '../journal/schema.ts';
import type { TrainState } from './checkpoint-state.ts';
import { restore } from './restore.ts';
import { type Report, type TrainingRun, tell } from './run.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** For a lost engine's farewell, which may never be answered. */
const FAREWELL_MS = 5_000;

const isLost = (error: unknown): error is EngineError => error instanceof EngineError && error.retryable;

/**
 * Runs `attempt`, and again from the last checkpoint whenever the engine is lost: at most `training.recoveries` times without a checkpoint in
 * between, after growing waits.
 * @throws whatever else fails; the loss itself when there is no way to open another engine, or too many were lost: the run can be resumed
 */
export async function recovering(
  run: TrainingRun,
  attempt: (run: TrainingRun) => Promise<TrainState>,
): Promise<TrainState> {
  let furthest = run.state.step;
  let failures = 0;
  const report = (each: Report) => {
    if (each.kind === 'step') furthest = Math.max(furthest, each.step);
    if (each.kind === 'checkpoint') failures = 0;
    run.report(each);
  };
  let current: TrainingRun = { ...run, report };
  for (;;) {
    try {
      return await attempt(current);
    } catch (error) {
      let loss = error;
      for (let isOpen = false; !isOpen; ) {
        failures += 1;
        if (!isLost(loss) || run.reopen === undefined || failures > run.config.training.recoveries) throw loss;
        tell(current, lostEvent(loss, furthest, failures));
        await leave(current);
        await run.reopen.wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1)), run.stop);
        if (run.stop.aborted) throw loss;
        try {
          current = await reopened(current);
          isOpen = true;
        } catch (next) {
          loss = next;
        }
      }
      tell(current, recoveredEvent(current.state.step, furthest, failures));
    }
  }
}

async function reopened(run: TrainingRun): Promise<TrainingRun> {
  const parts = await run.reopen?.open();
  const fresh = { ...run, ...parts };
  const checkpoint = await run.journal.takeBack();
  return { ...fresh, ...(await restore(fresh, checkpoint)) };
}

async function leave({ engine, reference, reopen }: TrainingRun): Promise<void> {
  const closed = Promise.allSettled([engine.close(), reference?.close()]);
  const never = new AbortController();
  await Promise.race([closed, reopen?.wait(FAREWELL_MS, never.signal)]);
  never.abort();
}

function lostEvent({ message }: EngineError, step: number, attempt: number): EventLine {
  return {
    step,
    level: 'fault',
    kind: 'engine-lost',
    message: `the engine is lost: ${message}`,
    details: { attempt },
  };
}

function recoveredEvent(step: number, furthest: number, attempts: number): EventLine {
  const replayed = furthest - step;
  const again = replayed === 0 ? 'no finished step is lost' : `${replayed} finished steps are taken again`;
  return {
    step,
    level: 'note',
    kind: 'engine-recovered',
    message: `a new engine goes on after step ${step}; ${again}`,
    details: { replayed, attempts },
  };
}
