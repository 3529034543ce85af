/**
 * Training plan for large models: layer by layer, each layer recomputed in the backward pass, and a head that sees a chunk of the
 * evaluated rows at a time, so that neither all activations nor all logits exist at once. Rows whose mask is 0 never reach the head.
 *
 * Dimensions: B sequences, T positions, N = B*T rows, M evaluated rows, K rows of a head chunk, C hidden, V vocabulary.
 */
import type { Datum, Loss } from '../../core/datum.ts';
import type { Binding, Executor, Session, Tensor } from '../../graph/executor.ts';
import { encodeModel } from '../../graph/onnx-model.ts';
import { float32, int64 } from '../../graph/tensor.ts';
import type { ModelConfig } from '../../model/config.ts';
import { type ParameterLayout, parameterLayout, type Slot, view } from '../../model/parameters.ts';
import { headGraph, layerBackwardGraph, layerForwardGraph, layerTensors } from '../../model/segments.ts';
import { addRows, type BatchArrays, batchArrays, fillBatch, type MicroBatch, scatterRows } from './batches.ts';
import { Kept } from './kept.ts';
import { graphKey, numberInputs, type TrainingPlan } from './plan.ts';

/** Rows of a head chunk: K x V logits of a 150k vocabulary are then about 150 MB. */
export const HEAD_ROWS = 256;
/** Compiled (B, T) shapes kept. */
const KEPT_SHAPES = 4;
/** Compiled heads kept: one to score, one for each form of loss. */
const KEPT_HEADS = 4;

interface Layers {
  readonly sessions: readonly Session[];
  readonly forward: readonly Binding[];
  readonly backward: readonly Binding[];
  readonly arrays: BatchArrays;
  /** [layers + 1][N, C]: the input of each layer, then the last one's output. */
  readonly states: readonly Float32Array[];
  /** Two [N, C] buffers that the cotangent alternates between; layer l reads number (l + 1) % 2 and writes l % 2. */
  readonly cotangents: readonly [Float32Array, Float32Array];
  /** [N] per-row results of the head */
  readonly logprobs: Float32Array;
  readonly entropies: Float32Array;
}

interface Head {
  readonly session: Session;
  readonly binding: Binding;
  readonly arrays: BatchArrays;
  readonly x: Float32Array;
  readonly inputGradient: Float32Array;
  readonly logprobs: Float32Array;
  readonly entropies: Float32Array;
  readonly losses: Float32Array;
  readonly setNumbers: (loss: Loss) => void;
}

export class SegmentedPlan implements TrainingPlan {
  readonly #executor: Executor;
  readonly #config: ModelConfig;
  readonly #layout: ParameterLayout;
  readonly #slots: ReadonlyMap<string, Slot>;
  readonly #parameters: Float32Array;
  readonly #gradient: Float32Array;
  readonly #layers = new Kept<Layers>(KEPT_SHAPES, releaseLayers);
  readonly #heads = new Kept<Head>(KEPT_HEADS, releaseHead);

