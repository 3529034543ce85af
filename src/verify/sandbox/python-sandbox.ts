/**
 * One sandbox for Python programs, as our own process sees it: a supervisor child (its text is in the *-source.ts files) that runs one
 * program after another, each in a process of its own, and reports what each printed or returned.
 *
 * What is right never enters the sandbox: comparing is for the caller.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Python } from './find-python.ts';
import { Frames, frame } from './frames.ts';
import { NAMESPACES_SOURCE } from './namespaces-source.ts';
import { PROGRAM_SOURCE } from './program-source.ts';
import { SUPERVISOR_SOURCE } from './supervisor-source.ts';
import { WALLS_SOURCE } from './walls-source.ts';

/** How a program is kept from the rest of the machine; `limits` is no isolation at all. */
export type IsolationKind = 'namespaces' | 'bubblewrap' | 'limits';

export interface SandboxLimits {
  /** Of one process, in whole seconds: what a program may compute. */
  readonly cpuSeconds: number;
  /** Of one run: a backstop for programs that wait. */
  readonly wallSeconds: number;
  /** Address space of one process. */
  readonly memoryBytes: number;
  /** Of stdout, and of a result. */
  readonly outputBytes: number;
  /** Of the scratch folder together, and of one file. */
  readonly scratchBytes: number;
  /** Processes and threads at once. */
  readonly processes: number;
}

export interface SandboxOptions {
  readonly isolation: IsolationKind;
  readonly python: Python;
  /** Absolute path, where `isolation` is `bubblewrap`. */
  readonly bubblewrap?: string;
  readonly limits: SandboxLimits;
  /** Names that are defined when a program starts. */
  readonly prelude: 'livecodebench' | 'none';
}

export interface SandboxProgram {
  readonly source: string;
  /** Text on stdin. */
  readonly input?: string;
  /** Called after the source has run, with arguments as JSON texts. */
  readonly function?: string;
  readonly arguments?: readonly string[];
}

/** How one run of a program ended. */
export interface ProgramEnd {
  readonly ending: 'exited' | 'signalled' | 'timeout' | 'output';
  /** Exit status, or the signal's number. */
  readonly code: number;
  /** Of all its processes that were waited for. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** How long it was ready to run and the machine was too busy; known for `timeout` alone. */
  readonly waitedSeconds: number;
  readonly stdout: string;
  /** The last of it. */
  readonly stderr: string;
  /** What the function returned, as JSON; empty when none did. */
  readonly result: string;
}

/** The sandbox itself failed: says nothing about the program. */
export class SandboxFailure extends Error {}

/** What the supervisor's interpreter is given. */
export const SOURCE = [PROGRAM_SOURCE, NAMESPACES_SOURCE, WALLS_SOURCE, SUPERVISOR_SOURCE].join('\n');

/** Time for an interpreter to start on a busy machine, and for a supervisor to clear up after a run. */
const PATIENCE_SECONDS = 20;

/** Nothing of our own environment. A fixed hash seed: the order of a set must not decide a verdict. */
const ENVIRONMENT = {
  PATH: '/usr/bin:/bin',
  HOME: '/tmp',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  PYTHONHASHSEED: '0',
  PYTHONDONTWRITEBYTECODE: '1',
  PYTHONUTF8: '1',
};

export class PythonSandbox {
  readonly #options: SandboxOptions;
  readonly #child: ChildProcess;
  readonly #frames: Frames;
  readonly #scratch: string | undefined;
  #stderr = '';

  private constructor(options: SandboxOptions, scratch: string | undefined) {
    this.#options = options;
    this.#scratch = scratch;
    // a session of its own: an interrupt typed at our terminal is for us to handle
    this.#child = spawn(options.python.path, ['-s', '-S', '-B', '-c', SOURCE], {
      cwd: '/',
      env: ENVIRONMENT,
      detached: true,
    });
    this.#frames = new Frames(this.#child);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-2000);
    });
    // writing to a supervisor that is gone: the missing report says so
    this.#child.stdin?.on('error', () => {});
  }

  /** @throws SandboxFailure when this isolation is not to be had here, with the reason. */
  static async start(options: SandboxOptions): Promise<PythonSandbox> {
    const scratch = options.isolation === 'limits' ? await mkdtemp(join(tmpdir(), 'polarity-sandbox-')) : undefined;
    const sandbox = new PythonSandbox(options, scratch);
    const { isolation, bubblewrap, limits, prelude, python } = options;
    const config = {
      isolation,
      bubblewrap,
      limits,
      prelude,
      programSource: PROGRAM_SOURCE,
      scratch,
      modulePath: python.modulePath,
    };
    try {
      await sandbox.#ask(config, PATIENCE_SECONDS);
      return sandbox;
    } catch (error) {
      await sandbox.close();
      throw error;
    }
  }

  /** One at a time. @throws SandboxFailure */
  async run(program: SandboxProgram): Promise<ProgramEnd> {
    const answer = await this.#ask(program, this.#options.limits.wallSeconds + PATIENCE_SECONDS);
    const { hasBegun, ...end } = answer as ProgramEnd & { hasBegun: boolean };
    if (!hasBegun) throw new SandboxFailure(`the program's process did not start: ${lastLine(end.stderr)}`);
    return end;
  }

  /** Ends the supervisor, and with it everything inside, without a word. `close` is still to be called. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ends everything inside and clears up. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    if (!(await this.#frames.ended(2000))) this.kill();
    await this.#frames.ended(PATIENCE_SECONDS * 1000);
    if (this.#scratch !== undefined) await rm(this.#scratch, { recursive: true, force: true });
  }

  async #ask(message: object, seconds: number): Promise<unknown> {
    this.#child.stdin?.write(frame(message));
    const answer = await this.#frames.next(seconds * 1000);
    if (typeof answer === 'string')
      throw new SandboxFailure(`${answer}${this.#stderr && `: ${lastLine(this.#stderr)}`}`);
    if ('failed' in answer) throw new SandboxFailure(String(answer['failed']));
    return answer;
  }
}

/** The line of a traceback that says what happened. */
export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
