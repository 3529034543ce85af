/**
 * ONNX Runtime's C API as the executor wants it: opened once, statuses as exceptions, out-pointers as results.
 */
import { EngineError } from '../core/errors.ts';
import { asEngineError } from './bind-checks.ts';
import { Slot } from './native-memory.ts';
import { type OrtApi, openOrtApi, type Pointer } from './ort-api.ts';

/** Failures come back as statuses; logging them to stderr as well would say everything twice. */
const LOG_FATAL_ONLY = 4;
const ARENA_ALLOCATOR = 1;
const DEFAULT_MEMORY = 0;

/** The process-wide parts of ONNX Runtime. They live as long as the process: the library itself holds one environment. */
export interface OrtRuntime {
  readonly api: OrtApi;
  readonly env: Pointer;
  readonly cpuMemory: Pointer;
  readonly allocator: Pointer;
}

let opened: OrtRuntime | undefined;

/** @throws EngineError when koffi or the library cannot be loaded, or the library is of another version. */
export function ortRuntime(): OrtRuntime {
  opened ??= open();
  return opened;
}

function open(): OrtRuntime {
  try {
    const api = openOrtApi();
    const make = (doing: string, call: (out: bigint) => Pointer) => created(api, doing, call);
    const env = make('create its environment', (out) => api.createEnv(LOG_FATAL_ONLY, 'polarity', out));
    const cpuMemory = make('describe CPU memory', (out) =>
      api.createCpuMemoryInfo(ARENA_ALLOCATOR, DEFAULT_MEMORY, out),
    );
    // one arena for all sessions: with one each, sixteen compiled shapes of a small model held a gigabyte
    check(api, 'share an arena', api.createAndRegisterAllocator(env, cpuMemory, null));
    return {
      api,
      env,
      cpuMemory,
      allocator: make('give its allocator', (out) => api.getAllocatorWithDefaultOptions(out)),
    };
  } catch (cause) {
    throw asEngineError("ONNX Runtime's library cannot be called directly", cause);
  }
}

/** @throws EngineError with ONNX Runtime's message when the status is one of failure; the status is freed. */
export function check(api: OrtApi, doing: string, status: Pointer): void {
  if (status === null) return;
  const message = api.getErrorMessage(status);
  api.releaseStatus(status);
  throw new EngineError(`ONNX Runtime could not ${doing}: ${message}`);
}

/** What a call writes to its out-pointer. @throws EngineError like `check`. */
export function created(api: OrtApi, doing: string, call: (out: bigint) => Pointer): bigint {
  const slot = new Slot();
  check(api, doing, call(slot.address));
  return slot.value;
}

/** A koffi export function called on a thread of its pool. `kept` stays referenced until the call has ended. */
export function called<A extends unknown[]>(
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
