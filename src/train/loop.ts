/**
 * The training loop, as a recipe: sample, grade, shape, update, write down. Knows neither which engine nor which task.
 *
 * Everything is keyed by (seed, step, problem): the same at any concurrency, and a run resumed from a checkpoint goes on bit for bit.
 * A journalled step counts the rollout batches taken, itself included; the policy version counts optimizer steps.
 */
import { childKey, randomKey } from '../core/random.ts';
import { objectiveAt, requirementsOf, shapeGroups } from '../objectives/objective.ts';
import { listen, refuseFaults } from './canaries.ts';
import { encodeState, type TrainState } from './checkpoint-state.ts';
import { evaluateIfDue } from './evaluation.ts';
import { learningRateAt } from './learning-rate.ts';
import { type Metrics, rolloutMetrics } from './metrics.ts';
import { minibatches } from './minibatches.ts';
import { rolloutRows } from './rollout-rows.ts';
import type { TrainingRun } from './run.ts';
import { sampleStep, samplingMetrics } from './sample-step.ts';
import { ruleNames, shapingMetrics } from './shaping-metrics.ts';
import { signalsOf } from './signals.ts';
import { timings } from './timings.ts';
import { updateAll } from './update.ts';
import { updateMetrics } from './update-metrics.ts';

/** Trains until `config.training.steps` or until told to stop; returns the state it saved last. @throws UserError, EngineError */
export async function train(run: TrainingRun): Promise<TrainState> {
  let state = run.state;
  for (;;) {
    state = await evaluateIfDue(run, state);
    const isLast = state.step >= run.config.training.steps || run.stop.aborted;
    if (state !== run.state && (isLast || isDue(run.config.journal.checkpointsEvery, state.step)))
      await save(run, state);
    if (isLast) return state;
    state = await takeStep(run, state);
  }
}

const isDue = (every: number, step: number): boolean => every > 0 && step > 0 && step % every === 0;

async function takeStep(run: TrainingRun, state: TrainState): Promise<TrainState> {
  const { config, task, engine, objective, journal } = run;
  const { training, sampling } = config;
  const key = randomKey(config.seed);
  const began = run.clock();

  const step = state.step + 1;
  const drawn = await sampleStep(run, state, key);
  const { sampled, groups, problems } = drawn;
  const afterSampling = run.clock();

  const at = objectiveAt(objective, signalsOf(run, sampled, state));
  const shaped = shapeGroups(at, groups);
  const adam = { ...training, learningRate: learningRateAt(training, state.step, training.steps) };
  const parts = minibatches(groups, shaped, at, training.minibatches);
  const updates = await updateAll(
    parts,
    { ...run, at, adam, requirements: requirementsOf(objective), temperature: sampling.temperature },
    childKey(key, 'update', state.step),
  );
  const trained = run.clock();

  const metrics: Metrics = {
    ...rolloutMetrics(sampled),
    ...samplingMetrics(drawn, sampling.maxBatches),
    ...shapingMetrics(groups, shaped, at),
    ...updateMetrics(updates),
    'optim/learning_rate': adam.learningRate,
    'policy/version': engine.policyVersion,
    'train/epoch': problems / task.size('train'),
    ...timings(sampled, updates, { began, sampled: afterSampling, trained }),
  };
  journal.metrics(step, metrics);
  if (isDue(config.journal.rolloutsEvery, step))
    await journal.rollouts(step, rolloutRows(step, run, drawn, shaped), ruleNames(at));
  const heard = listen({ metrics, faults: updates.flatMap(({ fault }) => fault ?? []) }, state.canaries, step);
  for (const event of heard.events) journal.event(event);
  for (const event of heard.events) run.report({ kind: 'event', event });
  run.report({ kind: 'step', step, metrics });
  refuseFaults(heard.state, heard.events);
  const mismatch = metrics['policy/mismatch_nats/mean'] ?? state.mismatch;
  return { ...state, step, problems, mismatch, schedules: at.scheduleState, canaries: heard.state };
}

async function save(run: TrainingRun, state: TrainState): Promise<void> {
  const { journal, engine, config } = run;
  const { directory } = await journal.checkpoint({
    step: state.step,
    policyVersion: engine.policyVersion,
    state: encodeState(state),
    save: (into) => engine.saveState(into),
  });
  await journal.prune({ keepLast: config.journal.keepCheckpoints });
  run.report({ kind: 'checkpoint', step: state.step, directory });
}
