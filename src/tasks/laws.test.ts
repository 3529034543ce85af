/** What every task of the catalogue promises, on several settings. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream, randomKey } from '../core/random.ts';
import type { Problem } from '../core/rollout.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { createTask, selfCheck, type TaskSpec } from './catalogue.ts';
import type { Split } from './task.ts';

const specs: readonly TaskSpec[] = [
  { name: 'countdown' },
  { name: 'countdown', numberCount: 2, largestNumber: 20, testSize: 32 },
  { name: 'countdown', numberCount: 4, largestNumber: 5 },
  { name: 'arithmetic' },
  { name: 'arithmetic', digits: 1, testSize: 50, operators: ['+', '-', '*'] },
  { name: 'arithmetic', digits: 2, operators: ['*'] },
  { name: 'arithmetic', digits: 6, operators: ['+', '-', '*'] },
  { name: 'echo' },
];

/** A prompt with its numbers sorted, a target apart: `3,7,5>50:` -> `,,>: 3,5,7 50`, `12+7:` -> `+: 12,7 `. */
function orderless(prompt: string): string {
  const [numbers, target = ''] = prompt.split('>');
  return `${prompt.replace(/[0-9]/g, '')} ${numbers?.match(/[0-9]+/g)?.sort()} ${target}`;
}

const splits: readonly Split[] = ['train', 'test'];
/** Spaces above this are checked on their first problems. */
const MOST = 3000;

describe.each(specs.map((spec) => [JSON.stringify(spec), spec] as const))('%s', (_, spec) => {
  const task = createTask(spec);
  const problems = (split: Split) =>
    Array.from({ length: Math.min(MOST, task.size(split)) }, (_, index) => task.problem(split, index));
  const somewhere = fc
    .tuple(fc.constantFrom(...splits), fc.nat())
    .map(([split, pick]) => task.problem(split, pick % task.size(split)));
  /** Tasks with an alphabet pose plain text. */
  const promptText = (problem: Problem) => task.prompt(problem) as string;
  const demonstrate = (problem: Problem, seed: number) =>
    task.demonstration?.(problem, new RandomStream(randomKey(seed))) ?? '';

  test('every gold is correct, with reward 1', async () => {
    const count = Math.min(MOST, task.size('train')) + Math.min(MOST, task.size('test'));
    expect(await selfCheck(task, MOST)).toEqual({ checked: count, failures: [] });
  });

  test('no problem is posed twice, within a split or across them, in whatever order its numbers stand', () => {
    const posed = splits.flatMap(problems).map((problem) => orderless(promptText(problem)));
    expect(new Set(posed).size).toBe(posed.length);
  });

  test('the same settings pose the same problems, another seed poses others', () => {
    const same = createTask(spec);
    const other = createTask({ ...spec, seed: 1 });
    const first = (of: typeof task) => Array.from({ length: 20 }, (_, i) => of.prompt(of.problem('test', i)));
    expect(first(same)).toEqual(first(task));
    expect(first(other)).not.toEqual(first(task));
  });

  test('ids are unique', () => {
    const ids = splits.flatMap(problems).map((problem) => problem.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('prompts, golds and demonstrations keep to the alphabet', () => {
    const tokenizer = createCharacterTokenizer(task.alphabet ?? '');
    fc.assert(
      fc.property(somewhere, fc.nat(), (problem, seed) => {
        const text = promptText(problem) + task.gold(problem) + demonstrate(problem, seed);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });

  test('a demonstration depends on its random stream alone', () => {
    const problem = task.problem('train', 0);
    expect(demonstrate(problem, 5)).toBe(demonstrate(problem, 5));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => demonstrate(problem, seed))).size).toBeGreaterThan(1);
  });

  test('no text makes the verifier throw, and every verdict is explained', async () => {
    const nearby = fc.string({ unit: fc.constantFrom(...(task.alphabet ?? '')), maxLength: 120 });
    const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), nearby);
    await fc.assert(
      fc.asyncProperty(somewhere, texts, async (problem, text) => {
        const verdict = await task.verify(problem, text);
        expect(verdict.outcome === 'correct' ? 1 : 0).toBe(verdict.outcome === 'unknown' ? -1 : verdict.reward);
        expect(verdict.explanation).not.toBe('');
      }),
    );
  });

  test('a very long text is judged', async () => {
    const problem = task.problem('test', 0);
    const gold = task.gold(problem);
    for (const text of [
      ';'.repeat(1e6),
      'x'.repeat(1e6),
      '9'.repeat(1e6),
      '1+1=2;'.repeat(1e5),
      `${gold};`.repeat(1e4),
    ]) {
      expect(await task.verify(problem, text)).toMatchObject({ outcome: 'incorrect' });
    }
  });
});
