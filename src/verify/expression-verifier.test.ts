import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expressionVerifier } from './expression-verifier.ts';

const gold = { target: 98, numbers: [44, 19, 35] };
const judge = (completion: string, of = gold) => expressionVerifier.verify({}, of, completion);

test.each([
  ['\\boxed{44+19+35}', 'correct', 'gives 98'],
  ['<answer> 19 + 44 + 35 = 98 </answer>', 'correct', 'gives 98'],
  ['The answer is (35 + 44) + 19.', 'correct', 'gives 98'],
  ['\\boxed{44+19} so \\boxed{$44 + 35 + 19$}', 'correct', 'gives 98'],
  ['\\boxed{44+19-35}', 'incorrect', 'gives 28, not 98'],
  ['\\boxed{98}', 'incorrect', 'uses 98, not 44, 19, 35'],
  ['\\boxed{44+44+10}', 'incorrect', 'uses 44, 44, 10, not 44, 19, 35'],
  ['\\boxed{44+19+}', 'incorrect', 'not an expression: ends too early'],
  ['44+19+35', 'unknown', 'neither \\boxed{}, <answer> nor "Answer:" holds an expression'],
])('%j is %s: %s', (completion, outcome, explanation) => {
  expect(judge(completion)).toMatchObject({ outcome, explanation });
});

test('products and quotients are exact: 3 \\times 8 \\div 2', () => {
  expect(judge('\\boxed{3 \\times 8 \\div 2}', { target: 12, numbers: [8, 3, 2] })).toMatchObject({
    outcome: 'correct',
  });
  expect(judge('\\boxed{8/(3-8/3)}', { target: 24, numbers: [8, 8, 3, 3] })).toMatchObject({ outcome: 'correct' });
});

test('the solution that is found passes, and what cannot be reached has none', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }), (numbers) => {
      const of = { target: numbers.reduce((a, b) => a + b), numbers };
      const completion = expressionVerifier.goldCompletion({}, of);
      expect(judge(completion ?? '', of)).toMatchObject({ outcome: 'correct' });
    }),
  );
  expect(expressionVerifier.goldCompletion({}, { target: 7, numbers: [2, 2] })).toBeUndefined();
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void judge(`\\boxed{${text}`)));
});
