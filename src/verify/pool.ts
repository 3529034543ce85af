/**
 * Verifiers in killable worker threads: a decision that hangs, crashes or exhausts its memory costs its own verdict (`unknown`) and
 * nothing else. Verifiers that start child processes run in this thread, with a bound of their own.
 *
 * Own threads, not the library piscina (tried at 5.3): there, deadlines count from submission, so that decisions which only waited time
 * out; a dying worker rejects every task handed to it; and where no worker can start, callers wait for ever.
 *
 * A thread is not a process: V8 ends the whole process when one single allocation passes a worker's heap limit by more than 16 MiB, so
 * verifiers bound what they build by their budgets, and code runs in a sandbox.
 */
import { availableParallelism } from 'node:os';
import { builtModule } from '../core/built-module.ts';
import { UserError } from '../core/errors.ts';
import type { Verdict } from '../core/rollout.ts';
import { runsIn, verifyHere } from './catalogue.ts';
import { Line } from './pool-line.ts';
import { PoolThread, type ThreadEnd } from './pool-thread.ts';
import { messageOf, unknown } from './verdict.ts';
import type { Verify, VerifyRequest } from './verifier.ts';

export interface PoolOptions {
  /** Threads, started when there is work for them; and child processes at once. Default: one for each core, at most 8. */
  readonly workers?: number;
  /** A backstop in wall-clock time for one decision, from when a worker begins it. Verdicts depend on the verifiers' own budgets of steps first. */
  readonly timeoutMs?: number;
  /** MiB of JavaScript heap for one worker; one that fills them in small pieces dies alone. */
  readonly memoryMb?: number;
  /** Decisions that may wait inside the workers, beyond the one each is at; later callers wait their turn outside. Default: 4 for each worker. */
  readonly queue?: number;
  /** The file a worker runs: for tests. */
  readonly workerUrl?: URL;
}

export interface PoolStats {
  /** Threads alive, and ever started. */
  readonly threads: number;
  readonly threadsStarted: number;
  /** Decisions handed to workers or running as processes. */
  readonly inside: number;
  /** Callers whose turn has not come. */
  readonly waiting: number;
  /** Verdicts given, and how many of them were `timeout` and `crash`. */
  readonly verdicts: number;
  readonly timeouts: number;
  readonly crashes: number;
}

export interface VerifierPool {
  /**
   * Each call is its own promise, so results come in the order the caller holds them, whichever is decided first; decisions begin in the
   * order of the calls. Never rejects. An idle pool does not keep the process alive.
   */
  readonly verify: Verify;
  /** Ends every thread, also hung ones; what was not decided becomes unknown. Child processes end by their own limits and are waited for. */
  close(): Promise<void>;
  stats(): PoolStats;
}

/** After so many threads in a row that never came up, all who wait are told so instead of trying for ever. */
const START_FAILURES_LIMIT = 3;

/** @throws UserError for an option that makes no sense. */
export function createVerifierPool(options: PoolOptions = {}): VerifierPool {
  const pool = new Pool(options);
  return { verify: (request) => pool.verify(request), close: () => pool.close(), stats: () => pool.stats() };
}

class Pool {
  readonly #workers: number;
  /** Decisions a thread may hold: the one it is at and those behind it. */
  readonly #depth: number;
  readonly #threadOptions: { readonly workerUrl: URL; readonly timeoutMs: number; readonly memoryMb: number };
  readonly #threads = new Set<PoolThread>();
  readonly #line = new Line();
  readonly #processes = new Set<Promise<Verdict>>();
  readonly #processLine: (() => void)[] = [];
  #processSlots: number;
  #isClosed = false;
  #startFailures = 0;
  #nextId = 1;
  #threadsStarted = 0;
  #verdicts = 0;
  #timeouts = 0;
  #crashes = 0;

  constructor(options: PoolOptions) {
    this.#workers = whole('workers', options.workers ?? Math.min(8, availableParallelism()), 1);
    this.#processSlots = this.#workers;
    const queue = whole('queue', options.queue ?? 4 * this.#workers, 0);
    this.#depth = 1 + Math.floor(queue / this.#workers);
    this.#threadOptions = {
      workerUrl: options.workerUrl ?? builtModule(import.meta.url, './worker.js'),
      timeoutMs: whole('timeoutMs', options.timeoutMs ?? 5000, 1),
      memoryMb: whole('memoryMb', options.memoryMb ?? 512, 16),
    };
  }

