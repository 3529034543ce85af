/** Python programs against tests, each completion in a sandbox of its own and each test in a process of its own. */
import { constants } from 'node:os';
import { z } from 'zod';
import { findOnPath, findPython } from '../sandbox/find-python.ts';
import { requireIsolation } from '../sandbox/isolation.ts';
import {
  type IsolationKind,
  lastLine,
  type ProgramEnd,
  PythonSandbox,
  type SandboxLimits,
  type SandboxOptions,
} from '../sandbox/python-sandbox.ts';
import { messageOf, unknown } from '../verdict.ts';
import type { VerifierDefinition } from '../verifier.ts';
import { judge, type RunTest, solutionCompletion, type TestRun } from './judge.ts';
import { type CodeGold, type CodeTest, codeGold } from './tests.ts';

const settings = z.strictObject({
  /** The interpreter, 3.8 or later: a name on the PATH or a path. Its version decides verdicts. */
  python: z.string().min(1).default('python3'),
  /** What keeps a program from this machine; `auto` takes the first that is real and refuses where none is. */
  isolation: z.enum(['auto', 'namespaces', 'bubblewrap', 'none-i-accept-the-risk']).default('auto'),
  /** Whole seconds of computing for one test, as LiveCodeBench allows. */
  cpuSeconds: z.int().min(1).max(3600).default(6),
  /** Seconds for one test, however little it computes. */
  wallSeconds: z.number().positive().max(7200).default(20),
  /** MiB of address space for one process, the interpreter's own included. */
  memoryMb: z.int().min(64).default(1024),
  /** KiB on stdout. */
  outputKb: z.int().min(1).max(65_536).default(4096),
  /** MiB of files. */
  scratchMb: z.int().min(1).default(64),
  /** Processes and threads at once. */
  processes: z.int().min(4).max(1024).default(16),
  /** Names that are defined when a program starts: the modules LiveCodeBench imports, or none. */
  prelude: z.enum(['livecodebench', 'none']).default('livecodebench'),
  /** How far numbers may be off: absolutely below 1, relatively above. */
  tolerance: z.number().min(0).default(0),
  /** What a completion without a code block is. */
  noCode: z.enum(['incorrect', 'unknown']).default('incorrect'),
});

type Settings = z.output<typeof settings>;

export const pythonVerifier: VerifierDefinition<Settings, CodeGold> = {
  name: 'python',
  summary: 'The last Python block passes every test, on stdin or as a function, in a sandbox.',
  version: 1,
  settings,
  gold: codeGold,
  runsIn: 'process',
  async prepare(chosen) {
    await sandboxOptions(chosen);
  },
  async verify(chosen, gold, completion) {
    try {
      return await judge(completion, gold, 'python', chosen, () => open(chosen));
    } catch (error) {
      return unknown('sandbox', messageOf(error));
    }
  },
  goldCompletion: (_chosen, gold) => solutionCompletion(gold, 'python'),
};

/** @throws UserError where there is no such interpreter, or no such isolation. */
async function sandboxOptions(chosen: Settings): Promise<SandboxOptions> {
  const python = await findPython(chosen.python);
  const isolation: IsolationKind =
    chosen.isolation === 'none-i-accept-the-risk' ? 'limits' : await requireIsolation(chosen.isolation, python);
  const bubblewrap = isolation === 'bubblewrap' ? await findOnPath('bwrap') : undefined;
  return {
    isolation,
    python,
    ...(bubblewrap === undefined ? {} : { bubblewrap }),
    limits: limitsOf(chosen),
    prelude: chosen.prelude,
  };
}

function limitsOf(chosen: Settings): SandboxLimits {
  return {
    cpuSeconds: chosen.cpuSeconds,
    wallSeconds: chosen.wallSeconds,
    memoryBytes: chosen.memoryMb * 2 ** 20,
    outputBytes: chosen.outputKb * 2 ** 10,
    scratchBytes: chosen.scratchMb * 2 ** 20,
    processes: chosen.processes,
  };
}

async function open(chosen: Settings): Promise<{ readonly run: RunTest; close(): Promise<void> }> {
  const options = await sandboxOptions(chosen);
  const sandbox = await PythonSandbox.start(options);
  const run: RunTest = async (source, test) =>
    describe(await sandbox.run(programOf(source, test)), options.limits, test);
  return { run, close: () => sandbox.close() };
}

function programOf(source: string, test: CodeTest) {
  return test.kind === 'stdin'
    ? { source, input: test.input }
    : { source, function: test.name, arguments: test.arguments };
}

/** The program's own failures are its answer; what the machine did to it is not. */
function describe(end: ProgramEnd, limits: SandboxLimits, test: CodeTest): TestRun {
  const failed = (fault: string): TestRun => ({ outcome: 'failed', fault });
  if (end.ending === 'output') return failed(`printed more than ${limits.outputBytes / 1024} KiB`);
  if (end.ending === 'timeout') {
    const isStarved = end.waitedSeconds > limits.wallSeconds / 2;
    if (!isStarved)
      return failed(`not done after ${limits.wallSeconds} s, ${end.cpuSeconds.toFixed(1)} s of them computing`);
    return { outcome: 'unknown', reason: 'timeout', explanation: 'the machine was too busy to run it' };
  }
  if (end.ending === 'signalled') {
    if (end.cpuSeconds >= limits.cpuSeconds) return failed(`over ${limits.cpuSeconds} s of computing`);
    return failed(`killed by ${signalName(end.code)} after ${end.wallSeconds.toFixed(1)} s`);
  }
  if (end.code !== 0) return failed(lastLine(end.stderr) || `ended with status ${end.code}`);
  if (test.kind === 'function' && end.result === '') return failed(`ended before ${test.name} returned`);
  return { outcome: 'produced', produced: end };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
