/**
 * The embedded engine: a transformer as ONNX graphs on this machine's CPU. Keeps the Engine contract of engine.ts.
 */
import { join } from 'node:path';
import type { Datum, Loss } from '../../core/datum.ts';
import { writeDurably } from '../../core/durable-file.ts';
import { EngineError } from '../../core/errors.ts';
import { type Backend, createExecutor } from '../../graph/create-executor.ts';
import type { Executor } from '../../graph/executor.ts';
import { createAdamW } from '../../model/adamw.ts';
import { type ModelConfig, toConfigJson } from '../../model/config.ts';
import { type ParameterLayout, parameterLayout } from '../../model/parameters.ts';
import { checkAdamW, checkData, checkForward } from '../checks.ts';
import type {
  AdamW,
  Capabilities,
  Engine,
  ForwardBackwardResult,
  ForwardOptions,
  ForwardResult,
  OptimStepResult,
  Sampler,
} from '../engine.ts';
import { microBatches } from './batches.ts';
import { checkMemory } from './memory-plan.ts';
import { readModelConfig } from './model-folder.ts';
import type { TrainingPlan } from './plan.ts';
import { choosePlan, type PlanName, startPlan } from './plan-choice.ts';
import { OnnxSampler } from './sampler.ts';
import { openWeights, readState, writeState, writeWeights } from './state.ts';

export interface OnnxEngineOptions {
  readonly backend: Backend;
  /** Threads inside one operator. */
  readonly threads: number;
  /** Completions decoded together. */
  readonly rows: number;
  /** Positions of one training micro-batch, padding included. */
  readonly tokenBudget: number;
  /** How micro-batches are computed; chosen by the model's size when left out (`plan-choice.ts`). */
  readonly plan?: PlanName;
  /** The latest so many samplers stay usable; older ones are retired, so that sessions do not pile up. Default 2. */
  readonly keptSamplers?: number;
}

const KEPT_SAMPLERS = 2;

export interface OnnxEngine extends Engine {
  readonly config: ModelConfig;
  readonly backend: 'koffi' | 'node';
  /** Why the portable back end is in use although 'auto' was asked for. */
  readonly fallbackReason: string | undefined;
  /** Compiled graphs held at this moment: a few, however long it trains. */
  readonly liveSessions: number;
}

/**
 * Loads a model folder in the Hugging Face layout (config.json, model.safetensors). Both are checked against each other and against
 * the machine's memory before any is taken.
 * @throws EngineError naming the file and what is wrong.
 */
export async function loadOnnxEngine(directory: string, options: OnnxEngineOptions): Promise<OnnxEngine> {
  const config = await readModelConfig(directory);
  const layout = parameterLayout(config);
  const weights = await openWeights(directory, layout);
  checkMemory(config, `the policy in ${directory}`);
  const parameters = new Float32Array(layout.length);
  await weights.into(parameters);
  return createOnnxEngine(config, parameters, options);
}

export function capabilitiesOf(config: ModelConfig): Capabilities {
  return {
    entropies: true,
    temperature: true,
    isExact: true,
    filteredSampling: true,
    trains: 'full',
    snapshots: 'immutable',
    maxContext: config.maxContext,
    vocabularySize: config.vocabularySize,
  };
}

/** `parameters`: flat, laid out by `parameterLayout(config)`; the engine owns it from here on. */
export async function createOnnxEngine(
  config: ModelConfig,
  parameters: Float32Array,
  options: OnnxEngineOptions,
): Promise<OnnxEngine> {
  const { executor, fallbackReason } = await createExecutor(options);
  try {
    return new Embedded(config, parameters, options, executor, fallbackReason);
  } catch (cause) {
    executor.close();
    if (!(cause instanceof RangeError)) throw cause;
    throw new EngineError('there is no memory for the gradient and moments of this policy; choose a smaller one', {
      cause,
    });
  }
}

