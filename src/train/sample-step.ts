/**
 * A step's rollouts. One batch of problems; with `sampling.maxBatches` above 1 further ones until `problemsPerStep` groups disagree:
 * DAPO's dynamic sampling (arXiv:2503.14476). What is sampled too much is not trained on, and its problems count as met.
 */
import { childKey, type RandomKey } from '../core/random.ts';
import type { Group } from '../core/rollout.ts';
import { hasSignal } from '../objectives/objective.ts';
import { rollOut } from '../rollout/roll-out.ts';
import { problemsDrawn, type TrainState } from './checkpoint-state.ts';
import { type Metrics, present, share } from './metrics.ts';
import { problemOrder } from './order.ts';
import type { TrainingRun } from './run.ts';

export interface SampledStep {
  /** In the order of their problems. */
  readonly sampled: readonly Group[];
  /** Those the step trains on: with one batch all of them, else the first `problemsPerStep` that disagree, as many as were found. */
  readonly groups: readonly Group[];
  readonly batches: number;
  /** Problems drawn in this and all earlier steps. */
  readonly problems: number;
}

/** What sampling needs of a run. */
export type SamplingRun = Pick<TrainingRun, 'config' | 'task' | 'tokenizer' | 'engine' | 'report'>;

/** A function of seed, state and policy, so a resumed run samples the same. @throws UserError, EngineError */
export async function sampleStep(run: SamplingRun, state: TrainState, key: RandomKey): Promise<SampledStep> {
  const { config, task, tokenizer } = run;
  const { maxBatches, ...sampling } = config.sampling;
  const { problemsPerStep } = config.training;
  const order = problemOrder(key, task.size('train'));
  const stepKey = childKey(key, 'rollout', state.step);
  const sampler = await run.engine.sampler();
  const sampled: Group[] = [];
  let problems = problemsDrawn(state, problemsPerStep);
  let batches = 0;
  let found = 0;
  while (batches < maxBatches && found < problemsPerStep) {
    const before = sampled.length * sampling.groupSize;
    const batch = await rollOut({
      ...sampling,
      task,
      tokenizer,
      split: 'train',
      problemIndices: order.problems(problems, problemsPerStep),
      sampler,
      key: batches === 0 ? stepKey : childKey(stepKey, 'batch', batches),
      onProgress: ({ rollouts, rolloutsPlanned }) =>
        run.report({ kind: 'progress', doing: 'sampling', done: before + rollouts, planned: before + rolloutsPlanned }),
    });
    sampled.push(...batch);
    batches += 1;
    problems += problemsPerStep;
    found += batch.filter(hasSignal).length;
  }
  const groups = maxBatches > 1 ? sampled.filter(hasSignal).slice(0, problemsPerStep) : sampled;
  return { sampled, groups, batches, problems };
}

/** How much dynamic sampling sampled and left out; nothing of a run without it. */
export function samplingMetrics({ sampled, batches }: SampledStep, maxBatches: number): Metrics {
  if (maxBatches === 1) return {};
  const agreeing = sampled.filter((group) => !hasSignal(group)).length;
  return present({
    'rollout/generated_batches': batches,
    'rollout/filtered_groups_frac': share(agreeing, sampled.length),
  });
}
