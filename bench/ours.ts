/**
 * The embedded engine's speed at the shapes of shapes.json: the work each measurement times is the same as pytorch/baseline.py's.
 *
 * Dimensions: B sequences or rows, T positions, S cache positions.
 */
import { readFileSync } from 'node:fs';
import type { Datum } from '../src/core/datum.ts';
import { RandomStream, randomKey } from '../src/core/random.ts';
import { cacheTensors, makeCache } from '../src/engine/onnx/cache.ts';
import { choosePlan, startPlan } from '../src/engine/onnx/plan-choice.ts';
import { DECODE_SPIN_US } from '../src/engine/onnx/sampler.ts';
import type { Executor, Session, Tensor } from '../src/graph/executor.ts';
import { Graph } from '../src/graph/graph.ts';
import { encodeModel } from '../src/graph/onnx-model.ts';
import { createAdamW } from '../src/model/adamw.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { decodeGraph, frozenWeights } from '../src/model/decode-graph.ts';
import { parameterLayout } from '../src/model/parameters.ts';

export interface Shape {
  readonly summary: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  readonly tied: boolean;
  readonly qkvBias: boolean;
  readonly train: { readonly batch: number; readonly length: number };
  readonly decode: {
    readonly batches: readonly number[];
    readonly layers: readonly number[];
    readonly cacheLength: number;
    readonly firstPosition: number;
    readonly lastPosition: number;
  };
}

export const shapes = JSON.parse(readFileSync('bench/shapes.json', 'utf8')) as Readonly<Record<string, Shape>>;

export function configOf(shape: Shape, layers: number): ModelConfig {
  return {
    family: shape.qkvBias ? 'qwen2' : 'llama',
    vocabularySize: shape.vocabulary,
    hiddenSize: shape.hidden,
    layers,
    heads: shape.heads,
    kvHeads: shape.kvHeads,
    headSize: shape.headDim,
    feedForwardSize: shape.feedForward,
    maxContext: shape.decode.cacheLength,
    ropeTheta: shape.ropeTheta,
    normEpsilon: shape.normEpsilon,
    attentionBias: shape.qkvBias,
    queryKeyNorm: false,
    tiedHead: shape.tied,
  };
}

/** Long enough to see in the system's clock ticks whether other processes were at work. */
const LEAST_MS = 600;

/** Times `call` at least `repeats` times and for `LEAST_MS`, unless that takes longer than `limitMs`; samples in ms. */
async function timed(
  call: (index: number) => void | Promise<void>,
  repeats: number,
  limitMs: number,
): Promise<number[]> {
  const samples: number[] = [];
  const start = performance.now();
  const isEnough = (i: number, elapsed: number) =>
    i >= 3 && (elapsed > limitMs || (i >= repeats && elapsed > LEAST_MS));
  for (let i = 0; !isEnough(i, performance.now() - start); i++) {
    const begin = performance.now();
    await call(i);
    samples.push(performance.now() - begin);
  }
  return samples;
}

function randomData(shape: Shape): Datum[] {
  const { batch, length } = shape.train;
  const random = new RandomStream(randomKey(1));
  const tokens = () => Int32Array.from({ length }, () => random.integer(0, shape.vocabulary - 1));
  return Array.from({ length: batch }, () => ({
    input: tokens(),
    target: tokens(),
    mask: new Uint8Array(length).fill(1),
    weight: Float32Array.from({ length }, () => random.normal() / (batch * length)),
    samplingLogprob: new Float32Array(length).fill(-Math.log(shape.vocabulary)),
  }));
}

/** Forward and backward of the PPO loss with log-probabilities, entropies and the gradient of every weight; B*T tokens a repeat. */
export async function forwardBackward(executor: Executor, shape: Shape, repeats: number): Promise<number[]> {
  const config = configOf(shape, shape.layers);
  const parameters = fillerParameters(config);
  const gradient = new Float32Array(parameters.length);
  const { batch, length } = shape.train;
  const plan = startPlan(choosePlan(config, batch * length), executor, config, parameters, gradient);
  const data = randomData(shape);
  const blank = () => data.map(() => new Float32Array(length));
  const results = { logprobs: blank(), entropies: blank() };
  const microBatch = { batch, length, members: data.map((_, index) => index) };
  const run = async () => {
    await plan.run(microBatch, data, results, 1, { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.28 });
  };
  await run();
  const samples = await timed(run, repeats, 12_000);
  plan.release();
  return samples;
}

export interface Decoder {
  /** One token for each of `batch` rows: model, cache, draw, log-probability, entropy. Positions spread as in baseline.py. */
  measure(batch: number): Promise<number[]>;
  release(): void;
}

