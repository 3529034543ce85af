/**
 * One worker thread of the pool, and the decisions handed to it. Knows when its thread hangs and what its death costs; not what
 * happens to the decisions that go back.
 */
import { Worker } from 'node:worker_threads';
import type { Verdict } from '../core/rollout.ts';
import { unknown } from './verdict.ts';
import { DecisionClock, type DecisionMessage, type WorkerMessage } from './worker-loop.ts';

/** A caller's question inside the pool. */
export interface Decision {
  /** From 1, never used twice in a pool. */
  readonly id: number;
  /** The request as JSON. */
  readonly request: string;
  /** Threads that died while this decision only stood in their line. */
  deaths: number;
  settle(verdict: Verdict): void;
}

export interface ThreadOptions {
  readonly workerUrl: URL;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** How a thread ended, for whoever replaces it. */
export interface ThreadEnd {
  /** Decisions it did not get to, in order: not their fault. */
  readonly unserved: readonly Decision[];
  /** Set when it never came up. */
  readonly startFailure?: string;
}

interface ThreadEvents {
  verdict(): void;
  end(end: ThreadEnd): void;
}

/** A thread that is not up by then never will be. Loading takes well under a second where the machine is idle. */
const START_LIMIT_MS = 30_000;
/** Longer timers fire at once. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;
/** A decision that sees so many threads die without being the one they held is blamed all the same, so that nothing goes round for ever. */
const DEATHS_LIMIT = 3;

export class PoolThread {
  readonly #worker: Worker;
  readonly #clock = new DecisionClock();
  readonly #options: ThreadOptions;
  readonly #events: ThreadEvents;
  readonly #assigned = new Map<number, Decision>();
  readonly #startedAt = performance.now();
  #isReady = false;
  #isEnding = false;
  /** The decision this thread is killed for, and the verdict it gets unless its own was posted in the last moment. */
  #condemned: { readonly decision: Decision; readonly verdict: Verdict } | undefined;
  #error: Error | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: ThreadOptions, events: ThreadEvents) {
    this.#options = options;
    this.#events = events;
    this.#worker = new Worker(options.workerUrl, {
      workerData: { clock: this.#clock.memory },
      execArgv: [],
      // verifiers read no environment, and what they do not have they cannot leak
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    });
    this.#worker.on('message', (message: WorkerMessage) => this.#receive(message));
    this.#worker.on('error', (error: Error) => {
      this.#error = error;
    });
    // node hands over what the thread posted before it died first, and reports the exit last
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  get load(): number {
    return this.#assigned.size;
  }

  /** No more decisions may be assigned: the thread is being killed. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  assign(decision: Decision): void {
    if (this.#assigned.size === 0) {
      this.#worker.ref();
      this.#watchFor(this.#options.timeoutMs);
    }
    this.#assigned.set(decision.id, decision);
    const message: DecisionMessage = { id: decision.id, request: decision.request };
    this.#worker.postMessage(message);
  }

  /** Ends the thread, whatever it is doing; what it had not decided is `unserved`. */
  async terminate(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #receive(message: WorkerMessage): void {
    if (message === 'ready') {
      this.#isReady = true;
      return;
    }
    const decision = this.#assigned.get(message.id);
    if (decision === undefined) return;
    this.#assigned.delete(message.id);
    if (this.#assigned.size === 0) {
      // an idle thread does not keep the process alive
      this.#worker.unref();
      clearTimeout(this.#watch);
    }
    decision.settle(message.verdict);
    if (!this.#isEnding) this.#events.verdict();
  }

  #watchFor(ms: number): void {
    this.#watch = setTimeout(() => this.#check(), Math.min(Math.ceil(ms), TIMER_LIMIT_MS));
    this.#watch.unref();
  }

  /** Kills the thread if the decision it holds has had its time, else looks again when that could be so. */
  #check(): void {
    const { id, ms, backstopMs } = this.#clock.read();
    const limitMs = Math.max(this.#options.timeoutMs, backstopMs);
    const isStartOver = !this.#isReady && performance.now() - this.#startedAt > START_LIMIT_MS;
    if (ms < limitMs && !isStartOver) {
      this.#watchFor(limitMs - ms);
      return;
    }
    const decision = this.#assigned.get(id);
    const verdict = unknown('timeout', `no decision within ${limitMs} ms; the worker was replaced`);
    this.#condemned = decision && { decision, verdict };
    void this.terminate();
  }

  #exited(code: number): void {
    clearTimeout(this.#watch);
    this.#isEnding = true;
    const ended = this.#error?.message ?? `exit code ${code}`;
    const held = this.#assigned.get(this.#clock.read().id);
    if (this.#condemned !== undefined) {
      this.#blame(this.#condemned.decision, this.#condemned.verdict);
    } else if (held !== undefined) {
      this.#blame(held, unknown('crash', `the worker died of this decision (${ended})`));
    } else if (this.#isReady) {
      this.#countDeath(ended);
    }
    const unserved = [...this.#assigned.values()];
    this.#events.end({ unserved, ...(this.#isReady ? {} : { startFailure: ended }) });
  }

  /** No decision was held: the thread died of what an earlier one left behind, or of being told something it cannot read. */
  #countDeath(ended: string): void {
    for (const decision of this.#assigned.values()) {
      decision.deaths++;
      if (decision.deaths < DEATHS_LIMIT) continue;
      this.#blame(decision, unknown('crash', `${DEATHS_LIMIT} workers died with this decision in line (${ended})`));
    }
  }

  #blame(decision: Decision, verdict: Verdict): void {
    if (this.#assigned.delete(decision.id)) decision.settle(verdict);
  }
}
