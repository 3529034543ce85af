/**
 * Tensors over the caller's memory, by element type: `float32(data, 2, 3)` is data seen as [2, 3].
 */
import type { Tensor } from './executor.ts';

export const float32 = (data: Float32Array, ...dims: number[]): Tensor => ({ type: 'float32', dims, data });
export const int32 = (data: Int32Array, ...dims: number[]): Tensor => ({ type: 'int32', dims, data });
export const int64 = (data: BigInt64Array, ...dims: number[]): Tensor => ({ type: 'int64', dims, data });