  /** `parameters` and `gradient` are flat buffers laid out by `parameterLayout`; gradients are added to `gradient`. */
  constructor(executor: Executor, config: ModelConfig, parameters: Float32Array, gradient: Float32Array) {
    this.#executor = executor;
    this.#config = config;
    this.#layout = parameterLayout(config);
    this.#slots = new Map(this.#layout.tensors.map((slot) => [slot.name, slot]));
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
    const layers = await this.#layers.get(`${batch.batch} x ${batch.length}`, () => this.#compileLayers(batch));
    const head = await this.#heads.get(graphKey(temperature, loss), () => this.#compileHead(temperature, loss));
    if (loss) head.setNumbers(loss);
    fillBatch(layers.arrays, batch, data);
    this.#embed(layers);
    for (const binding of layers.forward) await binding.runAsync();
    const total = await this.#runHead(layers, head, loss !== undefined);
    scatterRows(layers.logprobs, batch, data, results.logprobs);
    scatterRows(layers.entropies, batch, data, results.entropies);
    if (!loss) return 0;
    for (const binding of layers.backward.toReversed()) await binding.runAsync();
    const embedding = view(this.#gradient, this.#slots.get('embedding')!);
    addRows(layers.cotangents[0], layers.arrays.tokens, embedding);
    return total;
  }

  release(): void {
    this.#layers.clear();
    this.#heads.clear();
  }

  /** The evaluated rows through the head, a chunk at a time; fills the cotangent of the last layer's output. */
  async #runHead(layers: Layers, head: Head, trains: boolean): Promise<number> {
    const C = this.#config.hiddenSize;
    const { mask } = layers.arrays;
    const output = layers.states[this.#config.layers]!;
    const cotangent = layers.cotangents[this.#config.layers % 2]!;
    cotangent.fill(0);
    const evaluated = Array.from(mask.keys()).filter((row) => mask[row] !== 0);
    let total = 0;
    for (let first = 0; first < evaluated.length; first += HEAD_ROWS) {
      const rows = evaluated.slice(first, first + HEAD_ROWS);
      gatherRows(layers.arrays, head, rows, output, C);
      await head.binding.runAsync();
      rows.forEach((row, i) => {
        layers.logprobs[row] = head.logprobs[i]!;
        layers.entropies[row] = head.entropies[i]!;
        if (!trains) return;
        total += head.losses[i]!;
        cotangent.set(head.inputGradient.subarray(i * C, (i + 1) * C), row * C);
      });
    }
    return total;
  }

  #embed({ arrays: { tokens }, states }: Layers): void {
    const C = this.#config.hiddenSize;
    const embedding = this.#weights('embedding');
    for (let row = 0; row < tokens.length; row++) {
      const from = Number(tokens[row]) * C;
      states[0]!.set(embedding.subarray(from, from + C), row * C);
    }
  }

  #weights(name: string): Float32Array {
    return view(this.#parameters, this.#slots.get(name)!);
  }

  /** A tensor's weights as an input and, for a backward pass, its gradient as accumulator in and out. */
  #bindTensor(into: Ends, local: string, name: string, trains: boolean): void {
    const slot = this.#slots.get(name)!;
    into.inputs[local] = float32(view(this.#parameters, slot), ...slot.shape);
    if (!trains) return;
    const accumulator = float32(view(this.#gradient, slot), ...slot.shape);
    into.inputs[`accumulated.${local}`] = accumulator;
    into.outputs[`gradient.${local}`] = accumulator;
  }

  async #compileLayers({ batch, length }: MicroBatch): Promise<Layers> {
    const shape = { batch, length };
    const forward = await this.#executor.session(encodeModel(layerForwardGraph(this.#config, shape)));
    const backward = await this.#executor.session(encodeModel(layerBackwardGraph(this.#config, shape)));
    return this.#bindLayers(forward, backward, batch * length);
  }

  #bindLayers(forward: Session, backward: Session, N: number): Layers {
    const C = this.#config.hiddenSize;
    const state = () => new Float32Array(N * C);
    const states = Array.from({ length: this.#config.layers + 1 }, state);
    const cotangents: [Float32Array, Float32Array] = [state(), state()];
    const bind = (session: Session, layer: number, trains: boolean) => {
      const ends: Ends = { inputs: { x: float32(states[layer]!, N, C) }, outputs: {} };
      for (const { name } of layerTensors(this.#config)) this.#bindTensor(ends, name, `layer.${layer}.${name}`, trains);
      if (trains) {
        ends.inputs['cotangent'] = float32(cotangents[(layer + 1) % 2]!, N, C);
        ends.outputs['inputGradient'] = float32(cotangents[layer % 2]!, N, C);
      } else ends.outputs['y'] = float32(states[layer + 1]!, N, C);
      return session.bind(ends.inputs, ends.outputs);
    };
    const numbers = Array.from({ length: this.#config.layers }, (_, layer) => layer);
    return {
      sessions: [forward, backward],
      forward: numbers.map((layer) => bind(forward, layer, false)),
      backward: numbers.map((layer) => bind(backward, layer, true)),
      arrays: batchArrays(N),
      states,
      cotangents,
      logprobs: new Float32Array(N),
      entropies: new Float32Array(N),
    };
  }

  async #compileHead(temperature: number, loss: Loss | undefined): Promise<Head> {
    const K = HEAD_ROWS;
    const C = this.#config.hiddenSize;
    const session = await this.#executor.session(encodeModel(headGraph(this.#config, K, temperature, loss)));
    const arrays = batchArrays(K);
    const [x, inputGradient] = [new Float32Array(K * C), new Float32Array(K * C)];
    const [logprobs, entropies, losses] = [new Float32Array(K), new Float32Array(K), new Float32Array(K)];
    const numbers = numberInputs(loss);
    const ends: Ends = {
      inputs: { ...numbers.inputs, x: float32(x, K, C), targets: int64(arrays.targets, K) },
      outputs: { logprobs: float32(logprobs, K), entropies: float32(entropies, K) },
    };
    this.#bindTensor(ends, 'finalNorm', 'finalNorm', loss !== undefined);
    this.#bindTensor(ends, 'head', this.#config.tiedHead ? 'embedding' : 'head', loss !== undefined);
    if (loss) {
      ends.inputs['mask'] = float32(arrays.mask, K);
      ends.inputs['weights'] = float32(arrays.weights, K);
      ends.inputs['samplingLogprobs'] = float32(arrays.samplingLogprobs, K);
      ends.outputs['losses'] = float32(losses, K);
      ends.outputs['inputGradient'] = float32(inputGradient, K, C);
    }
    const binding = session.bind(ends.inputs, ends.outputs);
    return { session, binding, arrays, x, inputGradient, logprobs, entropies, losses, setNumbers: numbers.set };
  }
}

interface Ends {
  readonly inputs: Record<string, Tensor>;
  readonly outputs: Record<string, Tensor>;
}

/** Lays rows of a batch into the head's chunk; rows left over have mask and weight 0. */
function gatherRows(from: BatchArrays, head: Head, rows: readonly number[], states: Float32Array, C: number): void {
  head.arrays.mask.fill(0);
  head.arrays.weights.fill(0);
  rows.forEach((row, i) => {
    head.x.set(states.subarray(row * C, (row + 1) * C), i * C);
    head.arrays.targets[i] = from.targets[row]!;
    head.arrays.mask[i] = 1;
    head.arrays.weights[i] = from.weights[row]!;
    head.arrays.samplingLogprobs[i] = from.samplingLogprobs[row]!;
  });
}

function releaseLayers({ forward, backward, sessions }: Layers): void {
  for (const it of [...forward, ...backward, ...sessions]) it.release();
}

function releaseHead({ binding, session }: Head): void {
  binding.release();
  session.release();
}
