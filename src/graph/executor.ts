/**
 * The executor: runs an ONNX model. Two back ends keep this interface: `koffi` (ONNX Runtime's C API, nothing copied, off the
 * main thread) and `node` (onnxruntime-node's own binding, portable, copies outputs). Knows nothing of language models.
 */

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';

export type TensorData = Float32Array | Int32Array | BigInt64Array | Uint8Array;

/** A dense, row-major tensor over caller-owned memory. */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export interface SessionOptions {
  /**
   * Weights for the model's named constants that were left out of the model's bytes: ONNX external initializers whose `location` is the
   * constant's own name, `offset` 0 and `length` its byte count. They are frozen (prepacked or copied) while the
   * session is made: later changes to the arrays do not reach it.
   */
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Threads inside one operator of this session; the executor's own number when absent. */
  readonly threads?: number;
  /** Microseconds that an idle worker thread waits on its core for the next operator before it sleeps; see `spinning.ts`. */
  readonly idleSpinUs?: number;
}

/** One compiled model. */
export interface Session {
  /**
   * Fixes memory for a run. Every input and output named by the model is given, outputs with their final shape. An output may share an
   * input's memory (in-place update): after `run` that memory holds the output. Memory is read and written at each `run`, so a binding
   * is made once and run often.
   */
  bind(inputs: Readonly<Record<string, Tensor>>, outputs: Readonly<Record<string, Tensor>>): Binding;
  release(): void;
}

/** One run at a time: a second one before the first has ended is an EngineError. Different bindings may run at the same time. */
export interface Binding {
  /** On the calling thread. Back ends that cannot (`node`) throw; see `Executor.synchronous`. */
  run(): void;
  /** Off the event loop where the back end can. @throws EngineError with ONNX Runtime's message. */
  runAsync(): Promise<void>;
  release(): void;
}

export interface Executor {
  readonly backend: 'koffi' | 'node';
  /** Whether `Binding.run` works. */
  readonly synchronous: boolean;
  /** Threads inside one operator. */
  readonly threads: number;
  /** Sessions made and not yet released. */
  readonly liveSessions: number;
  session(model: Uint8Array, options?: SessionOptions): Promise<Session>;
  close(): void;
}
