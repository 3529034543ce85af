/**
 * Test cases for programs, as LiveCodeBench has them: text on stdin and the text to print, or a function's arguments and its result.
 * Decides from what a program printed or returned; expected outputs never go where programs run.
 */
import { z } from 'zod';
import { outputDifference, resultDifference } from './compare.ts';

const textTest = z.strictObject({
  /** Without it: `function` where the gold names a function, else `stdin`. */
  kind: z.enum(['stdin', 'function']).optional(),
  name: z.string().min(1).optional(),
  /** What is on stdin; for a function its arguments, JSON, one on each line. */
  input: z.string(),
  /** What must be printed; for a function its result, JSON. */
  output: z.string(),
});

const valueTest = z.strictObject({
  kind: z.literal('function'),
  name: z.string().min(1).optional(),
  arguments: z.array(z.json()),
  expected: z.json(),
});

export const codeGold = z
  .strictObject({
    tests: z.array(z.union([textTest, valueTest])).min(1),
    /** Called in tests of functions that name none: a global function or a method of `Solution`. */
    functionName: z.string().min(1).optional(),
    /** A program that passes, for self-checks. */
    solution: z.string().optional(),
  })
  .check((context) => {
    const { tests, functionName } = context.value;
    for (const [index, test] of tests.entries()) {
      const fault = faultOf(test, functionName);
      if (fault !== undefined) {
        context.issues.push({ code: 'custom', message: fault, input: test, path: ['tests', index] });
      }
    }
  });

export type CodeGold = z.output<typeof codeGold>;
type WrittenTest = CodeGold['tests'][number];

/** One test, ready to run. Arguments and results are JSON texts, so that no digit is lost. */
export type CodeTest =
  | { readonly kind: 'stdin'; readonly input: string; readonly output: string }
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly arguments: readonly string[];
      readonly expected: string;
    };

function faultOf(test: WrittenTest, functionName: string | undefined): string | undefined {
  if (kindOf(test, functionName) === 'stdin') return undefined;
  if ((test.name ?? functionName) === undefined) return 'is of a function but neither it nor functionName names one';
  if ('arguments' in test) return undefined;
  for (const text of [...argumentTexts(test.input), test.output]) {
    try {
      JSON.parse(text);
    } catch {
      return `is of a function but has a line that is not JSON: ${text.slice(0, 40)}`;
    }
  }
  return undefined;
}

function kindOf(test: WrittenTest, functionName: string | undefined): 'stdin' | 'function' {
  return test.kind ?? (test.name === undefined && functionName === undefined ? 'stdin' : 'function');
}

function argumentTexts(input: string): string[] {
  return input === '' ? [] : input.split('\n');
}

export function testsOf({ tests, functionName }: CodeGold): CodeTest[] {
  return tests.map((test) => {
    const name = test.name ?? functionName ?? '';
    if ('arguments' in test) {
      const texts = test.arguments.map((value) => JSON.stringify(value));
      return { kind: 'function', name, arguments: texts, expected: JSON.stringify(test.expected) };
    }
    if (kindOf(test, functionName) === 'stdin') return { kind: 'stdin', input: test.input, output: test.output };
    return { kind: 'function', name, arguments: argumentTexts(test.input), expected: test.output.trim() };
  });
}

/** What came out of one run of a program that ended well. */
export interface Produced {
  readonly stdout: string;
  /** What the function returned, as JSON; empty when nothing that is JSON. */
  readonly result: string;
}

/** What differs from what the test expects; `undefined` when it is passed. */
export function differenceOf(test: CodeTest, produced: Produced, tolerance: number): string | undefined {
  return test.kind === 'stdin'
    ? outputDifference(test.output, produced.stdout, tolerance)
    : resultDifference(test.expected, produced.result, tolerance);
}
