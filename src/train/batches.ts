/**
 * The batches of the coming steps. That of step s is sampled from the policy after max(0, s - k) steps, k = `training.maxStepsOffPolicy`:
 * a fixed lag, not a race, so that what is trained on never depends on timing. With k = 0 it is sampled when its step begins.
 */
import { assert } from '../core/errors.ts';
import { type RandomKey, randomKey } from '../core/random.ts';
import { type Concurrency, concurrencyOf, unwatched } from '../rollout/roll-out.ts';
import { problemsDrawn, type TrainState } from './checkpoint-state.ts';
import type { TrainingRun } from './run.ts';
import { beginStep, type StepUnderway } from './sample-step.ts';
import type { SampledAhead } from './sampled.ts';

export class Batches {
  readonly #run: TrainingRun;
  readonly #key: RandomKey;
  readonly #concurrency: Concurrency;
  readonly #abandoned = new AbortController();
  /** By steps taken before theirs; in order. */
  readonly #begun = new Map<number, StepUnderway>();
  /** The first step without a batch, and the problems drawn before it. */
  #next: number;
  #problems: number | Promise<number>;
  /** The step whose batch is waited for. */
  #awaited = -1;

  /** @param ahead what the checkpoint holds, of the steps from `state.step` on */
  constructor(run: TrainingRun, state: TrainState, ahead: readonly SampledAhead[]) {
    this.#run = run;
    this.#key = randomKey(run.config.seed);
    this.#concurrency = concurrencyOf(run.config.sampling.concurrency);
    this.#next = state.step;
    this.#problems = problemsDrawn(state, run.config.training.problemsPerStep);
    for (const { step, sampled } of ahead) {
      const groups = sampled.sampled.map((group) => Promise.resolve(group));
      this.#add(step, { groups, whole: Promise.resolve(sampled), problems: sampled.problems });
    }
  }

  /** Begins everything that the policy after `state.step` steps has to sample. @throws EngineError */
  async begin({ step }: TrainState): Promise<void> {
    const { maxStepsOffPolicy, steps } = this.#run.config.training;
    const last = Math.min(step + maxStepsOffPolicy, steps - 1);
    if (this.#next > last) return;
    const { engine, watch = unwatched } = this.#run;
    const sampler = await watch('a sampler of the current policy', () => engine.sampler());
    while (this.#next <= last) {
      const number = this.#next;
      const underway = beginStep(this.#run, {
        step: number,
        problems: this.#problems,
        sampler,
        concurrency: this.#concurrency,
        key: this.#key,
        signal: this.#abandoned.signal,
        isAwaited: () => this.#awaited === number,
      });
      this.#add(number, underway);
    }
  }

  /** The batch of the step after `state.step`, which has been begun. It is the caller's now. */
  take({ step }: TrainState): StepUnderway {
    const underway = this.#begun.get(step);
    assert(underway, `the batch of step ${step + 1} was not begun`);
    this.#begun.delete(step);
    this.#awaited = step;
    return underway;
  }

  /** Every batch that waits for its step, once all are sampled: what a checkpoint needs, since their policies will be gone. */
  waiting(): Promise<SampledAhead[]> {
    return Promise.all([...this.#begun].map(async ([step, { whole }]) => ({ step, sampled: await whole })));
  }

  /** Begins no further problem; what is underway ends unheard. */
  abandon(): void {
    this.#abandoned.abort();
  }

  #add(step: number, underway: StepUnderway): void {
    // a failure is told to whoever takes the batch
    underway.whole.catch(() => undefined);
    if (typeof underway.problems !== 'number') underway.problems.catch(() => undefined);
    this.#begun.set(step, underway);
    this.#next = step + 1;
    this.#problems = underway.problems;
  }
}
