/**
 * The worker's side of the pool: decisions one after another, each announced on a clock in shared memory before it begins, so that
 * the main thread can see which one hangs, and since when, without an answer from the hung thread and whatever its own delays.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { Verdict } from '../core/rollout.ts';
import { messageOf, unknown } from './verdict.ts';
import type { VerifyRequest } from './verifier.ts';

/** `request` is a VerifyRequest as JSON: one string is cheaper to hand over than an object, and takes nothing that is not plain. */
export interface DecisionMessage {
  readonly id: number;
  readonly request: string;
}

/** `ready` once, then one verdict for each decision, in the order they were sent. */
export type WorkerMessage = 'ready' | { readonly id: number; readonly verdict: Verdict };

/**
 * Three 64-bit cells: the decision the worker holds (0: none), when it began (0: not yet), in nanoseconds of `process.hrtime`, and the
 * milliseconds it asks for (0: what the pool gives).
 */
export class DecisionClock {
  readonly memory: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(24)) {
    this.memory = memory;
    this.#cells = new BigInt64Array(memory);
  }

  hold(id: number): void {
    Atomics.store(this.#cells, 0, BigInt(id));
  }

  begin(backstopMs = 0): void {
    Atomics.store(this.#cells, 2, BigInt(Math.ceil(backstopMs)));
    Atomics.store(this.#cells, 1, process.hrtime.bigint());
  }

  end(): void {
    Atomics.store(this.#cells, 1, 0n);
    Atomics.store(this.#cells, 0, 0n);
  }

  /** `ms` since the decision began; 0 while none has. Ids are never used twice, so an equal id on both sides of the read is the same decision. */
  read(): { readonly id: number; readonly ms: number; readonly backstopMs: number } {
    for (;;) {
      const id = Atomics.load(this.#cells, 0);
      const begun = Atomics.load(this.#cells, 1);
      const backstopMs = Number(Atomics.load(this.#cells, 2));
      if (Atomics.load(this.#cells, 0) !== id) continue;
      return { id: Number(id), ms: begun === 0n ? 0 : Number(process.hrtime.bigint() - begun) / 1e6, backstopMs };
    }
  }
}

/** A decision that can begin. */
export interface ReadyDecision {
  /** As `VerifierDefinition.backstopMs`. */
  readonly backstopMs?: number | undefined;
  decide(): Verdict | Promise<Verdict>;
}

/** Brings what a decision needs: imports are not on the clock. */
export type Prepare = (request: VerifyRequest) => Promise<ReadyDecision>;

/** Serves the pool that started this thread until it is terminated. */
export function serveDecisions(prepare: Prepare): void {
  const port = parentPort;
  if (port === null) throw new Error('the verifier worker is started by the pool, as a worker thread');
  const clock = new DecisionClock((workerData as { clock: SharedArrayBuffer }).clock);
  const send = (message: WorkerMessage) => port.postMessage(message);
  let last = Promise.resolve();
  port.on('message', ({ id, request }: DecisionMessage) => {
    last = last.then(async () => {
      clock.hold(id);
      const verdict = await decide(prepare, request, clock);
      clock.end();
      sendVerdict(send, id, verdict);
    });
  });
  send('ready');
}

async function decide(prepare: Prepare, request: string, clock: DecisionClock): Promise<Verdict> {
  try {
    const ready = await prepare(JSON.parse(request) as VerifyRequest);
    clock.begin(ready.backstopMs);
    return await ready.decide();
  } catch (error) {
    return unknown('verifier error', messageOf(error));
  }
}

/** A verifier may put into a verdict what cannot leave the thread, such as a function. */
function sendVerdict(send: (message: WorkerMessage) => void, id: number, verdict: Verdict): void {
  try {
    send({ id, verdict });
  } catch (error) {
    send({ id, verdict: unknown('verifier error', messageOf(error)) });
  }
}
