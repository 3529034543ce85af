/**
 * Reads model-<name>.json, what PyTorch says a tiny model computes (record-model.py says what each field is), into typed arrays.
 *
 * Dimensions: L positions of one datum, D datums (3).
 */
import { readFileSync } from 'node:fs';
import type { Datum, Loss } from '../../src/core/datum.ts';

export const MODEL_FIXTURES = ['llama-untied', 'llama-tied-gqa', 'llama-mha', 'qwen2', 'qwen3'] as const;
export type ModelFixtureName = (typeof MODEL_FIXTURES)[number];

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface FixtureCase {
  readonly name: string;
  readonly loss: Loss;
  readonly temperature: number;
  /** [D] with this case's sampling logprobs. */
  readonly datums: readonly Datum[];
  /** [D][L] of the targets, in nats; 0 where the mask is 0. */
  readonly logprobs: readonly number[][];
  /** [D][L] in nats; 0 where the mask is 0. */
  readonly entropies: readonly number[][];
  readonly lossSum: number;
  /** Of every weight; recorded for some cases only, see `digests`. */
  readonly gradients: ReadonlyMap<string, Float32Array> | undefined;
  /** Of every weight's gradient, for every case: compare with `digestOf`. */
  readonly digests: ReadonlyMap<string, Float32Array>;
}

export interface GreedyCase {
  readonly prompt: readonly number[];
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  readonly entropies: readonly number[];
}

export interface ModelFixture {
  /** As in a Hugging Face config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Hugging Face name -> weight in [out, in] layout. */
  readonly weights: ReadonlyMap<string, FixtureTensor>;
  readonly cases: readonly FixtureCase[];
  readonly greedy: readonly GreedyCase[];
}

interface StoredDatum {
  input: number[];
  target: number[];
  mask: number[];
  weight: number[];
}

interface Stored {
  config: Record<string, unknown>;
  weights: Record<string, { shape: number[]; offset: number; scale: number; int8: string }>;
  batch: StoredDatum[];
  cases: {
    name: string;
    loss: Loss;
    temperature: number;
    samplingLogprobs: number[][];
    logprobs: number[][];
    entropies: number[][];
    lossSum: number;
    gradients?: Record<string, string>;
    gradientDigests: Record<string, string>;
  }[];
  greedy: GreedyCase[];
}

export function loadModelFixture(name: ModelFixtureName): ModelFixture {
  const stored = JSON.parse(readFileSync(new URL(`./model-${name}.json`, import.meta.url), 'utf8')) as Stored;
  return {
    config: stored.config,
    weights: mapValues(stored.weights, ({ shape, offset, scale, int8 }) => ({
      shape,
      data: Float32Array.from(new Int8Array(bytesOf(int8)), (x) => offset + scale * x),
    })),
    cases: stored.cases.map(({ samplingLogprobs, gradients, gradientDigests, ...rest }) => ({
      ...rest,
      datums: stored.batch.map((datum, d) => datumOf(datum, samplingLogprobs[d]!)),
      gradients: gradients && mapValues(gradients, floatsOf),
      digests: mapValues(gradientDigests, floatsOf),
    })),
    greedy: stored.greedy,
  };
}

/** [26] L2 norm, sum, the first 8 values (0 beyond the end), 16 sums with pseudo-random signs: a gradient made small enough to store. */
export function digestOf(gradient: Float32Array): Float32Array {
  const digest = new Float64Array(26);
  gradient.forEach((g, i) => {
    digest[0]! += g * g;
    digest[1]! += g;
    if (i < 8) digest[2 + i] = g;
    const bits = hash32(i);
    for (let j = 0; j < 16; j++) digest[10 + j]! += (bits >>> j) & 1 ? -g : g;
  });
  digest[0] = Math.sqrt(digest[0]!);
  return Float32Array.from(digest);
}

/** lowbias32 (C. Wellons) at index + 1, as in record-model.py. */
function hash32(index: number): number {
  let h = index + 1;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

function datumOf(stored: StoredDatum, samplingLogprobs: number[]): Datum {
  return {
    input: Int32Array.from(stored.input),
    target: Int32Array.from(stored.target),
    mask: Uint8Array.from(stored.mask),
    weight: Float32Array.from(stored.weight),
    samplingLogprob: Float32Array.from(samplingLogprobs),
  };
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): ReadonlyMap<string, B> {
  return new Map(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function bytesOf(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
}

function floatsOf(base64: string): Float32Array {
  return new Float32Array(bytesOf(base64));
}
