/**
 * Training plan for models whose activations fit: one graph for forward and backward, compiled once per shape, weights and gradients
 * bound in place. Knows no tasks and no objectives.
 *
 * Dimensions: B sequences, T positions, N = B*T rows, C hidden.
 */
import type { Datum, Loss } from '../../core/datum.ts';
import type { Binding, Executor, Session, Tensor } from '../../graph/executor.ts';
import { encodeModel } from '../../graph/onnx-model.ts';
import { float32, int64 } from '../../graph/tensor.ts';
import type { ModelConfig } from '../../model/config.ts';
import { type ParameterLayout, parameterLayout, view } from '../../model/parameters.ts';
import { trainingGraph } from '../../model/training-graph.ts';
import { addRows, type BatchArrays, batchArrays, fillBatch, type MicroBatch, scatterRows } from './batches.ts';
import { Kept } from './kept.ts';
import { graphKey, numberInputs, type TrainingPlan } from './plan.ts';

interface Compiled {
  readonly session: Session;
  readonly binding: Binding;
  readonly arrays: BatchArrays;
  readonly logprobs: Float32Array;
  readonly entropies: Float32Array;
  readonly losses: Float32Array;
  readonly inputGradient: Float32Array;
  readonly setNumbers: (loss: Loss) => void;
}

/** Compiled shapes kept. */
const KEPT_SHAPES = 16;

export class WholePlan implements TrainingPlan {
  readonly #executor: Executor;
  readonly #config: ModelConfig;
  readonly #layout: ParameterLayout;
  readonly #parameters: Float32Array;
  readonly #gradient: Float32Array;
  readonly #compiled = new Kept<Compiled>(KEPT_SHAPES, ({ binding, session }) => {
    binding.release();
    session.release();
  });

  /** `parameters` and `gradient` are flat buffers laid out by `parameterLayout`; gradients are added to `gradient`. */
  constructor(executor: Executor, config: ModelConfig, parameters: Float32Array, gradient: Float32Array) {
    this.#executor = executor;
    this.#config = config;
    this.#layout = parameterLayout(config);
    this.#parameters = parameters;
    this.#gradient = gradient;
  }

  async run(
    batch: MicroBatch,
    data: readonly Datum[],
    results: { logprobs: Float32Array[]; entropies: Float32Array[] },
    temperature: number,
    loss: Loss | undefined,
  ): Promise<number> {
    const it = await this.#compile(batch, temperature, loss);
    fillBatch(it.arrays, batch, data);
    if (loss) it.setNumbers(loss);
    await it.binding.runAsync();
    scatterRows(it.logprobs, batch, data, results.logprobs);
    scatterRows(it.entropies, batch, data, results.entropies);
    if (!loss) return 0;
    addRows(it.inputGradient, it.arrays.tokens, view(this.#gradient, this.#layout.tensors[0]!));
    return it.losses.reduce((sum, value) => sum + value, 0);
  }

  release(): void {
    this.#compiled.clear();
  }

  #compile(batch: MicroBatch, temperature: number, loss: Loss | undefined): Promise<Compiled> {
    const { batch: B, length } = batch;
    return this.#compiled.get(`${B} x ${length}, ${graphKey(temperature, loss)}`, async () => {
      const graph = trainingGraph(this.#config, { batch: B, length, temperature }, loss);
      return this.#bind(await this.#executor.session(encodeModel(graph)), batch, loss);
    });
  }

  #bind(session: Session, { batch, length }: MicroBatch, loss: Loss | undefined): Compiled {
    const trains = loss !== undefined;
    const N = batch * length;
    const C = this.#config.hiddenSize;
    const arrays = batchArrays(N);
    const [logprobs, entropies, losses] = [new Float32Array(N), new Float32Array(N), new Float32Array(N)];
    const inputGradient = new Float32Array(trains ? N * C : 0);
    const numbers = numberInputs(loss);
    const inputs: Record<string, Tensor> = {
      ...numbers.inputs,
      tokens: int64(arrays.tokens, N),
      targets: int64(arrays.targets, N),
    };
    const outputs: Record<string, Tensor> = { logprobs: float32(logprobs, N), entropies: float32(entropies, N) };
    for (const slot of this.#layout.tensors) {
      inputs[slot.name] = float32(view(this.#parameters, slot), ...slot.shape);
      if (!trains || (slot.name === 'embedding' && !this.#config.tiedHead)) continue;
      const accumulator = float32(view(this.#gradient, slot), ...slot.shape);
      inputs[`accumulated.${slot.name}`] = accumulator;
      outputs[`gradient.${slot.name}`] = accumulator;
    }
    inputs['lookup'] = inputs['embedding']!;
    if (trains) {
      inputs['mask'] = float32(arrays.mask, N);
      inputs['weights'] = float32(arrays.weights, N);
      inputs['samplingLogprobs'] = float32(arrays.samplingLogprobs, N);
      outputs['losses'] = float32(losses, N);
      outputs['inputGradient'] = float32(inputGradient, N, C);
    }
    const binding = session.bind(inputs, outputs);
    return { session, binding, arrays, logprobs, entropies, losses, inputGradient, setNumbers: numbers.set };
  }
}
