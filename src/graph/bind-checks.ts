/**
 * What both executors check before memory reaches ONNX Runtime: names complete, arrays of the right class and length. A wrong array
 * behind a raw pointer is a crash, so nothing here is left to the runtime.
 */
import { EngineError } from '../core/errors.ts';
import type { ElementType, Tensor, TensorData } from './executor.ts';

export type NamedTensors = Readonly<Record<string, Tensor>>;

const ARRAYS = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array } as const;

export const elementCount = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/** The array's own bytes, without copying. */
export const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** @throws EngineError when the array's class or length does not match the tensor's type and dims. */
export function checkTensor(role: string, name: string, tensor: Tensor): void {
  const expected = ARRAYS[tensor.type as ElementType];
  if (!(tensor.data instanceof expected)) {
    throw new EngineError(
      `${role} ${name} is ${tensor.type} and needs a ${expected?.name}, got ${tensor.data?.constructor.name}`,
    );
  }
  const count = elementCount(tensor.dims);
  if (!tensor.dims.every((size) => Number.isInteger(size) && size >= 0) || tensor.data.length !== count) {
    throw new EngineError(
      `${role} ${name} has dims [${tensor.dims}] (${count} elements) but its array holds ${tensor.data.length}`,
    );
  }
}

/** @throws EngineError naming the tensor that is missing, unknown to the model, or malformed. */
export function checkNamed(role: string, expected: readonly string[], given: NamedTensors): void {
  for (const name of expected) {
    if (!given[name]) throw new EngineError(`${role} ${name} is missing; the model needs: ${expected.join(', ')}`);
  }
  for (const [name, tensor] of Object.entries(given)) {
    if (!expected.includes(name)) {
      throw new EngineError(`the model has no ${role} ${name}; it has: ${expected.join(', ')}`);
    }
    checkTensor(role, name, tensor);
  }
}

/** A runtime's exception as ours, with what was being done. */
export function asEngineError(doing: string, cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  return new EngineError(`${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** Overlapping runs of one binding would write the same memory. */
export function alreadyRunning(): EngineError {
  return new EngineError('the binding is running already; await its run, or bind other memory for a second one');
}