export async function decoder(executor: Executor, shape: Shape, layers: number): Promise<Decoder> {
  const config = configOf(shape, layers);
  const session = await decodeSession(executor, config);
  return {
    measure: (batch) => measureDecode(executor, session, config, shape, batch),
    release: () => session.release(),
  };
}

async function measureDecode(
  executor: Executor,
  session: Session,
  config: ModelConfig,
  shape: Shape,
  batch: number,
): Promise<number[]> {
  const { cacheLength, firstPosition, lastPosition } = shape.decode;
  const caches = cacheTensors(config, makeCache(config, batch, cacheLength), batch);
  const lastPositions = new Int32Array(batch);
  const totalLength = new Int32Array(1);
  const random = new RandomStream(randomKey(3));
  const uniforms = Float32Array.from({ length: batch }, () => random.uniform());
  const tokens = new BigInt64Array(batch).fill(5n);
  const next = new BigInt64Array(batch);
  const binding = session.bind(
    {
      tokens: { type: 'int64', dims: [batch, 1], data: tokens },
      lastPositions: { type: 'int32', dims: [batch], data: lastPositions },
      totalLength: { type: 'int32', dims: [1], data: totalLength },
      uniforms: { type: 'float32', dims: [batch], data: uniforms },
      inverseTemperatures: { type: 'float32', dims: [batch, 1], data: new Float32Array(batch).fill(1) },
      ...caches.inputs,
    },
    {
      next: { type: 'int64', dims: [batch], data: next },
      logprob: { type: 'float32', dims: [batch], data: new Float32Array(batch) },
      entropy: { type: 'float32', dims: [batch], data: new Float32Array(batch) },
      ...caches.outputs,
    },
  );
  const span = lastPosition - firstPosition + 1;
  const step = async (index: number) => {
    const position = firstPosition + ((37 * index) % span);
    lastPositions.fill(position);
    totalLength[0] = position + 1;
    if (executor.synchronous) binding.run();
    else await binding.runAsync();
    tokens.set(next);
  };
  for (let i = 0; i < 3; i++) await step(i);
  const samples = await timed(step, span, 6_000);
  binding.release();
  return samples;
}

/** Small weights of no meaning, quickly: a large model's normal draws would take minutes. */
function fillerParameters(config: ModelConfig): Float32Array {
  const flat = new Float32Array(parameterLayout(config).length);
  for (let i = 0; i < flat.length; i++) flat[i] = ((Math.imul(i, 0x9e3779b1) >>> 8) / 2 ** 24 - 0.5) * 0.08;
  return flat;
}

async function decodeSession(executor: Executor, config: ModelConfig): Promise<Session> {
  const parameters = fillerParameters(config);
  const constants: Record<string, Tensor> = {};
  for (const { name, shape, offset, length } of frozenWeights(config))
    constants[name] = { type: 'float32', dims: shape, data: parameters.subarray(offset, offset + length) };
  return executor.session(encodeModel(decodeGraph(config, { kind: 'all' })), {
    constants,
    idleSpinUs: DECODE_SPIN_US,
  });
}

/** One AdamW step over `count` parameters, with the global norm measured and clipped. */
export async function adamw(executor: Executor, count: number, repeats: number): Promise<number[]> {
  const flat = () => new Float32Array(count);
  const buffers = { parameters: flat(), gradient: flat(), firstMoment: flat(), secondMoment: flat() };
  const optimizer = createAdamW(executor, count);
  const settings = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 };
  let stepNumber = 0;
  const step = async () => {
    stepNumber++;
    await optimizer.step({ ...buffers, stepNumber, settings });
  };
  // the gradient is cleared by each step; zeros cost the same arithmetic
  await step();
  const samples = await timed(step, repeats, 4_000);
  optimizer.release();
  return samples;
}

/** Best GFLOP/s of a 2048^3 float32 product. */
export async function gemmPeak(executor: Executor): Promise<number> {
  const n = 2048;
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'float32', [n, n]), graph.input('b', 'float32', [n, n])];
  graph.output('c', graph.one('MatMul', [a, b]));
  const session = await executor.session(encodeModel(graph));
  const tensor = (): Tensor => ({ type: 'float32', dims: [n, n], data: new Float32Array(n * n).fill(0.5) });
  const binding = session.bind({ a: tensor(), b: tensor() }, { c: tensor() });
  const samples = await timed(() => binding.runAsync(), 15, 4_000);
  session.release();
  return (2 * n ** 3) / Math.min(...samples) / 1e6;
}

export function parameterCount(shape: Shape, layers: number): number {
  return parameterLayout(configOf(shape, layers)).count;
}
