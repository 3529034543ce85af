/** JavaScript programs against tests, each test in a QuickJS of its own: needs nothing from the machine, so it is the same on every one. */
import { z } from 'zod';
import type { VerifierDefinition } from '../verifier.ts';
import { judge, solutionCompletion, type TestRun } from './judge.ts';
import { type JavaScriptEnd, type JavaScriptProgram, runJavaScript } from './quickjs.ts';
import { type CodeGold, type CodeTest, codeGold } from './tests.ts';

const settings = z.strictObject({
  /** Calls and jumps back for one test; about 25 million of them take a second. */
  steps: z.int().min(10_000).default(200_000_000),
  /** MiB for one test. */
  memoryMb: z.int().min(1).max(2048).default(256),
  /** KiB of stack: 1024 is about 6,000 calls deep, and the most that a thread with 4 MiB of stack can give. */
  stackKb: z.int().min(64).max(4096).default(1024),
  /** Thousands of characters on stdout. */
  outputKb: z.int().min(1).max(65_536).default(4096),
  /** Seconds for one test: a backstop, after which nothing is decided. */
  wallSeconds: z.number().positive().default(30),
  /** How far numbers may be off: absolutely below 1, relatively above. */
  tolerance: z.number().min(0).default(0),
  /** What a completion without a code block is. */
  noCode: z.enum(['incorrect', 'unknown']).default('incorrect'),
});

type Settings = z.output<typeof settings>;

export const javascriptVerifier: VerifierDefinition<Settings, CodeGold> = {
  name: 'javascript',
  summary: 'The last JavaScript block passes every test, on stdin or as a function, in QuickJS.',
  version: 1,
  settings,
  gold: codeGold,
  runsIn: 'worker',
  // each test has its own limit, which is a worse case than its steps; the rest is for starting QuickJS
  backstopMs: (chosen, gold) => 1000 * chosen.wallSeconds * gold.tests.length + 5000,
  verify(chosen, gold, completion) {
    const run = async (source: string, test: CodeTest) =>
      describe(await runJavaScript(programOf(source, test), limitsOf(chosen)));
    return judge(completion, gold, 'javascript', chosen, async () => ({ run, close: async () => {} }));
  },
  goldCompletion: (_chosen, gold) => solutionCompletion(gold, 'javascript'),
};

function limitsOf(chosen: Settings) {
  return {
    steps: chosen.steps,
    memoryBytes: chosen.memoryMb * 2 ** 20,
    stackBytes: chosen.stackKb * 2 ** 10,
    outputCharacters: chosen.outputKb * 1000,
    wallSeconds: chosen.wallSeconds,
  };
}

function programOf(source: string, test: CodeTest): JavaScriptProgram {
  if (test.kind === 'stdin') return { source, input: test.input };
  return { source, input: '', call: { name: test.name, arguments: test.arguments } };
}

function describe(end: JavaScriptEnd): TestRun {
  if (end.ending === 'timeout')
    return { outcome: 'unknown', reason: 'timeout', explanation: 'the backstop in time came before the steps ran out' };
  if (end.ending === 'failed') return { outcome: 'failed', fault: end.fault, steps: end.steps };
  return { outcome: 'produced', produced: end, steps: end.steps };
}
