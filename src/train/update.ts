/**
 * Optimizer steps: gradients of a minibatch, then AdamW, all submitted before anything is awaited, so that an engine far away does them in
 * one go. A gradient that is not finite costs the step, not the run.
 *
 * Dimensions: T completion tokens.
 */
import type { Datum, Loss } from '../core/datum.ts';
import { EngineError } from '../core/errors.ts';
import { childKey, type RandomKey } from '../core/random.ts';
import type { ForwardBackwardResult, OptimStepResult } from '../engine/engine.ts';
import { type ClipCounts, joinedClips } from './clip-counts.ts';
import { type Gradient, gradientOf, logprobsOf, overCompletions, type UpdateSettings } from './gradient.ts';
import type { Term } from './minibatches.ts';

export interface Update {
  /** The rollouts that took part in the gradient. */
  readonly terms: readonly Term[];
  /** [terms][T] the trainer's log-probabilities before this step, in nats. */
  readonly logprobs: readonly Float32Array[];
  /** [terms][T] the reference policy's, where the sentence has one. */
  readonly referenceLogprobs?: readonly Float32Array[];
  readonly loss: number;
  /** The engine's own loss; absent where the gradient is closed-form. */
  readonly stock?: Loss;
  /** Tokens that the bounds of a closed-form loss decided. */
  readonly clips?: ClipCounts;
  /** Absent when the engine refused the gradient. */
  readonly optim?: OptimStepResult;
  readonly fault?: string;
}

/** The minibatches of a step in order; those without a gradient leave no update. @throws EngineError */
export async function updateAll(
  parts: readonly (readonly Term[])[],
  settings: UpdateSettings,
  key: RandomKey,
): Promise<Update[]> {
  const { engine, requirements, temperature } = settings;
  // all before the first update: pi_old is the policy that begins the step, which the first part sees anyway
  const old = requirements.trainerLogprobs
    ? await Promise.all(parts.map((part, i) => (i === 0 ? undefined : logprobsOf(engine, part, { temperature }))))
    : [];
  const submitted = new Submitted();
  for (const [i, part] of parts.entries()) {
    const update = new UpdateUnderway(settings, childKey(key, i));
    await submitted.elseItsFailure(update.add(part, old[i]));
    submitted.push(update.finish());
  }
  return submitted.all();
}

/** Updates that were submitted and not yet awaited. */
export class Submitted {
  readonly #updates: Promise<Update | undefined>[] = [];

  push(update: Promise<Update | undefined>): void {
    // told by `all`, or by what fails after it
    update.catch(() => undefined);
    this.#updates.push(update);
  }

  /** Where `work` fails because an earlier update did, that one's failure is the cause, and thrown. */
  async elseItsFailure<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      await this.all();
      throw error;
    }
  }

  async all(): Promise<Update[]> {
    return (await Promise.all(this.#updates)).flatMap((update) => update ?? []);
  }
}

/** A gradient that was handed to the engine. */
interface Piece extends Gradient {
  readonly result: Promise<ForwardBackwardResult>;
}

/** An update being put together: pieces in the order they are added, then the optimizer step. */
export class UpdateUnderway {
  readonly #settings: UpdateSettings;
  readonly #key: RandomKey;
  readonly #pieces: Piece[] = [];
  readonly #repeats: Promise<unknown>[] = [];
  #factor = 1;
  #loss = 0;
  readonly #clips: ClipCounts[] = [];

  /** @param key for random choices of closed-form losses; a different one for every minibatch */
  constructor(settings: UpdateSettings, key: RandomKey) {
    this.#settings = settings;
    this.#key = key;
  }

  /**
   * Submits the gradient of these rollouts; resolves when it is submitted, not when it is computed.
   * @param old [terms][T] log pi_old where the sentence wants the trainer's and weights have moved since the step began
   */
  async add(terms: readonly Term[], old?: readonly Float32Array[]): Promise<void> {
    const gradient = await gradientOf(terms, this.#settings, this.#key, old);
    const { data, loss, closed } = gradient;
    this.#loss += closed?.loss ?? 0;
    if (closed?.clips !== undefined) this.#clips.push(closed.clips);
    if (data.length > 0) this.#pieces.push({ ...gradient, result: this.#submit(data, loss) });
  }

  /**
   * Multiplies everything added by `factor`, at least 1, by adding factor - 1 of it again: losses are homogeneous in the weights, so this
   * is exact. It costs the gradient a second time.
   */
  multiply(factor: number): void {
    if (factor === 1) return;
    const again = (datum: Datum) => ({ ...datum, weight: datum.weight.map((weight) => weight * (factor - 1)) });
    for (const { data, loss } of this.#pieces) this.#repeats.push(this.#submit(data.map(again), loss));
    this.#factor *= factor;
  }

  /**
   * Submits the optimizer step. @returns undefined when no rollout has a gradient: no step is taken then
   * @throws EngineError when the engine failed for any reason other than a gradient that is not finite
   */
  async finish(): Promise<Update | undefined> {
    const { engine, adam, watch } = this.#settings;
    const [first] = this.#pieces;
    if (first === undefined) return undefined;
    const optim = watch('the optimizer step', () => engine.optimStep(adam));
    // awaited below, after the gradients: what failed first is the cause
    optim.catch(() => undefined);
    const results = await Promise.all(this.#pieces.map(({ result }) => result));
    await Promise.all(this.#repeats);
    const sum = first.closed === undefined ? results.reduce((total, { loss }) => total + loss, 0) : this.#loss;
    const references = this.#pieces.flatMap(({ closed }) => closed?.referenceLogprobs ?? []);
    const update = {
      ...(references.length > 0 && { referenceLogprobs: references }),
      terms: this.#pieces.flatMap(({ terms }) => terms),
      logprobs: this.#pieces.flatMap(
        ({ data, closed }, i) => closed?.logprobs ?? overCompletions(data, results[i]?.logprobs ?? []),
      ),
      loss: sum * this.#factor,
      ...(first.closed === undefined && { stock: first.loss }),
      ...(this.#clips.length > 0 && { clips: joinedClips(this.#clips) }),
    };
    try {
      return { ...update, optim: await optim };
    } catch (error) {
      // optimStep clears a gradient it refuses and leaves the weights as they were: the next minibatch may be sound
      if (error instanceof EngineError && error.isGradientFault) return { ...update, fault: error.message };
      throw error;
    }
  }

  #submit(data: readonly Datum[], loss: Loss): Promise<ForwardBackwardResult> {
    const { engine, temperature, watch } = this.#settings;
    const what = `forward_backward of ${data.length} rollouts`;
    const result = watch(what, () => engine.forwardBackward(data, loss, { temperature }));
    // awaited when the optimizer step is submitted
    result.catch(() => undefined);
    return result;
  }
}
