/**
 * A step's rollouts. One batch of problems; with `sampling.maxBatches` above 1 further ones until `problemsPerStep` groups disagree:
 * DAPO's dynamic sampling (arXiv:2503.14476). What is sampled too much is not trained on, and its problems count as met.
 */
import { childKey, type RandomKey } from '../core/random.ts';
import type { Group } from '../core/rollout.ts';
import type { Sampler } from '../engine/engine.ts';
import { hasSignal } from '../objectives/objective.ts';
import { beginRollOut, type Concurrency, type RollOutSettings } from '../rollout/roll-out.ts';
import type { RunConfig } from './config.ts';
import { type Metrics, present, share } from './metrics.ts';
import { problemOrder } from './order.ts';
import type { TrainingRun } from './run.ts';
import type { SampledStep } from './sampled.ts';

/** A step's rollouts on their way. */
export interface StepUnderway {
  /** [P] in the order of their problems, each as soon as it is graded. Empty with dynamic sampling, which may want more than these. */
  readonly groups: readonly Promise<Group>[];
  readonly whole: Promise<SampledStep>;
  /** Problems drawn in this and all earlier steps, as soon as that is known. */
  readonly problems: number | Promise<number>;
}

/** What sampling needs of a run. */
export type SamplingRun = Pick<TrainingRun, 'config' | 'task' | 'tokenizer' | 'report' | 'watch'>;

/** Where and by whom a step is sampled. */
export interface Draw {
  /** Steps taken before it. */
  readonly step: number;
  /** Problems drawn before it. */
  readonly problems: number | Promise<number>;
  readonly sampler: Sampler;
  readonly concurrency: Concurrency;
  /** Of the run. */
  readonly key: RandomKey;
  readonly signal?: AbortSignal;
  /** Whether somebody waits for it, so that its progress is worth telling. */
  readonly isAwaited?: () => boolean;
}

/** What is kept of what was sampled. */
export function sampledStep({ sampling, training }: RunConfig, sampled: readonly Group[], before: number): SampledStep {
  const isDynamic = sampling.maxBatches > 1;
  return {
    sampled,
    groups: isDynamic ? sampled.filter(hasSignal).slice(0, training.problemsPerStep) : sampled,
    batches: Math.ceil(sampled.length / training.problemsPerStep),
    problems: before + sampled.length,
  };
}

/** A function of seed, step and policy, so a resumed run samples the same. `whole` fails with UserError or EngineError. */
export function beginStep(run: SamplingRun, draw: Draw): StepUnderway {
  if (typeof draw.problems === 'number' && run.config.sampling.maxBatches === 1) {
    const before = draw.problems;
    const { each, all } = beginBatch(run, draw, before, 0);
    const whole = all.then((sampled) => sampledStep(run.config, sampled, before));
    return { groups: each, whole, problems: before + each.length };
  }
  const whole = sampleUntilEnough(run, draw);
  return { groups: [], whole, problems: whole.then(({ problems }) => problems) };
}

async function sampleUntilEnough(run: SamplingRun, draw: Draw): Promise<SampledStep> {
  const { sampling, training } = run.config;
  const before = await draw.problems;
  const sampled: Group[] = [];
  let found = 0;
  for (let batch = 0; batch < sampling.maxBatches && found < training.problemsPerStep; batch++) {
    const groups = await beginBatch(run, draw, before, batch).all;
    sampled.push(...groups);
    found += groups.filter(hasSignal).length;
  }
  return sampledStep(run.config, sampled, before);
}

/** @param before problems drawn before the step */
function beginBatch(
  { config, task, tokenizer, report, watch }: SamplingRun,
  draw: Draw,
  before: number,
  batch: number,
) {
  const { maxBatches, ...sampling } = config.sampling;
  const { problemsPerStep } = config.training;
  const stepKey = childKey(draw.key, 'rollout', draw.step);
  const earlier = batch * problemsPerStep;
  const settings: RollOutSettings = {
    ...sampling,
    task,
    tokenizer,
    split: 'train',
    problemIndices: problemOrder(draw.key, task.size('train')).problems(before + earlier, problemsPerStep),
    sampler: draw.sampler,
    concurrency: draw.concurrency,
    key: batch === 0 ? stepKey : childKey(stepKey, 'batch', batch),
    signal: draw.signal,
    onProgress: ({ rollouts, rolloutsPlanned }) => {
      const rolloutsBefore = earlier * sampling.groupSize;
      if (draw.isAwaited?.() ?? true)
        report({
          kind: 'progress',
          doing: 'sampling',
          done: rolloutsBefore + rollouts,
          planned: rolloutsBefore + rolloutsPlanned,
        });
    },
    ...(watch === undefined ? {} : { watch }),
  };
  return beginRollOut(settings);
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
