import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mathVerifier } from './math-verifier.ts';

const page = readFileSync(new URL('../../../docs/VERIFY.md', import.meta.url), 'utf8');
const table = page.slice(page.indexOf('| kind |'), page.indexOf('## How it decides'));
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
const cases = rows.flatMap(([, kind = '', gold = '', ...answers]) =>
  ['correct', 'incorrect', 'undecided'].flatMap((expected, column) =>
    answers[column] ? [[kind, gold, answers[column], expected] as const] : [],
  ),
);

test('the table has rows', () => {
  expect(cases.length).toBeGreaterThan(70);
});

test.each(cases)('%s: beside %s, %s is %s, as docs/VERIFY.md says', async (_, gold, answer, expected) => {
  const settings = mathVerifier.settings.parse({});
  const verdict = await mathVerifier.verify(settings, mathVerifier.gold.parse(gold), `\\boxed{${answer}}`);
  expect(verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome).toBe(expected);
});
