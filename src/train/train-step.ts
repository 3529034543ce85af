/**
 * A step's rollouts -> shaped advantages -> updates, in one of two orders of the same work: when everything is sampled, or
 * (`training.stream`) group by group while others are still sampled. Gradients are sums and groups are submitted in order, so both give
 * the same numbers whatever the timing.
 *
 * Dimensions: P groups, G rollouts of a group.
 */
import { childKey, randomKey } from '../core/random.ts';
import {
  type ObjectiveAt,
  objectiveAt,
  requirementsOf,
  type ShapedRollout,
  shapeGroups,
} from '../objectives/objective.ts';
import { unwatched } from '../rollout/roll-out.ts';
import { adamFor } from './adam.ts';
import type { TrainState } from './checkpoint-state.ts';
import type { UpdateSettings } from './gradient.ts';
import { learningRateAt } from './learning-rate.ts';
import { groupTerms, minibatches } from './minibatches.ts';
import { split } from './order.ts';
import type { TrainingRun } from './run.ts';
import type { StepUnderway } from './sample-step.ts';
import type { SampledStep } from './sampled.ts';
import { signalsOf } from './signals.ts';
import { Submitted, type Update, UpdateUnderway, updateAll } from './update.ts';

export interface TrainedStep {
  readonly drawn: SampledStep;
  readonly at: ObjectiveAt;
  /** [P][G] of the groups trained on. */
  readonly shaped: readonly (readonly ShapedRollout[])[];
  readonly updates: readonly Update[];
  readonly learningRate: number;
  /** When the last rollout was graded, on the run's clock. */
  readonly sampledAt: number;
}

/** @throws UserError, EngineError */
export function trainStep(run: TrainingRun, state: TrainState, batch: StepUnderway): Promise<TrainedStep> {
  return run.config.training.stream ? trainStreamed(run, state, batch) : trainWhole(run, state, batch);
}

async function trainWhole(run: TrainingRun, state: TrainState, batch: StepUnderway): Promise<TrainedStep> {
  const drawn = await batch.whole;
  const sampledAt = run.clock();
  const at = objectiveAt(run.objective, signalsOf(run, drawn.sampled, state));
  const shaped = shapeGroups(at, drawn.groups);
  const settings = updateSettings(run, state, at);
  const parts = minibatches(drawn.groups, shaped, at, run.config.training.minibatches);
  const updates = await updateAll(parts, settings, updateKey(run, state));
  return { drawn, at, shaped, updates, learningRate: settings.adam.learningRate, sampledAt };
}

/** Only for objectives whose groups do not wait for each other: `obstaclesToStreaming`. */
async function trainStreamed(run: TrainingRun, state: TrainState, batch: StepUnderway): Promise<TrainedStep> {
  const { sampling, training } = run.config;
  const at = objectiveAt(run.objective, signalsOf(run, [], state));
  const settings = updateSettings(run, state, at);
  const shaped: ShapedRollout[][] = [];
  const submitted = new Submitted();
  for (const [i, part] of split(batch.groups, training.minibatches).entries()) {
    const update = new UpdateUnderway(settings, childKey(updateKey(run, state), i));
    const planned = part.length * sampling.groupSize;
    let counted = 0;
    for (const arriving of part) {
      const group = await arriving.catch(async (error: unknown) => {
        await batch.whole;
        throw error;
      });
      const [own = []] = shapeGroups(at, [group]);
      const terms = groupTerms(group, own, at, planned);
      shaped.push(own);
      counted += terms.length;
      await submitted.elseItsFailure(update.add(terms));
    }
    // rollouts without a verdict leave the mean, and nobody knew how many there would be
    if (counted > 0) update.multiply(planned / counted);
    submitted.push(update.finish());
  }
  const drawn = await batch.whole;
  const sampledAt = run.clock();
  return { drawn, at, shaped, updates: await submitted.all(), learningRate: settings.adam.learningRate, sampledAt };
}

const updateKey = ({ config }: TrainingRun, { step }: TrainState) => childKey(randomKey(config.seed), 'update', step);

function updateSettings(run: TrainingRun, { step }: TrainState, at: ObjectiveAt): UpdateSettings {
  const { engine, reference, objective, config, watch = unwatched } = run;
  const { training, sampling } = config;
  const adam = {
    ...adamFor(training, engine.capabilities),
    learningRate: learningRateAt(training, step, training.steps),
  };
  return {
    engine,
    at,
    adam,
    reference,
    watch,
    requirements: requirementsOf(objective),
    temperature: sampling.temperature,
  };
}
