import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyHere } from '../../verify/catalogue.ts';
import { loadDataset } from './dataset.ts';
import { checkGolds, Verifiers } from './gold-check.ts';
import { type LintReport, lint } from './lint.ts';
import { gramsOf, wordsOf } from './normal-text.ts';
import { datasetSettings } from './settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarity-lint-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Rows = readonly (readonly [problem: string, answer: unknown])[];

async function linted(train: Rows, test: Rows, limit?: number, verifier?: object): Promise<LintReport> {
  const write = (name: string, rows: Rows) => {
    writeFileSync(join(folder, name), rows.map(([problem, answer]) => JSON.stringify({ problem, answer })).join('\n'));
    return join(folder, name);
  };
  const files = {
    train: write('train.jsonl', train),
    ...(test.length > 0 ? { test: write('test.jsonl', test) } : { testFraction: 0 }),
  };
  const dataset = await loadDataset(datasetSettings.parse({ ...files, verifier }));
  const verifiers = await Verifiers.of([...dataset.train, ...dataset.test]);
  const outcomes = {
    train: await checkGolds(dataset.train, verifiers, verifyHere),
    test: await checkGolds(dataset.test, verifiers, verifyHere),
  };
  const tokens = limit === undefined ? undefined : { limit, count: (prompt: unknown) => JSON.stringify(prompt).length };
  return lint({ dataset, outcomes, tokens });
}

const brief = ({ findings }: LintReport) =>
  findings.map(({ kind, severity, count }) => `${severity}: ${count} ${kind}`);

const STORY =
  'A farmer has 17 sheep, buys 5 more at the market on Monday, sells 3 of them on Tuesday and counts them all again. How many are there?';

it('finds nothing in data without faults', async () => {
  expect(
    await linted(
      [
        ['1+1', '2'],
        ['2+3', '5'],
      ],
      [['4+4', 8]],
    ),
  ).toEqual({
    files: [
      { path: join(folder, 'train.jsonl'), format: 'problem-answer' },
      { path: join(folder, 'test.jsonl'), format: 'problem-answer' },
    ],
    rows: 3,
    problems: { train: 2, test: 1 },
    golds: { passing: 3, untried: 0, failing: 0 },
    findings: [],
    isUsable: true,
  });
});

it('finds every kind of fault, the worst first, and names where', async () => {
  const train: Rows = [
    ['1+1', '2'],
    ['1+1', '2'],
    ['2+2', '4'],
    ['2+2', '5'],
    ['3+4', ''],
    ['Compute $5+5$.', '10'],
    ['compute 5 + 5', '10'],
    ['6+6', '012'],
    ['9+9', '18'],
    [`Once more: ${STORY}`, '19'],
  ];
  const test: Rows = [
    ['9 + 9', '18'],
    [`${STORY} Think.`, '19'],
  ];
  const report = await linted(train, test, 150);
  expect(brief(report)).toEqual([
    'error: 1 rows without a problem',
    'warning: 1 conflicting golds',
    'warning: 1 train problems in test',
    'warning: 1 overlap of train and test',
    'warning: 2 long prompts',
    'note: 1 copies',
    'note: 1 near copies',
    'note: 1 zero-padded golds',
  ]);
  expect(report.isUsable).toBe(false);
  const example = (kind: string) => report.findings.find((finding) => finding.kind === kind)?.examples[0];
  expect(example('rows without a problem')).toEqual({
    place: `${join(folder, 'train.jsonl')}:5`,
    text: 'answer is empty',
  });
  expect(example('zero-padded golds')).toEqual({ place: `${join(folder, 'train.jsonl')}:8`, text: '"012"' });
  expect(example('near copies')?.text).toBe(`as ${join(folder, 'train.jsonl')}:6: compute 5 + 5`);
});

it('a gold that its verifier does not take fails', async () => {
  const report = await linted(
    [
      ['1+1?', 'B'],
      ['2+2?', 'four'],
    ],
    [],
    undefined,
    { name: 'choice' },
  );
  expect(brief(report)).toEqual(['error: 1 failing golds']);
  expect(report.golds).toEqual({ passing: 1, untried: 0, failing: 1 });
  expect(report.findings[0]?.examples[0]?.place).toBe(`${join(folder, 'train.jsonl')}:2`);
});

it('golds that the verifier cannot read pass as the same text alone, which is noted', async () => {
  const rows: Rows = [
    ['of what?', '\\frac{7}{}'],
    ['which colour?', 'blue'],
    ['how many?', '7'],
  ];
  const report = await linted(rows, []);
  expect(brief(report)).toEqual(['note: 1 golds matched only as text']);
  expect(report.findings[0]?.examples[0]?.text).toBe('"\\\\frac{7}{}"');
});

it('a template that all problems share is no overlap', async () => {
  const around = (problem: string) =>
    `Solve the following problem step by step and write the answer on the last line after the word answer. ${problem}`;
  const train: Rows = [
    [around('1+1'), '2'],
    [around('1+2'), '3'],
  ];
  const test: Rows = [
    [around('5+5'), '10'],
    [around('5+6'), '11'],
    [around('5+7'), '12'],
  ];
  expect(brief(await linted(train, test))).toEqual([]);
});

it('words are what changes a formula', () => {
  expect(wordsOf('The sum $\\left(2+3\\right)$, is?')).toEqual(['the', 'sum', '2', '+', '3', 'is']);
  expect(wordsOf('\\dfrac{1}{2} - x')).toEqual(['frac', '1', '2', '-', 'x']);
  expect(gramsOf('a b c d e f g h i j k l m n'.split(' '))).toEqual([
    'a b c d e f g h i j k l m',
    'b c d e f g h i j k l m n',
  ]);
  expect(gramsOf(['a', 'b'])).toEqual(['a b']);
});
