/**
 * The fast executor: ONNX Runtime's C API on the callers' own memory. Nothing is copied, an output may alias an input, shared memory
 * works, and `runAsync` leaves the event loop free (a thread of koffi's pool waits for the run).
 *
 * Bindings and sessions hold every array whose address ONNX Runtime knows, and free what is native exactly once.
 */
import koffi from 'koffi';
import { EngineError } from '../core/errors.ts';
import { bytesOf, checkNamed, checkTensor, type NamedTensors } from './bind-checks.ts';
import type { Binding, ElementType, Executor, Session, SessionOptions, Tensor } from './executor.ts';
import { Lifetime } from './lifetime.ts';
import { addressOf, type NativeArray, Slot, strings, words } from './native-memory.ts';
import type { OrtApi, Pointer } from './ort-api.ts';
import { check, created, type OrtRuntime, ortRuntime } from './ort-runtime.ts';
import { provesItself } from './self-check.ts';

const ALL_OPTIMIZATIONS = 99;
/** ONNXTensorElementDataType. */
const ELEMENT: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** @throws EngineError when koffi or the bundled library cannot be loaded, is of another version, or computes nonsense. */
export async function createKoffiExecutor(options: { readonly threads: number }): Promise<Executor> {
  const runtime = ortRuntime();
  const sessions = new Set<KoffiSession>();
  const executor: Executor = {
    backend: 'koffi',
    synchronous: true,
    threads: options.threads,
    session: async (model, sessionOptions = {}) => {
      const native = await createNative(runtime, model, { threads: options.threads, ...sessionOptions });
      const session = new KoffiSession(runtime, native, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    close: () => {
      for (const session of [...sessions]) session.release();
    },
  };
  await provesItself(executor);
  return executor;
}

async function createNative(
  runtime: OrtRuntime,
  model: Uint8Array,
  { constants = {}, threads }: SessionOptions & { readonly threads: number },
): Promise<bigint> {
  const { api, env } = runtime;
  const options = created(api, 'create session options', (out) => api.createSessionOptions(out));
  try {
    check(api, 'set the number of threads', api.setIntraOpNumThreads(options, threads));
    // half the memory at the same speed, measured on training graphs
    check(api, 'switch memory patterns off', api.disableMemPattern(options));
    check(api, 'switch its arena on', api.enableCpuMemArena(options));
    check(api, 'set its optimization level', api.setSessionGraphOptimizationLevel(options, ALL_OPTIMIZATIONS));
    const kept = addConstants(api, options, constants);
    const session = new Slot();
    const status = await called(
      api.createSessionFromArray.async,
      [env, addressOf(model), model.byteLength, options, session.address],
      [model, kept],
    );
    check(api, 'load the model', status);
    return session.value;
  } finally {
    api.releaseSessionOptions(options);
  }
}

/** Constants are read (and copied) while the session is made; the result keeps their memory until then. */
function addConstants(api: OrtApi, options: bigint, constants: NamedTensors): unknown {
  const named = Object.entries(constants);
  if (named.length === 0) return undefined;
  for (const [name, tensor] of named) checkTensor('constant', name, tensor);
  const bytes = named.map(([, { data }]) => bytesOf(data));
  const names = strings(Object.keys(constants), process.platform === 'win32' ? 'utf16le' : 'utf8');
  const contents = words(bytes.map(addressOf));
  const lengths = words(bytes.map((content) => content.byteLength));
  const status = api.addExternalInitializersFromFilesInMemory(
    options,
    names.address,
    contents.address,
    lengths.address,
    named.length,
  );
  check(api, 'take the constants', status);
  return [bytes, names, contents, lengths];
}

class KoffiSession implements Session {
  readonly #runtime: OrtRuntime;
  readonly #native: bigint;
  readonly #lifetime: Lifetime;
  readonly #bindings = new Set<KoffiBinding>();
  readonly #inputs: Names;
  readonly #outputs: Names;

  constructor(runtime: OrtRuntime, native: bigint, forget: () => void) {
    const { api } = runtime;
    this.#runtime = runtime;
    this.#native = native;
    this.#lifetime = new Lifetime('session', () => {
      forget();
      api.releaseSession(native);
    });
    this.#inputs = namesOf(runtime, native, api.sessionGetInputCount, api.sessionGetInputName);
    this.#outputs = namesOf(runtime, native, api.sessionGetOutputCount, api.sessionGetOutputName);
  }

  bind(inputs: NamedTensors, outputs: NamedTensors): Binding {
    this.#lifetime.mustLive();
    checkNamed('input', this.#inputs.list, inputs);
    checkNamed('output', this.#outputs.list, outputs);
    const from = new Bound(this.#runtime, this.#inputs, inputs);
    const to = new Bound(this.#runtime, this.#outputs, outputs);
    const forget = () => this.#bindings.delete(binding);
    const binding = new KoffiBinding(this.#runtime.api, this.#native, this.#lifetime, from, to, forget);
    this.#bindings.add(binding);
    return binding;
  }

  release(): void {
    for (const binding of [...this.#bindings]) binding.release();
    this.#lifetime.release();
  }
}

class KoffiBinding implements Binding {
  readonly #api: OrtApi;
  readonly #session: Lifetime;
  readonly #lifetime: Lifetime;
  readonly #inputs: Bound;
  readonly #outputs: Bound;
  readonly #arguments: Parameters<OrtApi['run']>;

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
    this.#inputs.mustHoldMemory();
    this.#outputs.mustHoldMemory();
    this.#session.enter();
    this.#lifetime.enter();
  }

  #end(): void {
    this.#lifetime.leave();
    this.#session.leave();
  }
}

/** A session's input or output names, also as C strings. */
interface Names extends NativeArray {
  readonly list: readonly string[];
}

/** Named tensors as ONNX Runtime's Run takes them. */
class Bound {
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
    for (const [name, tensor] of this.#tensors) this.#values.push(ortValue(runtime, name, tensor));
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

function namesOf(
  { api, allocator }: OrtRuntime,
  session: bigint,
  count: OrtApi['sessionGetInputCount'],
  nameOf: OrtApi['sessionGetInputName'],
): Names {
  const total = Number(created(api, 'count the names', (out) => count(session, out)));
  const list = Array.from({ length: total }, (_, index) => {
    const text = created(api, 'tell a name', (out) => nameOf(session, index, allocator, out));
    const name = koffi.decode.string(text);
    check(api, 'free a name', api.allocatorFree(allocator, text));
    return name;
  });
  return { list, ...strings(list) };
}

/** A koffi function called on a thread of its pool. `kept` stays referenced until the call has ended. */
function called<A extends unknown[]>(
  call: (...args: [...A, (error: unknown, result: Pointer) => void]) => void,
  args: A,
  kept: unknown,
): Promise<Pointer> {
  return new Promise((resolve, reject) => {
    call(...args, (error, result) => {
      void kept;
      if (error) reject(error);
      else resolve(result);
    });
  });
}