class Embedded implements OnnxEngine {
  readonly config: ModelConfig;
  readonly capabilities: Capabilities;
  readonly backend: 'koffi' | 'node';
  readonly fallbackReason: string | undefined;
  policyVersion = 0;
  readonly #options: OnnxEngineOptions;
  readonly #executor: Executor;
  readonly #layout: ParameterLayout;
  readonly #parameters: Float32Array;
  readonly #gradient: Float32Array;
  readonly #firstMoment: Float32Array;
  readonly #secondMoment: Float32Array;
  readonly #plan: TrainingPlan;
  readonly #adamw: ReturnType<typeof createAdamW>;
  #samplers: OnnxSampler[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    config: ModelConfig,
    parameters: Float32Array,
    options: OnnxEngineOptions,
    executor: Executor,
    fallbackReason: string | undefined,
  ) {
    this.config = config;
    this.backend = executor.backend;
    this.fallbackReason = fallbackReason;
    this.capabilities = capabilitiesOf(config);
    this.#options = options;
    this.#executor = executor;
    this.#layout = parameterLayout(config);
    this.#parameters = parameters;
    this.#gradient = new Float32Array(parameters.length);
    this.#firstMoment = new Float32Array(parameters.length);
    this.#secondMoment = new Float32Array(parameters.length);
    const plan = options.plan ?? choosePlan(config, options.tokenBudget);
    this.#plan = startPlan(plan, executor, config, parameters, this.#gradient);
    this.#adamw = createAdamW(executor, parameters.length);
  }

  get liveSessions(): number {
    return this.#executor.liveSessions;
  }

  sampler(): Promise<Sampler> {
    return this.#inOrder(async () => {
      const current = this.#samplers[0];
      if (current?.policyVersion === this.policyVersion) return current;
      const { policyVersion } = this;
      const parameters = this.#parameters.slice();
      const { rows } = this.#options;
      const sampler = new OnnxSampler({
        executor: this.#executor,
        config: this.config,
        capabilities: this.capabilities,
        parameters,
        policyVersion,
        rows,
      });
      this.#samplers.unshift(sampler);
      for (const old of this.#samplers.splice(this.#options.keptSamplers ?? KEPT_SAMPLERS)) await old.release();
      return sampler;
    });
  }

  forward(data: readonly Datum[], options: ForwardOptions = {}): Promise<ForwardResult> {
    return this.#inOrder(async () => {
      checkForward(options, this.capabilities);
      const { logprobs, entropies } = await this.#score(data, options, undefined);
      return { logprobs, entropies };
    });
  }

  forwardBackward(data: readonly Datum[], loss: Loss, options: ForwardOptions = {}): Promise<ForwardBackwardResult> {
    return this.#inOrder(async () => {
      checkForward(options, this.capabilities, loss);
      return this.#score(data, options, loss);
    });
  }

  optimStep(adam: AdamW): Promise<OptimStepResult> {
    return this.#inOrder(async () => {
      checkAdamW(adam);
      const { gradNorm } = await this.#adamw.step({
        parameters: this.#parameters,
        gradient: this.#gradient,
        firstMoment: this.#firstMoment,
        secondMoment: this.#secondMoment,
        stepNumber: this.policyVersion + 1,
        settings: adam,
      });
      this.policyVersion++;
      return { gradNorm, policyVersion: this.policyVersion };
    });
  }

  saveState(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      await writeState(directory, this.#layout, this.#buffers(), this.policyVersion);
      await this.#writeConfig(directory);
    });
  }

  loadState(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      this.policyVersion = await readState(directory, this.#layout, this.#buffers());
      this.#gradient.fill(0);
      // versions may repeat with other weights, so no sampler survives
      for (const old of this.#samplers.splice(0)) await old.release();
    });
  }

  exportWeights(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      await writeWeights(directory, this.#layout, this.#parameters);
      await this.#writeConfig(directory);
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#inOrder(async () => {
      for (const sampler of this.#samplers.splice(0)) await sampler.release();
      this.#plan.release();
      this.#adamw.release();
      this.#executor.close();
    });
    return this.#closing;
  }

  async #score(
    data: readonly Datum[],
    { temperature = 1 }: ForwardOptions,
    loss: Loss | undefined,
  ): Promise<ForwardBackwardResult> {
    checkData(data, this.capabilities);
    const results = {
      logprobs: data.map(({ input }) => new Float32Array(input.length)),
      entropies: data.map(({ input }) => new Float32Array(input.length)),
    };
    const lengths = data.map(({ input }) => input.length);
    let total = 0;
    for (const batch of microBatches(lengths, this.#options.tokenBudget))
      total += await this.#plan.run(batch, data, results, temperature, loss);
    return { ...results, loss: total };
  }

  #buffers() {
    return { parameters: this.#parameters, firstMoment: this.#firstMoment, secondMoment: this.#secondMoment };
  }

  async #writeConfig(directory: string): Promise<void> {
    await writeDurably(join(directory, 'config.json'), `${JSON.stringify(toConfigJson(this.config), null, 2)}\n`);
  }

  /** Calls take effect in the order they are made; a failed one does not stop the next. */
  #inOrder<T>(call: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new EngineError('the engine is closed'));
    const result = this.#last.then(call);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
