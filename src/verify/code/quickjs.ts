/**
 * Runs one JavaScript program in a QuickJS of its own: a fresh WebAssembly instance, so that no program finds or breaks anything of
 * another's. Inside there is no file, network, clock or process to reach.
 *
 * Time is counted in the engine's own steps (calls and jumps back), so that what is too slow on one machine is too slow on every one.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { callSource, JAVASCRIPT_PRELUDE } from './javascript-prelude.ts';

export interface JavaScriptLimits {
  readonly steps: number;
  readonly memoryBytes: number;
  /** Of the engine's own stack; 1 MiB is about 6,000 calls deep and needs a thread with 4 MiB. */
  readonly stackBytes: number;
  readonly outputCharacters: number;
  /** A backstop: time says nothing about the program. */
  readonly wallSeconds: number;
}

export interface JavaScriptProgram {
  readonly source: string;
  readonly input: string;
  readonly call?: { readonly name: string; readonly arguments: readonly string[] };
}

export type JavaScriptEnd = {
  /** Rounded up to the ten thousand that the engine counts by. */
  readonly steps: number;
} & (
  | { readonly ending: 'done'; readonly stdout: string; readonly result: string }
  | { readonly ending: 'failed'; readonly fault: string }
  | { readonly ending: 'timeout' }
);

/** The engine asks whether to go on after so many calls and jumps back. */
const STEPS_PER_QUESTION = 10_000;

/** Part of every JavaScript engine, described to TypeScript only together with a browser's page. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: { compile(bytes: Uint8Array): Promise<object>; readonly RuntimeError: new () => Error };
};

/** The package's types describe its CommonJS form, whose default export lies one level deeper. */
const released = variant as unknown as QuickJSSyncVariant;

let compiled: Promise<object> | undefined;

/** Compiled once for each thread; an instance then takes about a millisecond. */
async function engine() {
  compiled ??= readFile(fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'))).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  return newQuickJSWASMModuleFromVariant(newVariant(released, { wasmModule: (await compiled) as never }));
}

export async function runJavaScript(program: JavaScriptProgram, limits: JavaScriptLimits): Promise<JavaScriptEnd> {
  const runtime = (await engine()).newRuntime();
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  return new Run(runtime, program, limits).end();
}

/** What the program's own process would have been. Never disposed of: the whole instance is garbage afterwards. */
class Run {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #program: JavaScriptProgram;
  readonly #limits: JavaScriptLimits;
  readonly #deadline: number;
  #questions = 0;
  #stop: 'steps' | 'timeout' | 'output' | undefined;
  #exitStatus: number | undefined;
  #fault: string | undefined;
  #printed = '';
  #result = '';

  constructor(runtime: QuickJSRuntime, program: JavaScriptProgram, limits: JavaScriptLimits) {
    this.#runtime = runtime;
    this.#program = program;
    this.#limits = limits;
    this.#deadline = performance.now() + limits.wallSeconds * 1000;
    this.#context = runtime.newContext();
    runtime.setInterruptHandler(() => this.#mustStop());
  }

  end(): JavaScriptEnd {
    try {
      this.#run();
    } catch (error) {
      // the thread's stack or the instance's memory ended before the engine's own limits: what the program asked for, all the same
      if (!(error instanceof RangeError || error instanceof WebAssembly.RuntimeError)) throw error;
      this.#fault ??= `needs more stack than allowed (${error.message})`;
    }
    const steps = this.#questions * STEPS_PER_QUESTION;
    if (this.#stop === 'timeout') return { ending: 'timeout', steps };
    if (this.#stop === 'steps') return failed(`over ${this.#limits.steps} steps`, steps);
    if (this.#stop === 'output') return failed(`printed more than ${this.#limits.outputCharacters} characters`, steps);
    if (this.#exitStatus === undefined && this.#fault !== undefined) return failed(this.#fault, steps);
    if (this.#exitStatus !== undefined && this.#exitStatus !== 0) {
      return failed(`ended with status ${this.#exitStatus}`, steps);
    }
    return { ending: 'done', stdout: this.#printed, result: this.#result, steps };
  }

  #run(): void {
    const { source, input, call } = this.#program;
    this.#offer('__write', (text) => this.#print(text === undefined ? '' : this.#context.getString(text)));
    this.#offer('__exit', (status) => {
      this.#exitStatus = status === undefined ? 0 : this.#context.getNumber(status) || 0;
      throw new Error('the program has ended');
    });
    this.#context.setProp(this.#context.global, '__input', this.#context.newString(input));
    const parts = [JAVASCRIPT_PRELUDE, source];
    for (const part of parts) if (!this.#evaluate(part)) return;
    if (call === undefined) {
      if (this.#jobs() && this.#evaluate('globalThis.__deliver()')) this.#jobs();
      return;
    }
    this.#offer('__return', (text, fault) => {
      this.#result = text === undefined ? '' : this.#context.getString(text);
      if (fault !== undefined) this.#fault = this.#context.getString(fault);
    });
    if (this.#evaluate(callSource(call.name, call.arguments))) this.#jobs();
  }

  #mustStop(): boolean {
    this.#questions++;
    if (this.#stop !== undefined) return true;
    if (this.#questions * STEPS_PER_QUESTION > this.#limits.steps) this.#stop = 'steps';
    else if (performance.now() > this.#deadline) this.#stop = 'timeout';
    return this.#stop !== undefined;
  }

  #print(text: string): void {
    if (this.#printed.length + text.length > this.#limits.outputCharacters) {
      this.#stop = 'output';
      throw new Error('too much output');
    }
    this.#printed += text;
  }

  #offer(name: string, use: (...values: QuickJSHandle[]) => void): void {
    const handle = this.#context.newFunction(name, (...values) => use(...values));
    this.#context.setProp(this.#context.global, name, handle);
  }

  /** Whether the program may go on. */
  #evaluate(source: string): boolean {
    const outcome = this.#context.evalCode(source, 'solution.js', { type: 'global' });
    if (outcome.error !== undefined) this.#fault ??= this.#message(outcome.error);
    return outcome.error === undefined;
  }

  /** What promises wait for. */
  #jobs(): boolean {
    const outcome = this.#runtime.executePendingJobs();
    if (outcome.error !== undefined) this.#fault ??= this.#message(outcome.error);
    return outcome.error === undefined;
  }

  /** Like `TypeError: x is not a function`. What was thrown may be anything, also something that throws when looked at. */
  #message(thrown: QuickJSHandle): string {
    const [name, message] = ['name', 'message'].map((key) => this.#text(this.#context.getProp(thrown, key)));
    if (message !== undefined) return name === undefined ? message : `${name}: ${message}`;
    return `threw ${this.#text(thrown) ?? this.#context.typeof(thrown)}`;
  }

  #text(value: QuickJSHandle): string | undefined {
    const type = this.#context.typeof(value);
    return type === 'string' || type === 'number' ? this.#context.getString(value) : undefined;
  }
}

function failed(fault: string, steps: number): JavaScriptEnd {
  return { ending: 'failed', fault, steps };
}
