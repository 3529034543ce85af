/**
 * ONNX Runtime's C API through koffi: the entries of its function table that the executor uses, with their places and signatures.
 *
 * The table (`OrtApi`) only ever grows at its end: places are those of onnxruntime_c_api.h, whose version boundaries the runtime itself
 * asserts (ReleaseCustomOpDomain is 101, AddFreeDimensionOverrideByName 124, SetGlobalSpinControl 149,
 * AddExternalInitializersFromFilesInMemory 279). A wrong place is a crash, so `openOrtApi` accepts exactly one version, and the
 * executor runs a small model through the table before anything else does.
 */
import koffi, { type KoffiFunc } from 'koffi';
import { EngineError } from '../core/errors.ts';
import { bundledLibrary } from './library-path.ts';

/** The one version whose table was read; package.json pins onnxruntime-node to it. */
const ORT_VERSION = '1.30.0';
/** Everything used here existed in this version of the table. */
const API_VERSION = 18;
/** ONNX Runtime works on the caller's stack; koffi's default for asynchronous calls is smaller than one matrix kernel's scratch. */
const ASYNC_STACK_BYTES = 4 * 2 ** 20;

/** An address. Null pointers are `null` when they come from C and `0n` or `null` when they go there. */
export type Pointer = bigint | null;
/** A typed array stands for the address of its memory. */
type Memory = bigint | BigUint64Array | BigInt64Array | Uint8Array;
type Status = Pointer;

/** Status-returning functions yield null on success. */
export interface OrtApi {
  getErrorMessage(status: Pointer): string;
  createEnv(logLevel: number, logId: string, out: Memory): Status;
  createSessionFromArray: KoffiFunc<
    (env: Pointer, model: Memory, bytes: number, options: Pointer, out: Memory) => Status
  >;
  run: KoffiFunc<
    (
      session: Pointer,
      options: null,
      inputNames: Memory,
      inputs: Memory,
      inputCount: number,
      outputNames: Memory,
      outputCount: number,
      outputs: Memory,
    ) => Status
  >;
  createSessionOptions(out: Memory): Status;
  disableMemPattern(options: Pointer): Status;
  enableCpuMemArena(options: Pointer): Status;
  setSessionGraphOptimizationLevel(options: Pointer, level: number): Status;
  setIntraOpNumThreads(options: Pointer, threads: number): Status;
  sessionGetInputCount(session: Pointer, out: Memory): Status;
  sessionGetOutputCount(session: Pointer, out: Memory): Status;
  sessionGetInputName(session: Pointer, index: number, allocator: Pointer, out: Memory): Status;
  sessionGetOutputName(session: Pointer, index: number, allocator: Pointer, out: Memory): Status;
  createTensorWithDataAsOrtValue(
    memoryInfo: Pointer,
    address: bigint,
    bytes: number,
    dims: Memory,
    rank: number,
    elementType: number,
    out: Memory,
  ): Status;
  createCpuMemoryInfo(allocatorType: number, memoryType: number, out: Memory): Status;
  allocatorFree(allocator: Pointer, pointer: Pointer): Status;
  getAllocatorWithDefaultOptions(out: Memory): Status;
  releaseStatus(status: Pointer): void;
  releaseSession(session: Pointer): void;
  releaseValue(value: Pointer): void;
  releaseSessionOptions(options: Pointer): void;
  addSessionConfigEntry(options: Pointer, key: string, value: string): Status;
  createAndRegisterAllocator(env: Pointer, memoryInfo: Pointer, arenaConfig: Pointer): Status;
  addExternalInitializersFromFilesInMemory(
    options: Pointer,
    names: Memory,
    contents: Memory,
    lengths: Memory,
    count: number,
  ): Status;
}

