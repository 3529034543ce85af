/**
 * The model being trained: our losses on its server's terms, the gradient between steps, and what becomes of it when something is not finite
 * or another state is loaded. Callers await each call before the next; a result may be awaited later.
 *
 * Dimensions: D datums, L positions of a datum.
 */
import { randomUUID } from 'node:crypto';
import type { Datum, Loss } from '../../core/datum.ts';
import { EngineError } from '../../core/errors.ts';
import type { AdamW } from '../engine.ts';
import { Accumulator } from './accumulator.ts';
import { TinkerError } from './failure.ts';
import { checkpointName, ModelClient, type Operation } from './model-client.ts';
import { exactPass, forwardPass, isFinitePass, isStock, maskedLogprobs, type Pass, stockPass } from './passes.ts';
import type { Profile } from './profile.ts';
import type { Session } from './session.ts';
import type { ForwardBackwardOutput, LoraConfig } from './wire.ts';

export interface TrainerParts {
  readonly session: Session;
  /** The server's name of the model it starts from. */
  readonly model: string;
  readonly lora: LoraConfig;
  readonly profile: Profile;
}

/** What the server has taken: its result comes. */
export interface Begun<Result> {
  readonly result: Promise<Result>;
}

const begun = async <Result>({ submitted, result }: Operation<Result>): Promise<Begun<Result>> => {
  await submitted;
  return { result };
};

/** SkyRL's, and what others may call it. */
const GRADIENT_NORM = /(^|[/.])grad(ient)?_norm(:\w+)?$/;

export class Trainer {
  readonly #parts: TrainerParts;
  readonly #accumulator: Accumulator;
  /** What is saved by this trainer is named after it. */
  readonly #tag = randomUUID().slice(0, 8);
  #saves = 0;
  #model: ModelClient;
  /** A pass of this step was not finite and was not sent. */
  #isFaulty = false;
  /** The last pass, which the server may not have finished: where it must not meet one of another loss. */
  #last: { readonly key: string; readonly result: Promise<unknown> } | undefined;

  private constructor(parts: TrainerParts, model: ModelClient) {
    this.#parts = parts;
    this.#model = model;
    this.#accumulator = new Accumulator(parts.profile.reduction);
  }

  /** @throws TinkerError when the server makes no model */
  static async create(parts: TrainerParts): Promise<Trainer> {
    return new Trainer(parts, await freshModel(parts));
  }

  /** [D][L] log-probabilities, 0 where the mask is 0. */
  async forward(data: readonly Datum[]): Promise<Begun<Float32Array[]>> {
    if (data.length === 0) return { result: Promise.resolve([]) };
    const pass = forwardPass(data, this.#parts.profile);
    await this.#apart(pass);
    return this.#read(data, pass, this.#model.forward(pass.data, pass.loss));
  }

  /** Adds the gradient to the step's; [D][L] log-probabilities, 0 where the mask is 0. */
  async gradient(data: readonly Datum[], loss: Loss): Promise<Begun<Float32Array[]>> {
    if (data.length === 0) return { result: Promise.resolve([]) };
    const { profile } = this.#parts;
    if (!isStock(loss, data, profile)) {
      const logprobs = await (await this.forward(data)).result;
      const added = await this.#add(exactPass(data, loss, logprobs, profile));
      // its log-probabilities are those of the forward pass; only whether it went well is awaited
      return { result: added === undefined ? Promise.resolve(logprobs) : added.result.then(() => logprobs) };
    }
    const pass = stockPass(data, loss, profile);
    if (this.#accumulator.waits || !isFinitePass(pass)) {
      const read = await this.forward(data);
      await this.#add(pass);
      return read;
    }
    const { result } = (await this.#add(pass)) as Begun<ForwardBackwardOutput>;
    return { result: result.then((output) => maskedLogprobs(data, output)) };
  }

  /**
   * The norm of the gradient, where the server says it.
   * @throws EngineError with `isGradientFault` when a pass was not finite: the gradient is dropped, the model as it was
   */
  async step(adam: AdamW): Promise<Begun<number | undefined>> {
    if (this.#isFaulty) {
      await this.#dropGradient();
      throw new EngineError(
        'the gradient is not finite; the step was not taken and the gradient cleared: look for infinite weights or log-probabilities in the data',
        { isGradientFault: true },
      );
    }
    const flushed = this.#accumulator.flush(this.#model);
    await Promise.all(flushed.map(({ submitted }) => submitted));
    const { result } = await begun(
      this.#model.optimStep({
        learningRate: adam.learningRate,
        beta1: adam.beta1,
        beta2: adam.beta2,
        eps: adam.epsilon,
        weightDecay: adam.weightDecay,
        gradClipNorm: adam.maxGradNorm,
      }),
    );
    return {
      result: Promise.all([result, ...flushed.map((each) => each.result)]).then(([metrics]) => checkedNorm(metrics)),
    };
  }

