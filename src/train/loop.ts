/**
 * The training loop, as a recipe: sample, grade, shape, update, write down. Knows neither which engine nor which task.
 *
 * Everything is keyed by (seed, step, problem): the same at any concurrency, and a run resumed from a checkpoint goes on bit for bit.
 * A journalled step counts the rollout batches taken, itself included; the policy version counts optimizer steps.
 */
import { unwatched } from '../rollout/roll-out.ts';
import { writeAhead } from './ahead.ts';
import { Batches } from './batches.ts';
import { encodeState, type TrainState } from './checkpoint-state.ts';
import { evaluateIfDue } from './evaluation.ts';
import { examine, refuseFaults } from './health.ts';
import { invariantMetrics } from './health-invariants.ts';
import { type Metrics, rolloutMetrics, stalenessMetrics } from './metrics.ts';
import { probe, probeMetrics } from './probe.ts';
import { recovering } from './recovery.ts';
import { rolloutRows } from './rollout-rows.ts';
import { type TrainingRun, tell } from './run.ts';
import { type StepUnderway, samplingMetrics } from './sample-step.ts';
import { ruleNames, shapingMetrics } from './shaping-metrics.ts';
import { timings } from './timings.ts';
import { solveHistogram, tokenMetrics } from './token-metrics.ts';
import { trainStep } from './train-step.ts';
import { updateMetrics } from './update-metrics.ts';
import { keepLooking, Watchdog } from './watchdog.ts';

/** Trains until `config.training.steps` or until told to stop; returns the state it saved last. @throws UserError, EngineError */
export function train(run: TrainingRun): Promise<TrainState> {
  return recovering(run, trainToTheEnd);
}

async function trainToTheEnd(alone: TrainingRun): Promise<TrainState> {
  const watchdog = new Watchdog(alone.clock);
  const run: TrainingRun = { ...alone, watch: watchdog.watch };
  const batches = new Batches(run, run.state, run.ahead ?? []);
  let state = run.state;
  const stopLooking = keepLooking(() => {
    const event = watchdog.look(state.step);
    if (event) tell(run, event);
  });
  try {
    for (;;) {
      state = await evaluateIfDue(run, state);
      const isLast = state.step >= run.config.training.steps || run.stop.aborted;
      if (state !== run.state && (isLast || isDue(run.config.journal.checkpointsEvery, state.step)))
        await save(run, state, batches);
      if (isLast) return state;
      await batches.begin(state);
      state = await takeStep(run, state, batches.take(state));
    }
  } finally {
    stopLooking();
    batches.abandon();
  }
}

const isDue = (every: number, step: number): boolean => every > 0 && step > 0 && step % every === 0;

async function takeStep(run: TrainingRun, state: TrainState, batch: StepUnderway): Promise<TrainState> {
  const { config, task, engine, journal } = run;
  const { training, sampling } = config;
  const began = run.clock();
  const step = state.step + 1;
  const versionBefore = engine.policyVersion;

  const { drawn, at, shaped, updates, learningRate, sampledAt } = await trainStep(run, state, batch);
  const { sampled, groups, problems } = drawn;
  const trained = run.clock();
  const changes = await probe(run, updates);

  const isAhead = training.maxStepsOffPolicy > 0;
  const staleness = stalenessMetrics(sampled, versionBefore);
  const measured: Metrics = {
    ...rolloutMetrics(sampled),
    ...tokenMetrics(sampled),
    ...solveHistogram(sampled),
    ...samplingMetrics(drawn, sampling.maxBatches),
    ...shapingMetrics(groups, shaped, at),
    ...updateMetrics(updates, staleness['policy/staleness_steps/max'] === 0),
    ...probeMetrics(changes, updates),
    ...invariantMetrics(run, { sampled, groups, shaped, policyVersion: versionBefore }),
    ...(isAhead ? staleness : {}),
    'optim/learning_rate': learningRate,
    'policy/version': engine.policyVersion,
    'train/epoch': problems / task.size('train'),
  };
  const moments = { began, sampled: sampledAt, trained, measured: run.clock() };
  const timed = { ...measured, ...timings(sampled, updates, moments, training.stream || isAhead) };
  const refusals = updates.flatMap(({ fault }) => fault ?? []);
  const health = examine(
    { metrics: timed, refusals, isExact: engine.capabilities.isExact === true },
    state.health,
    step,
  );
  const metrics = { ...timed, ...health.metrics };
  journal.metrics(step, metrics);
  if (isDue(config.journal.rolloutsEvery, step))
    await journal.rollouts(step, rolloutRows(step, run, drawn, shaped, changes), ruleNames(at));
  for (const event of health.events) tell(run, event);
  run.report({ kind: 'step', step, metrics });
  refuseFaults(health.state, refusals);
  const mismatch = metrics['policy/mismatch_nats/mean'] ?? state.mismatch;
  return { ...state, step, problems, mismatch, schedules: at.scheduleState, health: health.state };
}

async function save(run: TrainingRun, state: TrainState, batches: Batches): Promise<void> {
  const { journal, engine, config, watch = unwatched } = run;
  const ahead = await batches.waiting();
  const { directory } = await journal.checkpoint({
    step: state.step,
    policyVersion: engine.policyVersion,
    state: encodeState({ ...state, lag: config.training.maxStepsOffPolicy }),
    save: async (into) => {
      await watch('saving the state', () => engine.saveState(into));
      await writeAhead(into, run, ahead);
    },
  });
  await journal.prune({ keepLast: config.journal.keepCheckpoints });
  run.report({ kind: 'checkpoint', step: state.step, directory });
}
