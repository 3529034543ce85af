/**
 * The fake engine: keeps the whole Engine contract with an exact, tiny policy (`fake-policy.ts`), without any runtime behind it.
 * It is the contract's definition for tests, and fast enough to train a whole loop in milliseconds.
 *
 * Everything is float64 in a fixed order, so equal calls give equal bits.
 *
 * Dimensions: V vocabulary, R rows of the table, D datums, L positions of a datum.
 */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Datum, Loss } from '../core/datum.ts';
import { writeDurably } from '../core/durable-file.ts';
import { EngineError, UserError } from '../core/errors.ts';
import { childKey, type RandomKey, uniform } from '../core/random.ts';
import type { Completion } from '../core/rollout.ts';
import { checkAdamW, checkData, checkForward, checkSampleRequest } from './checks.ts';
import type {
  AdamW,
  Capabilities,
  Engine,
  ForwardBackwardResult,
  ForwardOptions,
  ForwardResult,
  OptimStepResult,
  SampleRequest,
  Sampler,
} from './engine.ts';
import {
  argmax,
  type Conditioning,
  type Distribution,
  distribution,
  drawToken,
  initialTable,
  rowOf,
  type TableShape,
} from './fake-policy.ts';
import { readState, writeState } from './fake-state.ts';
import { tokenLoss } from './token-loss.ts';

export interface FakeEngineSettings {
  readonly vocabularySize: number;
  readonly maxContext: number;
  readonly seed: number;
  /** Default: the last token, at any position. */
  readonly conditioning?: Conditioning;
  /** Standard deviation of the initial logits; 0 starts from the uniform policy. Default 1. */
  readonly initialLogitStd?: number;
}

/** @throws UserError when the table would be empty or too large. */
export function createFakeEngine(settings: FakeEngineSettings): Engine {
  if (!Number.isInteger(settings.maxContext) || settings.maxContext < 2) {
    throw new UserError(`maxContext must be an integer of at least 2, got ${settings.maxContext}`);
  }
  return new FakeEngine(settings);
}

class FakeEngine implements Engine {
  readonly capabilities: Capabilities;
  readonly #shape: TableShape;
  #policyVersion = 0;
  /** [R x V] each */
  #logits: Float64Array;
  #gradient: Float64Array;
  #firstMoment: Float64Array;
  #secondMoment: Float64Array;
  #isClosed = false;
  /** Settles when every call made so far has taken effect. */
  #earlierCalls: Promise<unknown> = Promise.resolve();

  constructor({ vocabularySize, maxContext, seed, conditioning, initialLogitStd = 1 }: FakeEngineSettings) {
    this.#shape = { vocabularySize, conditioning: conditioning ?? { lastTokens: 1, positions: 1 } };
    this.#logits = initialTable(this.#shape, seed, initialLogitStd);
    this.#gradient = new Float64Array(this.#logits.length);
    this.#firstMoment = new Float64Array(this.#logits.length);
    this.#secondMoment = new Float64Array(this.#logits.length);
    this.capabilities = {
      entropies: true,
      temperature: true,
      isExact: true,
      filteredSampling: true,
      trains: 'full',
      snapshots: 'immutable',
      maxContext,
      vocabularySize,
    };
  }

  get policyVersion(): number {
    return this.#policyVersion;
  }

