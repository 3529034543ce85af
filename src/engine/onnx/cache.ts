/**
 * Key/value cache memory: R rows of S positions per layer, row-major so that one row's cache is contiguous. Rows move when the batch is
 * compacted; stale positions are never read.
 *
 * Dimensions: R rows, KV key/value heads, S cache positions, D head size.
 */
import type { Tensor } from '../../graph/executor.ts';
import type { ModelConfig } from '../../model/config.ts';

export interface Cache {
  readonly rows: number;
  readonly positions: number;
  /** [2 * layers] buffers of R*KV*S*D floats: layer 0 keys, layer 0 values, layer 1 keys, ... */
  readonly buffers: readonly Float32Array[];
}

export function makeCache(config: ModelConfig, rows: number, positions: number): Cache {
  const length = rows * config.kvHeads * positions * config.headSize;
  return { rows, positions, buffers: Array.from({ length: 2 * config.layers }, () => new Float32Array(length)) };
}

/** Inputs `past.*` and outputs `present.*` over the same memory, of the first `batch` rows. */
export function cacheTensors(
  config: ModelConfig,
  cache: Cache,
  batch: number,
): { inputs: Record<string, Tensor>; outputs: Record<string, Tensor> } {
  const inputs: Record<string, Tensor> = {};
  const outputs: Record<string, Tensor> = {};
  const dims = [batch, config.kvHeads, cache.positions, config.headSize];
  const length = dims.reduce((product, n) => product * n, 1);
  cache.buffers.forEach((buffer, index) => {
    const name = `${index >> 1}.${index % 2 === 0 ? 'key' : 'value'}`;
    const tensor: Tensor = { type: 'float32', dims, data: buffer.subarray(0, length) };
    inputs[`past.${name}`] = tensor;
    outputs[`present.${name}`] = tensor;
  });
  return { inputs, outputs };
}

/** Copies the first `count` positions of one row. */
export function copyRow(
  config: ModelConfig,
  from: { readonly cache: Cache; readonly row: number },
  to: { readonly cache: Cache; readonly row: number },
  count: number,
): void {
  const { kvHeads: KV, headSize: D } = config;
  from.cache.buffers.forEach((source, index) => {
    const target = to.cache.buffers[index]!;
    for (let head = 0; head < KV; head++) {
      const read = (from.row * KV + head) * from.cache.positions * D;
      target.set(source.subarray(read, read + count * D), (to.row * KV + head) * to.cache.positions * D);
    }
  });
}
