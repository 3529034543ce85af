/**
 * AdamW over one flat vector of parameters, in place, through an executor: decoupled weight decay (Loshchilov & Hutter,
 * arXiv:1711.05101v3, algorithm 2), bias-corrected moments (Kingma & Ba, arXiv:1412.6980v9, algorithm 1), clipping by the global norm.
 *
 * The vector is cut into blocks; as many blocks as the executor has threads run side by side, each on one thread. Which thread takes
 * which block cannot change a bit of the result. Nothing of the vector's length is allocated.
 */
import { assert, EngineError } from '../core/errors.ts';
import type { Binding, Executor, Session, Tensor } from '../graph/executor.ts';
import { CHUNK, chunkLengths, SCALARS, type Scalar, squaresModel, updateModel } from './adamw-graph.ts';

/** Elements of a block: a millisecond of work, far more than starting a run costs. */
const BLOCK = 8 * CHUNK;
/** Squares are summed in float32 along a row this long, beyond it in float64. */
const ROW = 1024;

export interface AdamWSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this global L2 norm; 0 switches clipping off. */
  readonly maxGradNorm: number;
}

/** [length] each. The same four arrays are best given at every step: other ones are bound anew. */
export interface AdamWMemory {
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export interface AdamWStep extends AdamWMemory {
  /** 1 for the first step: bias correction divides by 1 - beta^stepNumber. */
  readonly stepNumber: number;
  readonly settings: AdamWSettings;
}

export interface AdamWOptimizer {
  /**
   * One step in place; the gradient is then zero.
   * @throws EngineError when the gradient's norm is not finite: parameters and moments stay as they are, the gradient is zero.
   */
  step(step: AdamWStep): Promise<{ readonly gradNorm: number }>;
  release(): void;
}

interface Sessions {
  readonly squares: Session;
  readonly update: Session;
}

interface Bound {
  readonly memory: AdamWMemory;
  readonly squares: readonly Binding[];
  /** [rows] each: what `squares` write. */
  readonly sums: readonly Float32Array[];
  readonly update: readonly Binding[];
}

export function createAdamW(executor: Executor, length: number): AdamWOptimizer {
  assert(Number.isInteger(length) && length > 0, `AdamW over ${length} parameters`);
  return new BlockwiseAdamW(executor, length);
}

class BlockwiseAdamW implements AdamWOptimizer {
  readonly #executor: Executor;
  readonly #length: number;
  readonly #scalars = Object.fromEntries(SCALARS.map((name) => [name, vector(new Float32Array(1))]));
  /** By block length: the full one, and the rest's. */
  readonly #sessions = new Map<number, Sessions>();
  #bound: Bound | undefined;

  constructor(executor: Executor, length: number) {
    this.#executor = executor;
    this.#length = length;
  }

