/**
 * One large forward_backward as several requests, and their results as one again. Losses are sums, so splitting changes nothing but the
 * metrics that servers reduce themselves.
 */
import type { ForwardBackwardOutput, WireDatum } from './wire.ts';

export interface ChunkLimits {
  readonly mostDatums: number;
  /** Estimated, see `datumBytes`. */
  readonly mostBytes: number;
}

/** 4 bytes for a token and for a float32, 8 for an int64: what the official client estimates. */
export function datumBytes({ tokens, inputs }: WireDatum): number {
  return Object.values(inputs).reduce(
    (sum, tensor) => sum + tensor.length * (tensor instanceof Int32Array ? 8 : 4),
    tokens.length * 4,
  );
}

/** In order, each as full as the limits allow; a datum beyond them travels alone. No datums make no chunks. */
export function chunked(data: readonly WireDatum[], { mostDatums, mostBytes }: ChunkLimits): WireDatum[][] {
  const chunks: WireDatum[][] = [];
  let bytes = 0;
  for (const datum of data) {
    const size = datumBytes(datum);
    const last = chunks.at(-1);
    if (last === undefined || last.length >= mostDatums || bytes + size > mostBytes) {
      chunks.push([datum]);
      bytes = size;
    } else {
      last.push(datum);
      bytes += size;
    }
  }
  return chunks;
}

type Reduce = (values: readonly number[], datums: readonly number[]) => number;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const byDatums: Reduce = (values, datums) => sum(values.map((value, i) => value * datums[i]!)) / sum(datums);

/** By the suffix of a metric's name, `loss:sum`. Others cannot be put together and are left out. */
const REDUCTIONS: Readonly<Record<string, Reduce>> = {
  sum,
  mean: byDatums,
  slack: byDatums,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
};

/** Outputs in the order of the chunks; a metric that any chunk lacks is left out. */
export function combined(outputs: readonly ForwardBackwardOutput[]): ForwardBackwardOutput {
  const [first] = outputs;
  if (first !== undefined && outputs.length === 1) return first;
  const datums = outputs.map((each) => each.outputs.length);
  const metrics: Record<string, number> = {};
  for (const name of Object.keys(first?.metrics ?? {})) {
    const values = outputs.flatMap((each) => each.metrics[name] ?? []);
    const reduce = REDUCTIONS[name.slice(name.lastIndexOf(':') + 1)];
    if (reduce !== undefined && values.length === outputs.length) metrics[name] = reduce(values, datums);
  }
  return { outputs: outputs.flatMap((each) => each.outputs), metrics };
}