  sampler(): Promise<Sampler> {
    return this.#inOrder(() => {
      const frozen = this.#logits.slice();
      return new FakeSampler(this.#shape, frozen, this.#policyVersion, this.capabilities, () => this.#refuseIfClosed());
    });
  }

  forward(data: readonly Datum[], options: ForwardOptions = {}): Promise<ForwardResult> {
    return this.#inOrder(() => {
      checkForward(options, this.capabilities);
      const { logprobs, entropies } = this.#pass(data, options, undefined);
      return { logprobs, entropies };
    });
  }

  forwardBackward(data: readonly Datum[], loss: Loss, options: ForwardOptions = {}): Promise<ForwardBackwardResult> {
    return this.#inOrder(() => {
      checkForward(options, this.capabilities, loss);
      return this.#pass(data, options, loss);
    });
  }

  optimStep(adam: AdamW): Promise<OptimStepResult> {
    return this.#inOrder(() => {
      checkAdamW(adam);
      const gradNorm = Math.sqrt(this.#gradient.reduce((sum, g) => sum + g * g, 0));
      if (!Number.isFinite(gradNorm)) {
        this.#gradient.fill(0);
        throw new EngineError(
          `the gradient is not finite (norm ${gradNorm}) at policy version ${this.#policyVersion}; ` +
            'the step was not taken and the gradient cleared: look for infinite weights or log-probabilities in the data',
          { isGradientFault: true },
        );
      }
      this.#adamStep(adam, gradNorm);
      this.#gradient.fill(0);
      this.#policyVersion++;
      return { gradNorm, policyVersion: this.#policyVersion };
    });
  }

  saveState(directory: string): Promise<void> {
    return this.#inOrder(() =>
      writeState(directory, {
        shape: this.#shape,
        policyVersion: this.#policyVersion,
        logits: this.#logits,
        firstMoment: this.#firstMoment,
        secondMoment: this.#secondMoment,
      }),
    );
  }

  loadState(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      const state = await readState(directory, this.#shape);
      this.#policyVersion = state.policyVersion;
      this.#logits = state.logits;
      this.#firstMoment = state.firstMoment;
      this.#secondMoment = state.secondMoment;
      this.#gradient.fill(0);
    });
  }

  /** Differs from the contract's layout: no architecture of the Hugging Face library fits, so the table is `model.json`, one row a list. */
  exportWeights(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      const V = this.#shape.vocabularySize;
      const rows = Array.from({ length: this.#logits.length / V }, (_, r) => [
        ...this.#logits.subarray(r * V, (r + 1) * V),
      ]);
      const config = { model_type: 'polarity-fake', ...this.#shape, maxContext: this.capabilities.maxContext };
      await writeDurably(join(directory, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
      await writeDurably(
        join(directory, 'model.json'),
        `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`,
      );
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#earlierCalls;
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw new EngineError('the engine is closed; make a new one');
  }

  /** Runs `work` after every earlier call, whether those succeeded or not. */
  async #inOrder<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    this.#refuseIfClosed();
    const result = this.#earlierCalls.then(work);
    this.#earlierCalls = result.catch(() => undefined);
    return result;
  }

  #row(tokens: ArrayLike<number>, i: number): { readonly start: number; readonly logits: Float64Array } {
    const start = rowOf(this.#shape, tokens, i) * this.#shape.vocabularySize;
    return { start, logits: this.#logits.subarray(start, start + this.#shape.vocabularySize) };
  }

  /** One pass over the data; with a loss also its sum, and its gradient added to the accumulated one. */
  #pass(data: readonly Datum[], { temperature = 1 }: ForwardOptions, loss: Loss | undefined): ForwardBackwardResult {
    checkData(data, this.capabilities);
    let lossSum = 0;
    const logprobs: Float32Array[] = [];
    const entropies: Float32Array[] = [];
    for (const { input, target, mask, weight, samplingLogprob } of data) {
      const logprobs_L = new Float32Array(input.length);
      const entropies_L = new Float32Array(input.length);
      for (let i = 0; i < input.length; i++) {
        if (mask[i] === 0) continue;
        const { start, logits } = this.#row(input, i);
        const next = distribution(logits, temperature);
        const logprob = next.logprobs[target[i]!]!;
        logprobs_L[i] = logprob;
        entropies_L[i] = next.entropy;
        if (loss === undefined) continue;
        const { value, slope } = tokenLoss(loss, logprob, samplingLogprob[i]!, weight[i]!);
        lossSum += value;
        this.#addGradient(start, next, target[i]!, slope / temperature);
      }
      logprobs.push(logprobs_L);
      entropies.push(entropies_L);
    }
    return { loss: lossSum, logprobs, entropies };
  }

  /** d logprob(target) / d logit(v) = ((v = target) - p(v)) / temperature; the temperature is already in `slope`. */
  #addGradient(start: number, { probabilities }: Distribution, target: number, slope: number): void {
    for (let v = 0; v < probabilities.length; v++) {
      this.#gradient[start + v]! += slope * ((v === target ? 1 : 0) - probabilities[v]!);
    }
  }

  /** theta <- theta (1 - lr wd) - lr m^ / (sqrt(v^) + eps)   (arXiv:1711.05101v3, Algorithm 2, with the schedule in lr) */
  #adamStep({ learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm }: AdamW, gradNorm: number): void {
    const scale = maxGradNorm > 0 && gradNorm > maxGradNorm ? maxGradNorm / gradNorm : 1;
    const correction1 = 1 - beta1 ** (this.#policyVersion + 1);
    const correction2 = 1 - beta2 ** (this.#policyVersion + 1);
    for (let j = 0; j < this.#logits.length; j++) {
      const g = this.#gradient[j]! * scale;
      const m = beta1 * this.#firstMoment[j]! + (1 - beta1) * g;
      const v = beta2 * this.#secondMoment[j]! + (1 - beta2) * g * g;
      this.#firstMoment[j] = m;
      this.#secondMoment[j] = v;
      const step = (learningRate * (m / correction1)) / (Math.sqrt(v / correction2) + epsilon);
      this.#logits[j] = this.#logits[j]! * (1 - learningRate * weightDecay) - step;
    }
  }
}

class FakeSampler implements Sampler {
  readonly policyVersion: number;
  readonly #shape: TableShape;
  readonly #logits: Float64Array;
  readonly #capabilities: Capabilities;
  readonly #refuseIfClosed: () => void;

  constructor(
    shape: TableShape,
    logits: Float64Array,
    policyVersion: number,
    capabilities: Capabilities,
    refuseIfClosed: () => void,
  ) {
    this.#shape = shape;
    this.#logits = logits;
    this.policyVersion = policyVersion;
    this.#capabilities = capabilities;
    this.#refuseIfClosed = refuseIfClosed;
  }

  async sample(request: SampleRequest): Promise<Completion[]> {
    this.#refuseIfClosed();
    checkSampleRequest(request, this.#capabilities);
    const completions: Completion[] = [];
    for (let i = 0; i < request.count; i++) {
      // other requests run in between, as they do in an engine that batches
      await setImmediate();
      completions.push(this.#complete(request, childKey(request.key, i)));
    }
    return completions;
  }

  #complete(
    { prompt, maxTokens, temperature, topK = 0, topP = 1, stopTokens }: SampleRequest,
    key: RandomKey,
  ): Completion {
    const V = this.#shape.vocabularySize;
    const sequence = [...prompt];
    const logprobs: number[] = [];
    const entropies: number[] = [];
    for (let t = 0; t < maxTokens; t++) {
      const start = rowOf(this.#shape, sequence, sequence.length - 1) * V;
      const next = distribution(this.#logits.subarray(start, start + V), temperature === 0 ? 1 : temperature);
      const token =
        temperature === 0 ? argmax(next.logprobs) : drawToken(next.probabilities, topK, topP, uniform(key, t));
      sequence.push(token);
      logprobs.push(next.logprobs[token]!);
      entropies.push(next.entropy);
      if (stopTokens.includes(token)) break;
    }
    return {
      tokens: Int32Array.from(sequence.slice(prompt.length)),
      logprobs: Float32Array.from(logprobs),
      entropies: Float32Array.from(entropies),
      stopReason: stopTokens.includes(sequence.at(-1)!) ? 'stop' : 'length',
      policyVersion: this.policyVersion,
    };
  }
}
