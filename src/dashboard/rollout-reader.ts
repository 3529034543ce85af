/**
 * Asks the process that reads rollout files, and ends it when it does not answer. The next job gets a new one. It is started at the
 * first job and ended when there have been none for a while.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtModule } from '../core/built-module.ts';
import { UserError } from '../core/errors.ts';
import type { Answers, Job, JobKind, Reply } from './rollout-jobs.ts';

export interface ReaderLimits {
  /** For one job on one file. */
  readonly answerMs: number;
  /** Of the process. */
  readonly memoryBytes: number;
  /** Without jobs, until the process is ended. */
  readonly idleMs: number;
}

const MIB = 2 ** 20;

/** A file of 512 rollouts of 32,000 tokens takes a second and 300 MiB at most. */
export const READER_LIMITS: ReaderLimits = { answerMs: 10_000, memoryBytes: 1024 * MIB, idleMs: 20_000 };

/** For a process to start on a machine that is busy with training. */
const START_MS = 60_000;

interface Waiting {
  readonly job: Job;
  readonly settle: (reply: Reply | Error) => void;
}

/** One process. Jobs are done in the order they are asked for. */
export class RolloutReader {
  readonly #limits: ReaderLimits;
  readonly #pace: 'at once' | 'background';
  readonly #queue: Waiting[] = [];
  #child: ChildProcess | undefined;
  #isReady = false;
  #current: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param pace `background` lets everything else on the machine go first */
  constructor(limits: ReaderLimits = READER_LIMITS, pace: 'at once' | 'background' = 'at once') {
    this.#limits = limits;
    this.#pace = pace;
  }

  /** @throws UserError naming the file when it cannot be read, or its reading had to be ended. */
  async ask<Kind extends JobKind>(job: Job<Kind>): Promise<Answers[Kind]> {
    if (this.#isClosed) throw new Error('the reader of rollouts is closed');
    const reply = await new Promise<Reply | Error>((settle) => {
      this.#queue.push({ job: job as Job, settle });
      this.#next();
    });
    if (reply instanceof Error) throw reply;
    if ('fault' in reply) throw new UserError(reply.fault);
    return (reply as { value: unknown }).value as Answers[Kind];
  }

  /** Starts the process, if there is none, for a job that comes soon. */
  warm(): void {
    if (this.#child === undefined && !this.#isClosed) this.#start();
  }

  /** Jobs that wait are given up. */
  close(): void {
    this.#isClosed = true;
    const closed = new Error('the reader of rollouts was closed');
    for (const { settle } of this.#queue.splice(0)) settle(closed);
    this.#end(closed);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#queue.shift();
    if (this.#current === undefined) {
      if (this.#child !== undefined) this.#after(this.#limits.idleMs, () => this.#end()).unref();
    } else if (this.#child === undefined) this.#start();
    else if (this.#isReady) this.#send(this.#current.job);
  }

  #start(): void {
    const file = fileURLToPath(builtModule(import.meta.url, './rollout-process.js'));
    const { memoryBytes } = this.#limits;
    const child = fork(file, [String(memoryBytes), this.#pace], {
      execArgv: [`--max-old-space-size=${Math.ceil(memoryBytes / MIB)}`],
      serialization: 'advanced',
      // our own options, such as an inspector's port, are not for it; a working directory may have been deleted
      env: { ...process.env, NODE_OPTIONS: '' },
      cwd: dirname(file),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    this.#isReady = false;
    // timers hold this process while it waits for an answer
    child.unref();
    child.channel?.unref();
    const ifCurrent = (act: () => void) => () => {
      if (this.#child === child) act();
    };
    child.on('message', (reply: Reply) => ifCurrent(() => this.#heard(reply))());
    child.on('error', (error) => ifCurrent(() => this.#end(this.#deathOf(error.message)))());
    child.on('exit', (code, signal) => ifCurrent(() => this.#end(this.#deathOf(signal ?? `exit code ${code}`)))());
    this.#after(START_MS, () =>
      this.#end(new Error(`the process that reads rollouts did not start in ${START_MS / 1000} s`)),
    );
  }

  #heard(reply: Reply): void {
    if ('ready' in reply) {
      this.#isReady = true;
      if (this.#current === undefined) this.#next();
      else this.#send(this.#current.job);
      return;
    }
    this.#settle(reply);
  }

  #send(job: Job): void {
    const { answerMs } = this.#limits;
    this.#child?.send(job);
    this.#after(answerMs, () =>
      this.#end(
        new UserError(
          `${job.path}: nothing could be read for ${answerMs / 1000} s: the file is damaged, or its disk is stuck`,
        ),
      ),
    );
  }

  #deathOf(end: string): Error {
    const path = this.#current?.job.path;
    if (!this.#isReady || path === undefined) return new Error(`the process that reads rollouts ended (${end})`);
    const mebibytes = Math.round(this.#limits.memoryBytes / MIB);
    if (end === 'SIGKILL' || end === 'SIGABRT' || end === 'SIGTRAP')
      return new UserError(`${path}: reading it takes more than ${mebibytes} MiB of memory: the file is damaged`);
    return new UserError(`${path}: the process that read it ended (${end}): the file is damaged`);
  }

  /** Ends the process; the job it had gets `why`. */
  #end(why?: Error): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    this.#child = undefined;
    this.#isReady = false;
    child?.kill('SIGKILL');
    if (why !== undefined) this.#settle(why);
  }

  #settle(reply: Reply | Error): void {
    clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = undefined;
    current?.settle(reply);
    this.#next();
  }

  #after(ms: number, act: () => void): NodeJS.Timeout {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, ms);
    return this.#timer;
  }
}
