/**
 * A koffi session's memory for one kind of run: caller-owned arrays wrapped as ONNX Runtime's values, freed exactly once.
 */
import { EngineError } from '../core/errors.ts';
import { alreadyRunning, type NamedTensors } from './bind-checks.ts';
import type { Binding, ElementType, Tensor } from './executor.ts';
import { Lifetime } from './lifetime.ts';
import { addressOf, type NativeArray, words } from './native-memory.ts';
import type { OrtApi } from './ort-api.ts';
import { called, check, created, type OrtRuntime } from './ort-runtime.ts';

/** ONNXTensorElementDataType. */
const ELEMENT: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export class KoffiBinding implements Binding {
  readonly #api: OrtApi;
  readonly #session: Lifetime;
  readonly #lifetime: Lifetime;
  readonly #inputs: Bound;
  readonly #outputs: Bound;
  readonly #arguments: Parameters<OrtApi['run']>;
  #isRunning = false;

  constructor(api: OrtApi, native: bigint, session: Lifetime, inputs: Bound, outputs: Bound, forget: () => void) {
    this.#api = api;
    this.#session = session;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#lifetime = new Lifetime('binding', () => {
      forget();
      inputs.free();
      outputs.free();
    });
    this.#arguments = [
      native,
      null,
      inputs.names.address,
      inputs.pointers.address,
      inputs.count,
      outputs.names.address,
      outputs.count,
      outputs.pointers.address,
    ];
  }

  run(): void {
    this.#begin();
    try {
      check(this.#api, 'run the model', this.#api.run(...this.#arguments));
    } finally {
      this.#end();
    }
  }

  async runAsync(): Promise<void> {
    this.#begin();
    try {
      check(this.#api, 'run the model', await called(this.#api.run.async, this.#arguments, this));
    } finally {
      this.#end();
    }
  }

  release(): void {
    this.#lifetime.release();
  }

  #begin(): void {
    this.#lifetime.mustLive();
    if (this.#isRunning) throw alreadyRunning();
    this.#inputs.mustHoldMemory();
    this.#outputs.mustHoldMemory();
    this.#session.enter();
    this.#lifetime.enter();
    this.#isRunning = true;
  }

  #end(): void {
    this.#isRunning = false;
    this.#lifetime.leave();
    this.#session.leave();
  }
}

/** A session's input or output names, also as C strings. */
export interface Names extends NativeArray {
  readonly list: readonly string[];
}

/** Named tensors as ONNX Runtime's Run takes them. */
export class Bound {
  readonly names: NativeArray;
  readonly pointers: NativeArray;
  readonly count: number;
  readonly #api: OrtApi;
  readonly #tensors: readonly (readonly [string, Tensor, number])[];
  readonly #values: bigint[] = [];

  constructor(runtime: OrtRuntime, names: Names, tensors: NamedTensors) {
    this.#api = runtime.api;
    this.#tensors = names.list.map((name) => [name, tensors[name]!, tensors[name]!.data.byteLength]);
    this.count = names.list.length;
    this.names = names;
    try {
      for (const [name, tensor] of this.#tensors) this.#values.push(ortValue(runtime, name, tensor));
    } catch (cause) {
      this.free();
      throw cause;
    }
    this.pointers = words(this.#values);
  }

  /** @throws EngineError when an array was transferred to another thread or shrank: its address would be stale. */
  mustHoldMemory(): void {
    for (const [name, { data }, byteLength] of this.#tensors) {
      if (data.byteLength !== byteLength) {
        throw new EngineError(
          `the memory bound to ${name} is gone: ${data.byteLength} of ${byteLength} bytes are left`,
        );
      }
    }
  }

  free(): void {
    for (const value of this.#values.splice(0)) this.#api.releaseValue(value);
  }
}

function ortValue({ api, cpuMemory }: OrtRuntime, name: string, { type, dims, data }: Tensor): bigint {
  const shape = words(dims);
  return created(api, `wrap tensor ${name}`, (out) =>
    api.createTensorWithDataAsOrtValue(
      cpuMemory,
      addressOf(data),
      data.byteLength,
      shape.address,
      dims.length,
      ELEMENT[type],
      out,
    ),
  );
}
