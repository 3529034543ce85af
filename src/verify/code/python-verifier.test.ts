import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../core/settings.ts';
import { describeIsolation } from '../sandbox/isolation.ts';
import { pythonVerifier } from './python-verifier.ts';

const report = await describeIsolation();
const isIsolated = report.isolation !== 'none';
const why = isIsolated ? '' : ` (skipped: ${report.pythonFailure ?? 'no isolation here'})`;

const SUM = {
  tests: [
    { input: '1 2', output: '3' },
    { input: '3 4', output: '7' },
    { input: '5 6', output: '11' },
  ],
};
const READS = 'print(sum(map(int, input().split())))';

async function verdict(source: string, gold: unknown, settings: Record<string, unknown> = {}) {
  const chosen = parseSettings(pythonVerifier.settings, settings, 'verifier');
  const completion = `So:\n\`\`\`python\n${source}\n\`\`\`\n`;
  return pythonVerifier.verify(chosen, parseSettings(pythonVerifier.gold, gold, 'gold'), completion);
}

describe.runIf(isIsolated)(`the verdict on a Python program${why}`, () => {
  it('is correct where every test passes', async () => {
    expect(await verdict(READS, SUM)).toMatchObject({
      outcome: 'correct',
      reward: 1,
      explanation: 'all 3 tests pass',
      evidence: { rule: 'all tests pass', extracted: { text: `${READS}\n`, start: 14, anchor: 'last python block' } },
    });
  });

  it('is incorrect at the first test that differs, which it names', async () => {
    const source = "a, b = input().split()\nprint(int(a) + int(b) if a != '3' else 'no')";
    expect(await verdict(source, SUM)).toMatchObject({
      outcome: 'incorrect',
      explanation: 'test 2 of 3: expected "7", got "no"',
    });
  });

  it("finds LiveCodeBench's imports, unless told otherwise, and methods of Solution", async () => {
    const gold = { functionName: 'f', tests: [{ input: '[3, 1, 2]\n2', output: '[1, 2]' }] };
    const source =
      'class Solution:\n    def f(self, a: List[int], k: int) -> List[int]:\n        return nsmallest(k, a)';
    expect(await verdict(source, gold)).toMatchObject({ outcome: 'correct', explanation: 'the test passes' });
    expect(await verdict(source, gold, { prelude: 'none' })).toMatchObject({
      outcome: 'incorrect',
      explanation: "test 1 of 1: NameError: name 'List' is not defined",
    });
  });

  it('keeps every digit of a result, and takes a tuple for a list', async () => {
    const gold = { functionName: 'f', tests: [{ input: '9007199254740993', output: '[9007199254740994, true]' }] };
    expect(await verdict('def f(n): return (n + 1, True)', gold)).toMatchObject({ outcome: 'correct' });
    expect(await verdict('def f(n): return (n + 2, True)', gold)).toMatchObject({ outcome: 'incorrect' });
  });

  it.each([
    ['prints what it guesses', "print('correct'); print(3)", 'expected "3", got "correct"'],
    ['leaves before the answer', 'import os; os._exit(0)', 'expected "3", got ""'],
    ['fails after the answer', `${READS}\nimport sys; sys.exit(1)`, 'ended with status 1'],
    ['raises', 'def f(): return 1 / 0\nf()', 'ZeroDivisionError: division by zero'],
    ['is no program', 'print(', 'SyntaxError'],
    ['waits', 'import time; time.sleep(60)', 'not done after 1.5 s'],
    ['takes all memory', "x = 'x' * (1 << 40)", 'MemoryError'],
    ['prints without end', "while True: print('x' * 10000)", 'printed more than 16 KiB'],
    ['crashes the interpreter', 'import ctypes; ctypes.string_at(0)', 'killed by SIGSEGV'],
    [
      'looks for the tests',
      "import glob, sys; print(glob.glob('/tmp/*') + [m for m in sys.modules if 'expected' in m])",
      'got "',
    ],
  ])('is incorrect for one that %s', async (name, source, explanation) => {
    const wallSeconds = name === 'waits' ? 1.5 : 9;
    const found = await verdict(source, SUM, { cpuSeconds: 1, wallSeconds, outputKb: 16 });
    expect(found).toMatchObject({ outcome: 'incorrect', reward: 0 });
    expect(found.explanation).toMatch(new RegExp(`^test 1 of 3: .*(${explanation})`));
  });

  it('may leave by exit()', async () => {
    const gold = { tests: [{ input: '', output: '1' }] };
    expect(await verdict('print(1)\nexit()\nprint(2)', gold)).toMatchObject({ outcome: 'correct' });
  });

  it.each([
    ['returns nothing', 'def f(): pass', 'expected "5", got "null"'],
    ['returns no JSON', 'def f(): return {1}', 'TypeError: returned a set, which is not JSON'],
    ['leaves instead', 'import os\ndef f(): os._exit(0)', 'ended before f returned'],
    [
      'writes results by hand, too',
      "import os\ndef f():\n    os.write(3, b'5')\n    return 6",
      'expected "5", got "56"',
    ],
    ['prints instead', 'def f(): print(5)', 'expected "5", got "null"'],
    ['lacks the function', 'def g(): return 5', 'NameError: function f is not defined'],
  ])('is incorrect for a function that %s', async (_name, source, explanation) => {
    const gold = { tests: [{ kind: 'function', name: 'f', arguments: [], expected: 5 }] };
    expect(await verdict(source, gold)).toMatchObject({
      outcome: 'incorrect',
      explanation: `test 1 of 1: ${explanation}`,
    });
  });

  it('is incorrect for one that computes too long, however patient the clock', async () => {
    const { explanation } = await verdict('while True: pass', SUM, { cpuSeconds: 1 });
    // bubblewrap does not pass on what its program computed
    expect(explanation).toMatch(/^test 1 of 3: (over 1 s of computing|killed by SIGKILL after)/);
  });

  it('is the same for the order of a set at every run', async () => {
    const gold = { tests: [{ input: '', output: '1' }] };
    const source = "print(''.join({'a', 'b', 'c', 'd', 'e', 'f'}))";
    expect(await verdict(source, gold)).toEqual(await verdict(source, gold));
  });

  it('passes the solution of a gold that has one', async () => {
    const gold = { ...SUM, solution: READS };
    const chosen = pythonVerifier.settings.parse({});
    const completion = pythonVerifier.goldCompletion(chosen, gold) ?? '';
    expect(await pythonVerifier.verify(chosen, gold, completion)).toMatchObject({ outcome: 'correct' });
  });
});

describe('where Python programs cannot run', () => {
  const chosen = pythonVerifier.settings.parse({ python: 'no-such-python' });

  it('a run is refused before it starts', async () => {
    await expect(pythonVerifier.prepare?.(chosen)).rejects.toThrow('no-such-python does not run');
    if (!isIsolated)
      await expect(pythonVerifier.prepare?.({ ...chosen, python: 'python3' })).rejects.toThrow(/python|isolation/);
  });

  it('a verdict is unknown, never incorrect', async () => {
    expect(await verdict(READS, SUM, { python: 'no-such-python' })).toMatchObject({
      outcome: 'unknown',
      reason: 'sandbox',
    });
  });
});