  /** The weights for sampling at once: the sampling session's name. */
  saveForSampler(): Promise<Begun<string>> {
    return begun(this.#model.saveForSampler());
  }

  /** Weights and optimizer, without the step's gradient: where they lie. */
  save(): Promise<Begun<string>> {
    return begun(this.#model.saveState(this.#name('state')));
  }

  /** The weights alone, to be kept: where they lie. */
  saveWeights(): Promise<Begun<string>> {
    return begun(this.#model.saveWeightsForSampler(this.#name('weights')));
  }

  /** Goes on from what `save` saved, with no gradient: in a new model, because servers load into nothing else. */
  async restore(path: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      if (!this.#model.isFresh) {
        await this.#model.unload();
        this.#model = await freshModel(this.#parts);
      }
      try {
        await this.#model.loadState(path, true).result;
        break;
      } catch (error) {
        // a repeat of a request whose answer was lost is refused, because the model is no longer fresh: another one is
        const mayBeOurs = error instanceof TinkerError && (error.kind === 'request' || error.kind === 'conflict');
        if (!mayBeOurs || attempt > 0) throw error;
      }
    }
    this.#accumulator.clear();
    this.#isFaulty = false;
    this.#last = undefined;
  }

  #name(what: string): string {
    return checkpointName('polarity', this.#tag, what, this.#saves++);
  }

  /** Undefined: it waits for the step, or is not finite and was not sent. */
  async #add(pass: Pass): Promise<Begun<ForwardBackwardOutput> | undefined> {
    if (!isFinitePass(pass)) {
      this.#isFaulty = true;
      return undefined;
    }
    await this.#apart(pass);
    const operation = this.#accumulator.add(pass, this.#model);
    if (operation === undefined) return undefined;
    this.#last = { key: keyOf(pass), result: operation.result };
    return begun(operation);
  }

  async #read(data: readonly Datum[], pass: Pass, operation: Operation<ForwardBackwardOutput>) {
    this.#last = { key: keyOf(pass), result: operation.result };
    const { result } = await begun(operation);
    return { result: result.then((output) => maskedLogprobs(data, output)) };
  }

  /** Where requests that wait together get one loss, one of another loss waits until the last is done. */
  async #apart(pass: Pass): Promise<void> {
    if (!this.#parts.profile.mergesLosses || this.#last === undefined || this.#last.key === keyOf(pass)) return;
    await this.#last.result.catch(() => {});
  }

  /** There is no call that clears a gradient, so the model is saved, which leaves the gradient out, and made anew. */
  async #dropGradient(): Promise<void> {
    if (this.#accumulator.isSent) await this.restore(await (await this.save()).result);
    this.#accumulator.clear();
    this.#isFaulty = false;
  }
}

const freshModel = async ({ session, model, lora }: TrainerParts): Promise<ModelClient> =>
  new ModelClient(session, await session.createModel(model, lora));

const keyOf = ({ loss }: Pass): string => JSON.stringify(loss);

/** Absent where the server does not say it; NaN where it is no number. */
export const gradientNormOf = (metrics: Readonly<Record<string, number>>): number | undefined =>
  Object.entries(metrics).find(([name]) => GRADIENT_NORM.test(name))?.[1];

/** @throws TinkerError when it is not finite: the server has taken a step that spoilt the weights */
function checkedNorm(metrics: Readonly<Record<string, number>>): number | undefined {
  const norm = gradientNormOf(metrics);
  if (norm !== undefined && !Number.isFinite(norm))
    throw new TinkerError(
      'lost',
      'the server took an optimizer step on a gradient that is not finite, which spoils the weights; go on from the last checkpoint with a smaller learning rate',
    );
  return norm;
}