const STATUS = 'void *';
/** Place in the table, result, arguments. */
const TABLE: Readonly<Record<keyof OrtApi, readonly [number, string, readonly string[]]>> = {
  getErrorMessage: [2, 'str', ['void *']],
  createEnv: [3, STATUS, ['int', 'str', 'void *']],
  createSessionFromArray: [8, STATUS, ['void *', 'void *', 'size_t', 'void *', 'void *']],
  run: [9, STATUS, ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *']],
  createSessionOptions: [10, STATUS, ['void *']],
  disableMemPattern: [17, STATUS, ['void *']],
  enableCpuMemArena: [18, STATUS, ['void *']],
  setSessionGraphOptimizationLevel: [23, STATUS, ['void *', 'int']],
  setIntraOpNumThreads: [24, STATUS, ['void *', 'int']],
  sessionGetInputCount: [30, STATUS, ['void *', 'void *']],
  sessionGetOutputCount: [31, STATUS, ['void *', 'void *']],
  sessionGetInputName: [36, STATUS, ['void *', 'size_t', 'void *', 'void *']],
  sessionGetOutputName: [37, STATUS, ['void *', 'size_t', 'void *', 'void *']],
  createTensorWithDataAsOrtValue: [49, STATUS, ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *']],
  createCpuMemoryInfo: [69, STATUS, ['int', 'int', 'void *']],
  allocatorFree: [76, STATUS, ['void *', 'void *']],
  getAllocatorWithDefaultOptions: [78, STATUS, ['void *']],
  releaseStatus: [93, 'void', ['void *']],
  releaseSession: [95, 'void', ['void *']],
  releaseValue: [96, 'void', ['void *']],
  releaseSessionOptions: [100, 'void', ['void *']],
  addSessionConfigEntry: [130, STATUS, ['void *', 'str', 'str']],
  createAndRegisterAllocator: [144, STATUS, ['void *', 'void *', 'void *']],
  addExternalInitializersFromFilesInMemory: [279, STATUS, ['void *', 'void *', 'void *', 'void *', 'size_t']],
};

/** koffi unloads a library when its handle is collected, and the table's functions with it: handles stay for the process's life. */
const held: unknown[] = [];

/** The bundled library's function table. @throws EngineError when it cannot be loaded or is of another version. */
export function openOrtApi(): OrtApi {
  const { path } = bundledLibrary();
  enlargeAsyncStack();
  const library = koffi.load(path);
  held.push(library);
  const getApiBase = library.func('OrtGetApiBase', 'void *', []);
  const base = getApiBase() as bigint;
  const version = entry(base, 1, 'str', [])() as string;
  if (version !== ORT_VERSION) {
    throw new EngineError(
      `${path} is ONNX Runtime ${version}, and only ${ORT_VERSION} can be called directly; ` +
        `install onnxruntime-node@${ORT_VERSION}, or use the 'node' executor`,
    );
  }
  const table = entry(base, 0, 'void *', ['uint32_t'])(API_VERSION) as Pointer;
  if (table === null)
    throw new EngineError(`ONNX Runtime ${version} does not offer version ${API_VERSION} of its C API`);
  const api = Object.entries(TABLE).map(([name, [place, result, args]]) => [name, entry(table, place, result, args)]);
  return Object.fromEntries(api) as OrtApi;
}

function entry(table: bigint, place: number, result: string, args: readonly string[]) {
  const pointerBytes = koffi.sizeof('void *');
  return koffi.decode(koffi.decode(table, place * pointerBytes, 'void *'), koffi.proto(result, [...args]));
}

/** koffi takes its configuration once per process, before the first library. */
function enlargeAsyncStack(): void {
  if ((koffi.config().async_stack_size ?? 0) >= ASYNC_STACK_BYTES) return;
  try {
    koffi.config({ async_stack_size: ASYNC_STACK_BYTES });
  } catch (cause) {
    throw new EngineError(
      `koffi was used by other code of this process before, with stacks too small for ONNX Runtime; ` +
        `create the executor first, or set koffi.config({ async_stack_size: ${ASYNC_STACK_BYTES} }) there`,
      { cause },
    );
  }
}
