/**
 * LiveCodeBench's rows. Public tests are JSON in a cell; private ones are JSON, pickled as one string, deflated, in base64, or plain
 * JSON in older files. The pickle is read by `pickle.ts`, which can do nothing but that. Tests are kept as they stand in the file, a
 * tenth of their size, and unpacked for each decision.
 */
import { inflateSync } from 'node:zlib';
import { z } from 'zod';
import type { Assembled } from './format.ts';
import { stringFromPickle } from './pickle.ts';
import { type Cells, textOf } from './row.ts';

/** Bytes of one problem's private tests once inflated. The largest published are of some hundred megabytes. */
const MOST_TEST_BYTES = 2 ** 29;

const tests = z.array(z.object({ input: z.string(), output: z.string(), testtype: z.enum(['stdin', 'functional']) }));
type Tests = z.output<typeof tests>;

/** What is kept of a problem's tests. */
const packedTests = z.strictObject({ public: z.string(), private: z.string(), metadata: z.string() });

export function liveCodeBenchRow(cells: Cells): Assembled {
  const problem = cells['question_content'];
  if (typeof problem !== 'string' || problem.trim() === '') return { fault: 'question_content is empty' };
  const gold = {
    public: textOf(cells['public_test_cases']),
    private: textOf(cells['private_test_cases']),
    metadata: textOf(cells['metadata']),
  };
  try {
    unpackTests(gold);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
  return {
    problem: withStarter(problem.trim(), cells['starter_code']),
    gold,
    meta: {
      difficulty: textOf(cells['difficulty']),
      questionId: textOf(cells['question_id']),
      date: textOf(cells['contest_date']),
    },
  };
}

/** The gold of the code verifiers. @throws Error saying which column cannot be read. */
export function unpackTests(packed: unknown): { tests: { input: string; output: string }[]; functionName?: string } {
  const cells = packedTests.parse(packed);
  const all = [...parseTests(cells.public, false), ...parseTests(cells.private, true)];
  if (all.length === 0) throw new Error('there are no tests');
  const functionName = functionNameOf(cells.metadata);
  const kinds = new Set(all.map((test) => test.testtype));
  if (kinds.size > 1) throw new Error('its tests are of both kinds, stdin and functional');
  const tests = all.map(({ input, output }) => ({ input, output }));
  if (!kinds.has('functional')) return { tests };
  if (functionName === undefined) throw new Error('metadata names no func_name');
  return { tests, functionName };
}

function withStarter(problem: string, starter: unknown): string {
  const code = textOf(starter);
  return code === '' ? problem : `${problem}\n\nUse this starter code:\n\`\`\`python\n${code}\n\`\`\``;
}

function parseTests(text: string, isPrivate: boolean): Tests {
  const column = isPrivate ? 'private_test_cases' : 'public_test_cases';
  if (text === '') return [];
  const json = text.startsWith('[') || !isPrivate ? text : unpacked(text);
  const parsed = tests.safeParse(parseJson(json, column));
  if (parsed.success) return parsed.data;
  throw new Error(`${column} is not a list of {input, output, testtype}`);
}

function unpacked(text: string): string {
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_TEST_BYTES });
  } catch (error) {
    throw new Error(`private_test_cases: ${(error as Error).message}`, { cause: error });
  }
  return stringFromPickle(bytes);
}

function functionNameOf(text: string): string | undefined {
  const value = text === '' ? undefined : (parseJson(text, 'metadata') as { func_name?: unknown } | null);
  return typeof value?.func_name === 'string' ? value.func_name : undefined;
}

function parseJson(text: string, column: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${column} is not JSON`, { cause: error });
  }
}
