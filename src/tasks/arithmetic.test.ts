import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream, randomKey } from '../core/random.ts';
import { type ArithmeticProblem, writeArithmetic } from './arithmetic-steps.ts';
import { verifyArithmetic } from './arithmetic-verifier.ts';
import { createTask } from './catalogue.ts';
import { permutation } from './permutation.ts';

const sum: ArithmeticProblem = { left: 847, operator: '+', right: 385 };

test.each([
  [847, '+', 385, '7+5=12;4+8+1=13;8+3+1=12;=1232'],
  [5, '+', 0, '5+0=5;=5'],
  [52, '-', 17, '12-7=5;5-1-1=3;=35'],
  [1000, '-', 1, '10-1=9;10-0-1=9;10-0-1=9;1-0-1=0;=999'],
  [52, '-', 52, '2-2=0;5-5=0;=0'],
  [47, '*', 36, '47*6=282;47*30=1410;282+1410=1692;=1692'],
  [12, '*', 100, '12*0=0;12*0=0;0+0=0;12*100=1200;0+1200=1200;=1200'],
] as const)('%d%s%d is written %4$s', (left, operator, right, text) => {
  expect(writeArithmetic({ left, operator, right })).toBe(text);
});

test('every step of a gold is right, and so is its answer', () => {
  const operands = fc.tuple(fc.nat(999_999), fc.nat(999_999));
  fc.assert(
    fc.property(operands, fc.constantFrom('+', '-', '*'), ([a, b], operator) => {
      const problem = { left: Math.max(a, b), operator: operator as '+', right: Math.min(a, b) };
      const value = { '+': a + b, '-': Math.abs(a - b), '*': a * b }[operator as '+'];
      expect(verifyArithmetic(problem, writeArithmetic(problem))).toEqual({
        outcome: 'correct',
        reward: 1,
        explanation: `answer ${value} is right`,
      });
    }),
  );
});

test.each([
  ['=1232', 'correct', 'answer 1232 is right'],
  ['7+5=13;=1232', 'correct', 'answer 1232 is right; step 1: "7+5=13" is wrong (12)'],
  ['7+5=12;4+8=12;=1132', 'incorrect', 'answer 1132 is wrong (1232)'],
  ['7+5=12;4+8+1=14;=1242', 'incorrect', 'answer 1242 is wrong (1232); step 2: "4+8+1=14" is wrong (13)'],
  ['7+5;=12', 'incorrect', 'answer 12 is wrong (1232); step 1: "7+5" is not a calculation'],
  ['7/0=1;=12', 'incorrect', 'answer 12 is wrong (1232); step 1: "7/0=1" is not a calculation'],
  ['', 'incorrect', 'no answer: ends in "", not in =number'],
  ['1232', 'incorrect', 'no answer: ends in "1232", not in =number'],
  ['=1232;', 'incorrect', 'no answer: ends in "", not in =number'],
  ['=01232', 'incorrect', 'no answer: ends in "=01232", not in =number'],
  ['=847+385', 'incorrect', 'no answer: ends in "=847+385", not in =number'],
])('%j is %s: %s', (completion, outcome, explanation) => {
  expect(verifyArithmetic(sum, completion)).toEqual({ outcome, reward: outcome === 'correct' ? 1 : 0, explanation });
});

test('the verifier accepts exactly the one answer: 10,000 numbers tried', () => {
  const accepted = Array.from({ length: 10_000 }, (_, n) => n).filter(
    (n) => verifyArithmetic(sum, `=${n}`).outcome === 'correct',
  );
  expect(accepted).toEqual([1232]);
});

test('sizes are the unordered pairs of numbers, for each operator', () => {
  const task = createTask({ name: 'arithmetic', digits: 2, operators: ['+', '-', '*'] });
  // 90 numbers, 90 * 91 / 2 = 4095 pairs
  expect(task.size('train') + task.size('test')).toBe(3 * 4095);
});

test('every pair of one-digit numbers is posed once, with each operator', () => {
  const task = createTask({ name: 'arithmetic', digits: 1, testSize: 50, operators: ['+', '-'] });
  const seen = (['train', 'test'] as const).flatMap((split) =>
    Array.from({ length: task.size(split) }, (_, index) => {
      const { left, operator, right } = task.problem(split, index).data as ArithmeticProblem;
      return `${Math.max(left, right)}${operator}${Math.min(left, right)}`;
    }),
  );
  const all = ['+', '-'].flatMap((operator) =>
    Array.from({ length: 10 }, (_, a) => Array.from({ length: a + 1 }, (_, b) => `${a}${operator}${b}`)).flat(),
  );
  expect(seen.sort()).toEqual(all.sort());
});

function shareCorrect(spec: Record<string, unknown>): number {
  const task = createTask({ name: 'arithmetic', ...spec });
  const random = new RandomStream(randomKey(3));
  const count = 3000;
  let correct = 0;
  for (let i = 0; i < count; i++) {
    const problem = task.problem('train', i);
    const text = task.demonstration!(problem, random);
    correct += verifyArithmetic(problem.data as ArithmeticProblem, text).outcome === 'correct' ? 1 : 0;
  }
  return correct / count;
}

test('52% of default demonstrations are correct, 29% of products', () => {
  // standard error at 3000: 0.009
  expect(Math.abs(shareCorrect({}) - 0.52)).toBeLessThan(0.03);
  expect(Math.abs(shareCorrect({ operators: ['*'] }) - 0.29)).toBeLessThan(0.03);
});

test('each knob does what it says', () => {
  expect(shareCorrect({ demonstration: { slip: 0, forget: 0 } })).toBe(1);
  expect(shareCorrect({ demonstration: { slip: 1, forget: 0 } })).toBeLessThan(0.02);
  const problem: ArithmeticProblem = { left: 47, operator: '+', right: 85 };
  const forgetful = writeArithmetic(problem, { slip: 0, forget: 1 }, new RandomStream(randomKey(0)));
  expect(forgetful).toBe('7+5=12;4+8=12;=122');
});

test('a permutation is a bijection of its range, and differs by key', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), (size, seed) => {
      const order = permutation(size, randomKey(seed));
      const visited = Array.from({ length: size }, (_, index) => order(index));
      expect([...visited].sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index));
    }),
  );
  const first = (seed: number) => Array.from({ length: 10 }, (_, i) => permutation(1e12, randomKey(seed))(i));
  expect(first(0)).not.toEqual(first(1));
  expect(() => permutation(10, randomKey(0))(10)).toThrow('no number 10');
});