  async step({ stepNumber, settings, ...memory }: AdamWStep): Promise<{ readonly gradNorm: number }> {
    assert(Number.isInteger(stepNumber) && stepNumber >= 1, `AdamW step number ${stepNumber}`);
    const bound = await this.#boundTo(memory);
    await this.#runAll(bound.squares);
    const gradNorm = Math.sqrt(total(bound.sums));
    if (!Number.isFinite(gradNorm)) {
      memory.gradient.fill(0);
      throw new EngineError(
        `the gradient is not finite (norm ${gradNorm}) at step ${stepNumber}; it was dropped and the parameters were left alone. ` +
          'Lower the learning rate or the importance ratio bounds',
        { isGradientFault: true },
      );
    }
    const scalars = stepScalars(settings, stepNumber, gradNorm);
    for (const name of SCALARS) (this.#scalars[name]!.data as Float32Array)[0] = scalars[name];
    await this.#runAll(bound.update);
    return { gradNorm };
  }

  release(): void {
    for (const { squares, update } of this.#sessions.values()) {
      squares.release();
      update.release();
    }
    this.#sessions.clear();
    this.#bound = undefined;
  }

  async #runAll(bindings: readonly Binding[]): Promise<void> {
    const queue = bindings.values();
    const lane = async () => {
      for (const binding of queue) await binding.runAsync();
    };
    await Promise.all(Array.from({ length: this.#executor.threads }, lane));
  }

  async #boundTo(memory: AdamWMemory): Promise<Bound> {
    if (this.#bound && sameMemory(this.#bound.memory, memory)) return this.#bound;
    for (const [name, array] of Object.entries(memory)) {
      assert(array.length === this.#length, `AdamW over ${this.#length} parameters got ${array.length} as ${name}`);
    }
    for (const binding of [...(this.#bound?.squares ?? []), ...(this.#bound?.update ?? [])]) binding.release();
    const squares: Binding[] = [];
    const sums: Float32Array[] = [];
    const update: Binding[] = [];
    for (let start = 0; start < this.#length; start += BLOCK) {
      const length = Math.min(BLOCK, this.#length - start);
      const sessions = await this.#sessionsFor(length);
      const { rows, columns } = rowsOf(length);
      const sum = new Float32Array(rows);
      const gradient = vector(memory.gradient.subarray(start, start + length), [rows, columns]);
      squares.push(sessions.squares.bind({ gradient }, { squares: vector(sum) }));
      sums.push(sum);
      update.push(bindUpdate(sessions.update, this.#scalars, memory, start, length));
    }
    this.#bound = { memory, squares, sums, update };
    return this.#bound;
  }

  async #sessionsFor(length: number): Promise<Sessions> {
    const sessions = this.#sessions.get(length) ?? (await makeSessions(this.#executor, length));
    this.#sessions.set(length, sessions);
    return sessions;
  }
}

async function makeSessions(executor: Executor, length: number): Promise<Sessions> {
  const { rows, columns } = rowsOf(length);
  const onOneThread = { threads: 1 };
  return {
    squares: await executor.session(squaresModel(rows, columns), onOneThread),
    update: await executor.session(updateModel(chunkLengths(length)), onOneThread),
  };
}

function bindUpdate(
  session: Session,
  scalars: Readonly<Record<string, Tensor>>,
  memory: AdamWMemory,
  start: number,
  length: number,
): Binding {
  const arrays = { p: memory.parameters, g: memory.gradient, m: memory.firstMoment, v: memory.secondMoment };
  const inputs: Record<string, Tensor> = { ...scalars };
  const outputs: Record<string, Tensor> = {};
  chunkLengths(length).forEach((size, i) => {
    for (const [name, array] of Object.entries(arrays)) {
      const from = start + i * CHUNK;
      const chunk = vector(array.subarray(from, from + size));
      inputs[`${name}.${i}`] = chunk;
      outputs[`new.${name}.${i}`] = chunk;
    }
  });
  return session.bind(inputs, outputs);
}

/**
 * The textbook step with its scalar factors gathered. With b = 1 - beta^stepNumber, mHat = m / b1 and vHat = v / b2:
 * learningRate mHat / (sqrt(vHat) + epsilon) = learningRate sqrt(b2) / b1 * m / (sqrt(v) + epsilon sqrt(b2)).
 */
function stepScalars(settings: AdamWSettings, stepNumber: number, gradNorm: number): Readonly<Record<Scalar, number>> {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = settings;
  const clip = maxGradNorm > 0 && gradNorm > maxGradNorm ? maxGradNorm / gradNorm : 1;
  const rootOfSecond = Math.sqrt(1 - beta2 ** stepNumber);
  return {
    gradientScale: (1 - beta1) * clip,
    firstDecay: beta1,
    // the graph squares the gradient after gradientScale
    squareScale: (1 - beta2) / (1 - beta1) ** 2,
    secondDecay: beta2,
    epsilon: epsilon * rootOfSecond,
    rate: (learningRate * rootOfSecond) / (1 - beta1 ** stepNumber),
    parameterDecay: 1 - learningRate * weightDecay,
  };
}

function rowsOf(length: number): { readonly rows: number; readonly columns: number } {
  return length % ROW === 0 ? { rows: length / ROW, columns: ROW } : { rows: 1, columns: length };
}

function total(sums: readonly Float32Array[]): number {
  let sum = 0;
  for (const part of sums) for (const value of part) sum += value;
  return sum;
}

function sameMemory(a: AdamWMemory, b: AdamWMemory): boolean {
  return (
    a.parameters === b.parameters &&
    a.gradient === b.gradient &&
    a.firstMoment === b.firstMoment &&
    a.secondMoment === b.secondMoment
  );
}

function vector(data: Float32Array, dims: readonly number[] = [data.length]): Tensor {
  return { type: 'float32', dims, data };
}
