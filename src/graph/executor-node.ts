/**
 * The portable executor: onnxruntime-node's own binding. It returns each output as a new array, which is copied into the bound one;
 * it runs on the event loop's thread although its call is asynchronous in name; and it refuses shared memory, so tensors over a
 * SharedArrayBuffer go through a private array at each run. See `executor-koffi.ts` for the one that does none of this.
 */
import { EngineError } from '../core/errors.ts';
import { alreadyRunning, asEngineError, bytesOf, checkNamed, checkTensor, type NamedTensors } from './bind-checks.ts';
import type { Binding, Executor, Session, SessionOptions, Tensor, TensorData } from './executor.ts';
import { spinning } from './spinning.ts';

type Runtime = typeof import('onnxruntime-node');
type NativeSession = import('onnxruntime-node').InferenceSession;
type NativeTensor = import('onnxruntime-node').Tensor;

/** @throws EngineError when onnxruntime-node cannot be loaded. */
export async function createNodeExecutor(options: { readonly threads: number }): Promise<Executor> {
  const runtime = await import('onnxruntime-node').catch((cause) => {
    throw asEngineError('onnxruntime-node cannot be loaded (reinstall it: npm install onnxruntime-node@1.30.0)', cause);
  });
  const sessions = new Set<Session>();
  return {
    backend: 'node',
    synchronous: false,
    threads: options.threads,
    get liveSessions() {
      return sessions.size;
    },
    session: async (model, sessionOptions = {}) => {
      const native = await createNative(runtime, model, { threads: options.threads, ...sessionOptions });
      const session = new NodeSession(runtime, native, () => sessions.delete(session));
      sessions.add(session);
      return session;
    },
    close: () => {
      for (const session of [...sessions]) session.release();
    },
  };
}

async function createNative(
  runtime: Runtime,
  model: Uint8Array,
  { constants = {}, threads, idleSpinUs }: SessionOptions & { readonly threads: number },
): Promise<NativeSession> {
  // a constant left out of the model's bytes is an external initializer stored under its own name
  const externalData = Object.entries(constants).map(([path, tensor]) => {
    checkTensor('constant', path, tensor);
    return { path, data: unshared(bytesOf(tensor.data)) };
  });
  const options = {
    intraOpNumThreads: threads,
    // half the memory at the same speed, measured on training graphs
    enableMemPattern: false,
    enableCpuMemArena: true,
    // failures come back as exceptions; logging them to stderr as well would say everything twice
    logSeverityLevel: 4 as const,
    extra: { session: { intra_op: spinning(idleSpinUs) } },
    graphOptimizationLevel: 'all' as const,
    ...(externalData.length > 0 ? { externalData } : {}),
  };
  return await runtime.InferenceSession.create(model, options).catch((cause) => {
    throw asEngineError('ONNX Runtime refused the model', cause);
  });
}

class NodeSession implements Session {
  readonly #runtime: Runtime;
  readonly #native: NativeSession;
  readonly #forget: () => void;
  #released = false;

  constructor(runtime: Runtime, native: NativeSession, forget: () => void) {
    this.#runtime = runtime;
    this.#native = native;
    this.#forget = forget;
  }

  bind(inputs: NamedTensors, outputs: NamedTensors): Binding {
    this.#mustLive();
    checkNamed('input', this.#native.inputNames, inputs);
    checkNamed('output', this.#native.outputNames, outputs);
    return new NodeBinding(this.#runtime, this.#native, inputs, outputs, () => this.#mustLive());
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#forget();
    void this.#native.release();
  }

  #mustLive(): void {
    if (this.#released) throw new EngineError('the session was used after release()');
  }
}

class NodeBinding implements Binding {
  readonly #native: NativeSession;
  readonly #feeds: Record<string, NativeTensor> = {};
  readonly #staged: { readonly from: TensorData; readonly to: TensorData }[] = [];
  readonly #outputs: NamedTensors;
  readonly #sessionMustLive: () => void;
  #isRunning = false;
  #released = false;

  constructor(
    runtime: Runtime,
    native: NativeSession,
    inputs: NamedTensors,
    outputs: NamedTensors,
    sessionMustLive: () => void,
  ) {
    this.#native = native;
    this.#outputs = outputs;
    this.#sessionMustLive = sessionMustLive;
    for (const [name, { type, dims, data }] of Object.entries(inputs)) {
      const own = unshared(data);
      if (own !== data) this.#staged.push({ from: data, to: own });
      this.#feeds[name] = new runtime.Tensor(type, own, dims);
    }
  }

  run(): void {
    throw new EngineError("the 'node' executor has no synchronous run(); use runAsync(), or the 'koffi' executor");
  }

  async runAsync(): Promise<void> {
    if (this.#released) throw new EngineError('the binding was used after release()');
    this.#sessionMustLive();
    if (this.#isRunning) throw alreadyRunning();
    this.#isRunning = true;
    try {
      for (const { from, to } of this.#staged) copyInto(to, from);
      const results = await this.#native.run(this.#feeds, Object.keys(this.#outputs));
      for (const [name, bound] of Object.entries(this.#outputs)) copyResult(name, results[name]!, bound);
    } catch (cause) {
      throw asEngineError('ONNX Runtime failed', cause);
    } finally {
      this.#isRunning = false;
    }
  }

  release(): void {
    this.#released = true;
  }
}

function copyResult(name: string, result: NativeTensor, bound: Tensor): void {
  const fits = result.type === bound.type && String(result.dims) === String(bound.dims);
  if (!fits) {
    throw new EngineError(
      `output ${name} is ${result.type}[${result.dims}] but was bound as ${bound.type}[${bound.dims}]`,
    );
  }
  copyInto(bound.data, result.data as TensorData);
}

function copyInto(target: TensorData, source: TensorData): void {
  bytesOf(target).set(bytesOf(source));
}

/** The same array, or a copy when its memory is shared. */
function unshared<T extends TensorData>(data: T): T {
  return data.buffer instanceof SharedArrayBuffer ? (data.slice() as T) : data;
}
