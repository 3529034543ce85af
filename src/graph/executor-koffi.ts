/**
 * The fast executor: ONNX Runtime's C API on the callers' own memory. Nothing is copied, an output may alias an input, shared memory
 * works, and `runAsync` leaves the event loop free (a thread of koffi's pool waits for the run).
 *
 * Bindings and sessions hold every array whose address ONNX Runtime knows, and free what is native exactly once.
 */
import koffi from 'koffi';
import { bytesOf, checkNamed, checkTensor, type NamedTensors } from './bind-checks.ts';
import type { Binding, Executor, Session, SessionOptions } from './executor.ts';
import { Bound, KoffiBinding, type Names } from './koffi-binding.ts';
import { Lifetime } from './lifetime.ts';
import { addressOf, Slot, strings, words } from './native-memory.ts';
import type { OrtApi } from './ort-api.ts';
import { called, check, created, type OrtRuntime, ortRuntime } from './ort-runtime.ts';
import { provesItself } from './self-check.ts';
import { spinning } from './spinning.ts';

const ALL_OPTIMIZATIONS = 99;

/** @throws EngineError when koffi or the bundled library cannot be loaded, is of another version, or computes nonsense. */
export async function createKoffiExecutor(options: { readonly threads: number }): Promise<Executor> {
  const runtime = ortRuntime();
  const sessions = new Set<KoffiSession>();
  const executor: Executor = {
    backend: 'koffi',
    synchronous: true,
    threads: options.threads,
    get liveSessions() {
      return sessions.size;
    },
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
  { constants = {}, threads, idleSpinUs }: SessionOptions & { readonly threads: number },
): Promise<bigint> {
  const { api, env } = runtime;
  const options = created(api, 'create session options', (out) => api.createSessionOptions(out));
  try {
    check(api, 'set the number of threads', api.setIntraOpNumThreads(options, threads));
    // half the memory at the same speed, measured on training graphs
    check(api, 'switch memory patterns off', api.disableMemPattern(options));
    check(api, 'switch its arena on', api.enableCpuMemArena(options));
    check(api, 'use the shared arena', api.addSessionConfigEntry(options, 'session.use_env_allocators', '1'));
    check(api, 'set its optimization level', api.setSessionGraphOptimizationLevel(options, ALL_OPTIMIZATIONS));
    for (const [key, value] of Object.entries(spinning(idleSpinUs))) {
      check(api, `set ${key}`, api.addSessionConfigEntry(options, `session.intra_op.${key}`, value));
    }
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