  async verify(request: VerifyRequest): Promise<Verdict> {
    const verdict = await this.#decide(request);
    this.#verdicts++;
    if (verdict.outcome === 'unknown' && verdict.reason === 'timeout') this.#timeouts++;
    if (verdict.outcome === 'unknown' && verdict.reason === 'crash') this.#crashes++;
    return verdict;
  }

  stats(): PoolStats {
    let inside = this.#processes.size;
    for (const thread of this.#threads) inside += thread.load;
    return {
      threads: this.#threads.size,
      threadsStarted: this.#threadsStarted,
      inside,
      waiting: this.#line.length + this.#processLine.length,
      verdicts: this.#verdicts,
      timeouts: this.#timeouts,
      crashes: this.#crashes,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#settleLine(CLOSED);
    for (const start of this.#processLine.splice(0)) start();
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
    await Promise.all(this.#processes);
  }

  #decide(request: VerifyRequest): Verdict | Promise<Verdict> {
    if (this.#isClosed) return CLOSED;
    if (runsIn(request.verifier.name) === 'process') return this.#verifyAsProcess(request);
    let text: string;
    try {
      text = JSON.stringify(request);
    } catch (error) {
      return unknown('verifier error', `the request is not plain JSON: ${messageOf(error)}`);
    }
    return new Promise((settle) => {
      this.#line.push({ id: this.#nextId++, request: text, deaths: 0, settle });
      this.#assign();
    });
  }

  async #verifyAsProcess(request: VerifyRequest): Promise<Verdict> {
    if (this.#processSlots > 0) this.#processSlots--;
    else await new Promise<void>((start) => this.#processLine.push(start));
    if (this.#isClosed) return CLOSED;
    const running = verifyHere(request);
    this.#processes.add(running);
    const verdict = await running;
    this.#processes.delete(running);
    const next = this.#processLine.shift();
    // the slot goes straight to whoever has waited longest
    if (next === undefined) this.#processSlots++;
    else next();
    return verdict;
  }

  /** Hands out as much of the line as the bound allows. */
  #assign(): void {
    while (this.#line.length > 0) {
      const thread = this.#freeThread();
      if (thread === undefined) return;
      thread.assign(this.#line.next());
    }
  }

  /** The thread with the least to do; a new one rather than a second decision for a busy one. */
  #freeThread(): PoolThread | undefined {
    let best: PoolThread | undefined;
    for (const thread of this.#threads) {
      if (!thread.isEnding && thread.load < (best?.load ?? this.#depth)) best = thread;
    }
    const isFull = this.#threads.size >= this.#workers || this.#startFailures >= START_FAILURES_LIMIT;
    return best?.load === 0 || isFull ? best : this.#start();
  }

  #start(): PoolThread {
    const thread: PoolThread = new PoolThread(this.#threadOptions, {
      verdict: () => {
        this.#startFailures = 0;
        this.#assign();
      },
      end: (end) => this.#replace(thread, end),
    });
    this.#threads.add(thread);
    this.#threadsStarted++;
    return thread;
  }

  #replace(thread: PoolThread, { unserved, startFailure }: ThreadEnd): void {
    this.#threads.delete(thread);
    this.#line.putBack(unserved);
    if (startFailure !== undefined) this.#startFailures++;
    else if (this.#threads.size === 0) this.#startFailures = 0;
    if (this.#isClosed) {
      this.#settleLine(CLOSED);
    } else if (this.#startFailures >= START_FAILURES_LIMIT && this.#threads.size === 0) {
      // whoever asks next has the trials again
      this.#startFailures = 0;
      const file = this.#threadOptions.workerUrl.pathname;
      this.#settleLine(unknown('crash', `no verifier worker can start (${file}: ${startFailure})`));
    } else {
      this.#assign();
    }
  }

  #settleLine(verdict: Verdict): void {
    while (this.#line.length > 0) this.#line.next().settle(verdict);
  }
}

const CLOSED = unknown('crash', 'the verifier pool was closed before this was decided');

function whole(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new UserError(`verifier pool: ${name} must be a whole number of at least ${least}, got ${value}`);
}
