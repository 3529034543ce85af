import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { parseSettings } from '../../core/settings.ts';
import { verifyHere } from '../../verify/catalogue.ts';
import { describeIsolation } from '../../verify/sandbox/isolation.ts';
import { openTask, resolveTask, selfCheck } from '../catalogue.ts';
import type { Split, Task } from '../task.ts';
import { datasetSettings } from './settings.ts';

const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '../../../examples');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarity-dataset-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Rows = readonly (readonly [question: string, answer: string])[];

function written(name: string, rows: Rows): string {
  const lines = rows.map(([question, answer]) => JSON.stringify({ question, answer }));
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return name;
}

const open = (settings: object, directory = folder): Promise<Task> =>
  openTask({ name: 'dataset', ...settings }, 'run.yaml: task', { directoryOf: () => directory, verify: verifyHere });

const textsOf = (task: Task, split: Split): string[] =>
  Array.from({ length: task.size(split) }, (_, i) => (task.problem(split, i).data as { text: string }).text);

/** As many different sums as asked for: `1+0` -> 1. */
const sums = (count: number, from = 0): Rows =>
  Array.from({ length: count }, (_, i) => [`What is ${i + from} plus 1?`, `${i + from + 1}`] as const);

describe('the example', () => {
  const example = () => open({ train: 'word-problems.jsonl', testFraction: 0.2 }, EXAMPLES);

  it('poses 40 problems in two disjoint splits, every gold of which passes', async () => {
    const task = await example();
    expect([task.size('train'), task.size('test')]).toEqual([27, 13]);
    expect(new Set([...textsOf(task, 'train'), ...textsOf(task, 'test')]).size).toBe(40);
    expect(await selfCheck(task, 100)).toEqual({ checked: 40, failures: [] });
    expect(await task.verify(task.problem('train', 0), 'I do not know, \\boxed{-1}')).toMatchObject({
      outcome: 'incorrect',
    });
  });

  it('says what was read, for the manifest and for evaluations', async () => {
    const task = await example();
    const path = join(EXAMPLES, 'word-problems.jsonl');
    expect(task.dataHashes).toEqual({ [path]: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(task.notes).toEqual([`${path}: format gsm8k`, '13 of 40 problems held out by hash (testFraction 0.2)']);
    expect(task.protocol).toMatchObject({ data: { rows: 13 }, verifiers: [{ name: 'math' }] });
  });
});

it('plain prompts have an alphabet, conversations have none', async () => {
  const train = written('alphabet.jsonl', [['1+1', '2']]);
  const prompt = { template: '{problem}=', format: 'plain' };
  expect((await open({ train, testFraction: 0, prompt, verifier: { name: 'exact' } })).alphabet).toBe('+12=');
  expect((await open({ train, testFraction: 0 })).alphabet).toBeUndefined();
});

describe('a verifier that cannot decide here is refused before anything is asked of it', async () => {
  const python = (settings: object) =>
    open({ train: written('code.jsonl', sums(3)), verifier: { name: 'python', ...settings } });
  const report = await describeIsolation();

  it('for want of the interpreter', async () => {
    const failure = python({ python: '/nowhere/python3' });
    await expect(failure).rejects.toThrow('verifier: python: /nowhere/python3 does not run');
    await expect(failure).rejects.toThrow(UserError);
  });

  it.runIf(report.python)('for want of the isolation', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      const failure = python({ python: report.python?.path, isolation: 'bubblewrap' });
      await expect(failure).rejects.toThrow('verifier: isolation: Python programs cannot be isolated on this machine');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('splits', () => {
  it('are the same for the same seed, others for another, and stay when rows are added', async () => {
    const small = written('small.jsonl', sums(200));
    const large = written('large.jsonl', sums(300));
    const test = async (settings: object) => textsOf(await open(settings), 'test');
    const held = await test({ train: small });
    expect(await test({ train: small })).toEqual(held);
    expect(await test({ train: small, seed: 1 })).not.toEqual(held);
    const grown = await test({ train: large });
    expect(held.filter((text) => !grown.includes(text))).toEqual([]);
    // a tenth of 200, standard deviation 4.2
    expect(Math.abs(held.length - 20)).toBeLessThan(13);
  });

  it('leave train problems out that stand in the test files, however they are set', async () => {
    const train = written('train.jsonl', [...sums(5), ['What is $3$ PLUS 1 ?', '4']]);
    const test = written('test.jsonl', sums(2, 3));
    const task = await open({ train, test });
    expect(textsOf(task, 'test')).toEqual(['What is 3 plus 1?', 'What is 4 plus 1?']);
    expect(textsOf(task, 'train')).toEqual(['What is 0 plus 1?', 'What is 1 plus 1?', 'What is 2 plus 1?']);
    expect(task.notes).toContain('3 train problems left out: they stand in the test split');
  });

  it('may be of test files alone, each laid out in its own way', async () => {
    writeFileSync(join(folder, 'other.jsonl'), '{"Problem":"1+1","Answer":2}\n');
    const task = await open({
      test: [written('one.jsonl', sums(2)), { path: 'other.jsonl', verifier: { name: 'exact' } }],
    });
    expect([task.size('train'), task.size('test')]).toEqual([0, 3]);
    expect(task.gold(task.problem('test', 0))).toBe('\\boxed{1}');
    expect(task.gold(task.problem('test', 2))).toBe('2');
  });

  it('are ordered by the seed and cut where asked', async () => {
    const train = written('order.jsonl', sums(50));
    const inOrder = textsOf(await open({ train, testFraction: 0 }), 'train');
    expect(inOrder).toEqual(sums(50).map(([question]) => question));
    const shuffled = textsOf(await open({ train, testFraction: 0, shuffle: true, limit: 10 }), 'train');
    expect(shuffled).toHaveLength(10);
    expect(shuffled).not.toEqual(inOrder.slice(0, 10));
  });
});

describe('copies and golds', () => {
  const rows: Rows = [
    ['1+1?', '2'],
    ['1+1?', '2'],
    ['2+2?', '4'],
    ['2+2?', '5'],
    ['3+3?', '6'],
  ];

  it('copies count once, and a problem with two golds is left out', async () => {
    const task = await open({ train: written('copies.jsonl', rows), testFraction: 0 });
    expect(textsOf(task, 'train')).toEqual(['1+1?', '3+3?']);
    expect(task.notes?.slice(1)).toEqual([
      '1 copies of problems left out',
      '1 problems with more than one gold left out',
    ]);
  });

  it('without dedupe all stay, under different ids', async () => {
    const task = await open({ train: written('copies.jsonl', rows), testFraction: 0, dedupe: false });
    expect(task.size('train')).toBe(5);
    expect(new Set(Array.from({ length: 5 }, (_, i) => task.problem('train', i).id)).size).toBe(5);
  });

  it('an id depends on the problem and its gold, not on its place, its file or the prompt around it', async () => {
    const ids = async (settings: object) => {
      const task = await open({ testFraction: 0, ...settings });
      return Array.from({ length: task.size('train') }, (_, i) => task.problem('train', i).id.split('/')[1]);
    };
    const there = await ids({ train: written('a.jsonl', sums(3)) });
    const elsewhere = await ids({
      train: written('b.jsonl', [...sums(3)].reverse()),
      prompt: { template: '{problem}!' },
    });
    expect([...elsewhere].reverse()).toEqual(there);
  });

  // multiple choice takes letters
  const failing = { verifier: { name: 'choice' }, train: 'failing.jsonl', testFraction: 0 };
  const bad: Rows = [
    ['1+1?', 'B'],
    ['2+2?', 'four'],
  ];

  it('golds that fail their own verifier end the run, unless told otherwise', async () => {
    written('failing.jsonl', bad);
    const refused = open(failing);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow('1 of 2 golds fail their own verifier');
    await expect(refused).rejects.toThrow('say failingGolds: drop or keep');
    const dropped = await open({ ...failing, failingGolds: 'drop' });
    expect(textsOf(dropped, 'train')).toEqual(['1+1?']);
    expect(dropped.notes).toContain('1 problems left out: their golds fail their own verifier');
    expect((await open({ ...failing, failingGolds: 'keep' })).size('train')).toBe(2);
  });

  it('so do rows without a gold', async () => {
    const train = written('empty.jsonl', [
      ['1+1?', ''],
      ['2+2?', '4'],
    ]);
    await expect(open({ train, testFraction: 0 })).rejects.toThrow('empty.jsonl:1: answer is empty');
    expect((await open({ train, testFraction: 0, failingGolds: 'drop' })).size('train')).toBe(1);
  });
});

describe('settings', () => {
  it('are resolved with absolute paths, and resolving twice changes nothing', () => {
    const resolved = resolveTask({ name: 'dataset', train: 'a.jsonl', test: ['/b.csv'] }, 'task', () => '/home/me');
    expect(resolved).toMatchObject({ train: ['/home/me/a.jsonl'], test: ['/b.csv'], dedupe: true, seed: 0 });
    expect(resolveTask(resolved)).toEqual(resolved);
  });

  it.each<[object, string]>([
    [{}, 'train is missing (files to train on), and so is test'],
    [{ train: 'a', test: 'b', testFraction: 0.5 }, 'testFraction has no effect beside test files'],
    [{ train: ['a', 'a'] }, 'train must not name a file twice'],
    [{ test: 'a', limit: 3 }, 'limit has no effect without train files'],
    [{ train: 'a', format: 'gsm8' }, 'did you mean gsm8k?'],
    [{ train: 'a', columns: { gold: 'x' } }, 'columns must name both problem and gold where no format is given'],
    [{ train: 'a', format: 'gpqa', columns: { gold: 'x' } }, 'columns has no effect with format: gpqa'],
    [
      { train: 'a', prompt: { format: 'plain', system: 'x' } },
      'prompt has a system message, which format: plain has no place for',
    ],
    [{ train: 'a', gold: { extract: 'last-box' } }, 'did you mean last-boxed?'],
    [{ train: 'a', dedup: true }, 'unknown key dedup (value true); did you mean dedupe?'],
  ])('%j: %s', (settings, message) => {
    expect(() => parseSettings(datasetSettings, settings, 'task')).toThrow(message);
  });

  it('a verifier or a setting of one that does not exist is refused', async () => {
    const train = written('v.jsonl', sums(2));
    await expect(open({ train, verifier: { name: 'maths' } })).rejects.toThrow('did you mean math?');
    await expect(open({ train, verifier: { name: 'math', tolerence: 1 } })).rejects.toThrow('did you mean tolerance?');
  });

  it('the committed example names what is there', () => {
    expect(readFileSync(join(EXAMPLES, 'dataset.yaml'), 'utf8')).toContain('train: word-problems.jsonl');
  });
});
