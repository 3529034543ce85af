/** Measuring and comparing policies through the built command, on the fake engine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polarity, ROOT, removeFolder, result, temporaryFolder } from './polarity.ts';

const ECHO = join(ROOT, 'examples', 'echo.yaml');
const BENCHMARKS = join(ROOT, 'examples', 'benchmarks', 'echo.yaml');

interface Line {
  name: string;
  metrics: Record<string, number>;
  intervals: Record<string, [number, number]>;
  testSetIntervals: Record<string, [number, number]>;
  problems: { correct: number }[];
  subject: Record<string, unknown>;
}
interface Compared {
  benchmarks: { name: string; verdict: string; adjustedPValue: number; scores: Record<string, unknown>[] }[];
  average?: { difference: number; pValue: number };
  notCompared: string[];
}

let folder: string;
const run = (...args: string[]) => polarity(args, folder);
const compared = async (...args: string[]) => result(await run('compare', ...args, '--json')) as unknown as Compared;

beforeAll(async () => {
  folder = temporaryFolder();
  await run('train', ECHO);
  await run('evaluate', 'runs/echo@10', '--benchmarks', BENCHMARKS, '--out', 'early.json');
  await run('evaluate', 'runs/echo', '--benchmarks', BENCHMARKS, '--out', 'late.json');
  await run('evaluate', 'runs/echo', '--set', 'evaluation.temperature=0.7', '--out', 'cold.json');
});
afterAll(() => removeFolder(folder));

describe('polarity evaluate', () => {
  it('says the same as the run that trained the policy, with both intervals, rates and what it could show', async () => {
    const outcome = await run('evaluate', 'runs/echo', '--json');
    const last = JSON.parse(
      readFileSync(join(folder, 'runs/echo/evaluations.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '',
    );
    const { benchmarks, metrics } = result(outcome) as unknown as { benchmarks: Line[]; metrics: object };
    expect(metrics).toEqual(last.metrics);
    expect(benchmarks[0]?.problems).toEqual(last.problems);
    expect(benchmarks[0]?.subject).toMatchObject({
      target: join('runs', 'echo@20'),
      weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: { engine: 'fake' },
    });
    expect(outcome.stderr).toContain('24 problems x 16 samples: differences from 10.1 points can be shown');
    expect(outcome.stderr).toMatch(
      /benchmark +problems x n +avg@n +this test set +problems like these +pass@4 +pass@16 +truncated +unknown/,
    );
  });

  it('measures the benchmarks of a file, each alike in the average, and none has a majority where answers have no form', async () => {
    const { stdout, exitCode } = await run('evaluate', 'runs/echo@10', '--benchmarks', BENCHMARKS);
    expect(exitCode).toBe(0);
    const value = (row: string) => Number(new RegExp(`^${row} .*?(\\d\\.\\d{3})`, 'm').exec(stdout)?.[1]);
    expect(value('average')).toBeCloseTo((value('words of 3') + value('words of 2')) / 2, 2);
    expect(stdout).not.toContain('maj@');
  });

  it('keeps an interval of this test set inside that of problems like these', () => {
    const { evaluations } = JSON.parse(readFileSync(join(folder, 'early.json'), 'utf8')) as { evaluations: Line[] };
    for (const { intervals, testSetIntervals } of evaluations)
      for (const [key, [low, high]] of Object.entries(testSetIntervals)) {
        expect(intervals[key]?.[0]).toBeLessThanOrEqual(low);
        expect(intervals[key]?.[1]).toBeGreaterThanOrEqual(high);
      }
  });

  it.each([
    [['--out', 'early.json'], 'early.json: it exists'],
    [['--benchmarks', BENCHMARKS, '--set', 'evaluation.samples=2'], 'has no effect with --benchmarks'],
    [['--benchmarks', 'bad.yaml'], 'unknown key benchmarks.a.sampels (value 2); did you mean samples?'],
    [['--benchmarks', 'large.yaml'], 'a: evaluation.problems must be at most 24'],
  ])('%j is refused by name', async (args, message) => {
    writeFileSync(join(folder, 'bad.yaml'), 'benchmarks: { a: { task: echo, sampels: 2 } }');
    writeFileSync(join(folder, 'large.yaml'), 'benchmarks: { a: { task: echo, problems: 99 } }');
    const { exitCode, stderr } = await run('evaluate', 'runs/echo', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('polarity compare', () => {
  it('shows what training came to, from the run’s own evaluations', async () => {
    const { benchmarks } = await compared('runs/echo@0', 'runs/echo');
    expect(benchmarks).toHaveLength(1);
    expect(benchmarks[0]?.verdict).toMatch(/^B is better by 9\d\.\d points$/);
    expect(benchmarks[0]?.scores.map(({ score }) => score)).toEqual(['avg@16', 'pass@4', 'pass@16']);
  });

  it('adjusts for several benchmarks, and says what was too small to be seen', async () => {
    const { benchmarks, average } = await compared('early.json', 'late.json');
    expect(benchmarks.map(({ name }) => name)).toEqual(['words of 3', 'words of 2']);
    const least = Math.min(...benchmarks.map(({ scores }) => scores[0]?.['pValue'] as number));
    expect(Math.min(...benchmarks.map(({ adjustedPValue }) => adjustedPValue))).toBe(2 * least);
    expect(benchmarks[1]?.verdict).toMatch(
      /^not resolved: the difference \([\d.]+ points\) is below what 12 problems x 16 samples can show/,
    );
    expect(average?.difference).toBeGreaterThan(0);
  });

  it('refuses numbers made in different ways, naming the difference, and shouts where it is forced', async () => {
    const refused = await run('compare', 'cold.json', 'runs/echo');
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining('echo/test cannot be compared: temperature differs (0.7 and 1)'),
    ]);
    const forced = await run('compare', 'cold.json', 'runs/echo', '--force');
    expect([forced.exitCode, forced.stdout]).toEqual([
      0,
      expect.stringContaining('echo/test: NOT COMPARABLE, forced: temperature differs (0.7 and 1)'),
    ]);
  });

  it('finds no difference between a thing and itself', async () => {
    const { benchmarks } = await compared('late.json', 'late.json');
    for (const { verdict, adjustedPValue } of benchmarks)
      expect([verdict, adjustedPValue]).toEqual([expect.stringMatching(/^no difference on/), 1]);
  });

  it.each([
    [['early.json', 'runs/echo'], 'have no benchmark in common'],
    [['runs/echo@5', 'runs/echo'], 'has no evaluation of step 5: it has those of steps 0, 20'],
    [['runs/echo', 'absent.json'], 'cannot read absent.json'],
    [['runs/echo', 'odd.json'], 'odd.json is not a file that `polarity evaluate --out` wrote'],
  ])('%j is refused by name', async (args, message) => {
    writeFileSync(join(folder, 'odd.json'), '{"a": 1}');
    const { exitCode, stderr } = await run('compare', ...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
