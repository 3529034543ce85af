import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream, randomKey } from '../core/random.ts';
import { createTask } from './catalogue.ts';
import { type DemonstrationKnobs, demonstrate } from './countdown-demonstration.ts';
import { type CountdownProblem, countMultisets, solvableProblems } from './countdown-problems.ts';
import { verifyCountdown } from './countdown-verifier.ts';

const task = createTask({ name: 'countdown' });
const posed = { numbers: [3, 7, 5], target: 50 };

const space = { numberCount: 3, smallestTarget: 10, largestTarget: 99, largestResult: 99 };

test('three numbers up to 10 make 1878 problems and up to 12 make 3165, as an independent program counted', () => {
  expect(solvableProblems({ ...space, largestNumber: 10 })).toHaveLength(1878);
  expect(solvableProblems({ ...space, largestNumber: 12 })).toHaveLength(3165);
  expect([task.size('train'), task.size('test')]).toEqual([2653, 512]);
});

test('the enumeration visits every multiset: 220 of three numbers up to 10', () => {
  expect(countMultisets(3, 10)).toBe(220);
  expect(countMultisets(4, 3)).toBe(15);
  const everything = { ...space, largestNumber: 10, smallestTarget: 0, largestTarget: 9999, largestResult: 9999 };
  const sets = new Set(solvableProblems(everything).map((problem) => problem.numbers.join()));
  expect(sets.size).toBe(220);
});

test('a prompt is numbers, then the target, in 12 characters at most', () => {
  expect(task.prompt({ id: 'test/000000', data: posed })).toBe('3,7,5>50:');
  const longest = Math.max(
    ...Array.from({ length: 2653 }, (_, index) => task.prompt(task.problem('train', index)).length),
  );
  expect(longest).toBe(12);
});

test.each([
  ['3+7=10;10*5=50', 'reaches 50 using every number once'],
  ['3+5=8;7*8=56x7+3=10;5*10=50', 'reaches 50 using every number once'],
  ['nonsense before the last attemptx7+3=10;5*10=50', 'reaches 50 using every number once'],
])('%s is correct', (completion, explanation) => {
  expect(verifyCountdown(posed, completion)).toEqual({ outcome: 'correct', reward: 1, explanation });
});

test.each([
  ['', 'no answer: the last attempt is empty'],
  ['3+7=10;10*5=50x', 'no answer: the last attempt is empty'],
  ['3+5=8;8*7=54', 'step 2: 8*7=54 is wrong (56)'],
  ['3+5=8;8*7=56', 'ends at 56, not 50'],
  ['5+5=10;10*7=70', 'step 1: uses 5 twice (left: 3, 7)'],
  ['7+3=10;5*7=35', 'step 2: uses 7 twice (left: 10)'],
  ['7+3=10;10*10=100', 'step 2: uses 10 twice (left: 5)'],
  ['10*5=50', 'step 1: uses 10, which is not there (left: 3, 7, 5)'],
  ['7+3=10', 'stops with 5, 10 left: every number must be used'],
  ['7/3=2;2*5=10', 'step 1: 7/3=2 is wrong (7/3)'],
  ['7+3=10;5*10=50;50+0=50', 'step 3: uses 0, which is not there (left: nothing)'],
  ['7+3=10;5*10=50;', 'step 3: "" is not of the form a+b=c'],
  ['7+3=10;5*10=50.', 'step 2: "5*10=50." is not of the form a+b=c'],
  ['(7+3)*5=50', 'step 1: "(7+3)*5=50" is not of the form a+b=c'],
  ['07+3=10;5*10=50', 'step 1: "07+3=10" is not of the form a+b=c'],
  ['7 + 3 = 10;5*10=50', 'step 1: "7 + 3 = 10" is not of the form a+b=c'],
  ['7+3=10;10*5=5', 'step 2: 10*5=5 is wrong (50)'],
])('%j is incorrect: %s', (completion, explanation) => {
  expect(verifyCountdown(posed, completion)).toEqual({ outcome: 'incorrect', reward: 0, explanation });
});

test('division by zero is a fault of the step, not of the verifier', () => {
  expect(verifyCountdown({ numbers: [4, 4, 9], target: 9 }, '4-4=0;9/0=9').explanation).toBe(
    'step 2: "9/0=9": division by zero',
  );
});

test('ways no generator takes are right when the arithmetic is: negative values, values above the limit', () => {
  expect(verifyCountdown({ numbers: [3, 5, 12], target: 10 }, '3-5=-2;-2+12=10').outcome).toBe('correct');
  expect(verifyCountdown({ numbers: [12, 12, 2], target: 72 }, '12*12=144;144/2=72').outcome).toBe('correct');
});

test('equal numbers may be used as often as they are there', () => {
  const twins: CountdownProblem = { numbers: [6, 6, 3], target: 39 };
  expect(verifyCountdown(twins, '6*6=36;36+3=39').outcome).toBe('correct');
  expect(verifyCountdown(twins, '6*6=36;36+6=42').explanation).toBe('step 2: uses 6 too often (left: 3)');
});

/** Every right last attempt, by trying all orders and operators on plain numbers: shares nothing with the verifier. */
function allRightAnswers(numbers: readonly number[], target: number): Set<string> {
  const answers = new Set<string>();
  const search = (left: readonly number[], path: readonly string[]) => {
    if (left.length === 1 && left[0] === target) answers.add(path.join(';'));
    for (let i = 0; i < left.length; i++) {
      for (let j = 0; j < left.length; j++) {
        if (i === j) continue;
        const a = left[i]!;
        const b = left[j]!;
        const rest = left.filter((_, place) => place !== i && place !== j);
        for (const [operator, value] of [
          ['+', a + b],
          ['-', a - b],
          ['*', a * b],
          ['/', a / b],
        ] as const) {
          if (Number.isInteger(value)) search([...rest, value + 0], [...path, `${a}${operator}${b}=${value + 0}`]);
        }
      }
    }
  };
  search(numbers, []);
  return answers;
}

const mutation = fc.record({
  kind: fc.constantFrom('replace', 'insert', 'remove', 'swap'),
  place: fc.nat(),
  character: fc.constantFrom(...'0123456789+-*/=;x'),
});

function mutated(text: string, { kind, place, character }: typeof mutation extends fc.Arbitrary<infer M> ? M : never) {
  const at = place % (text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  if (kind === 'insert') return before + character + after;
  if (kind === 'remove') return before + after.slice(1);
  if (kind === 'swap') return before + after.slice(1, 2) + after.slice(0, 1) + after.slice(2);
  return before + character + after.slice(1);
}

test('the verifier agrees with brute force on mutated golds, right answers in any writing and demonstrations', () => {
  const outcomes = { correct: 0, incorrect: 0 };
  const sources = fc.constantFrom('gold', 'answer', 'demonstration');
  fc.assert(
    fc.property(
      fc.nat(2652),
      sources,
      fc.nat(),
      fc.array(mutation, { maxLength: 2 }),
      (index, source, seed, mutations) => {
        const problem = task.problem('train', index);
        const { numbers, target } = problem.data as CountdownProblem;
        const answers = allRightAnswers(numbers, target);
        const texts = {
          gold: () => task.gold(problem)!,
          answer: () => [...answers][seed % answers.size]!,
          demonstration: () => task.demonstration!(problem, new RandomStream(randomKey(seed))),
        };
        const text = mutations.reduce(mutated, texts[source as keyof typeof texts]());
        const expected = answers.has(text.split('x').at(-1)!) ? 'correct' : 'incorrect';
        expect(verifyCountdown({ numbers, target }, text).outcome, text).toBe(expected);
        outcomes[expected]++;
      },
    ),
    { numRuns: 1000, seed: 1 },
  );
  expect(outcomes.correct).toBeGreaterThan(200);
  expect(outcomes.incorrect).toBeGreaterThan(200);
});

function measure(settings: Partial<DemonstrationKnobs>, count = 4000) {
  const measured = createTask({ name: 'countdown', demonstration: settings });
  const random = new RandomStream(randomKey(7));
  let correct = 0;
  let tokens = 0;
  let beyond96 = 0;
  for (let i = 0; i < count; i++) {
    const problem = measured.problem('train', random.integer(0, measured.size('train') - 1));
    const text = measured.demonstration!(problem, random);
    correct += verifyCountdown(problem.data as CountdownProblem, text).outcome === 'correct' ? 1 : 0;
    tokens += text.length + 1;
    beyond96 += text.length + 1 > 96 ? 1 : 0;
  }
  return { correct: correct / count, tokens: tokens / count, beyond96: beyond96 / count };
}

test('70% of default demonstrations are correct, they are 30 tokens long on average and fit in 96', () => {
  const { correct, tokens, beyond96 } = measure({});
  // standard errors at 4000: 0.007 and 0.35
  expect(correct).toBeCloseTo(0.7, 1);
  expect(Math.abs(tokens - 30.5)).toBeLessThan(2);
  expect(beyond96).toBeLessThan(0.005);
});

test('each knob does what it says', () => {
  expect(measure({ guided: 1, slip: 0 }, 500).correct).toBe(1);
  expect(measure({ guided: 0, slip: 0, attempts: 1 }).correct).toBeCloseTo(0.124, 1);
  expect(measure({ guided: 0, slip: 0, attempts: 1, nearest: 1 }).correct).toBeGreaterThan(
    measure({ guided: 0, slip: 0, attempts: 1, nearest: 0 }).correct + 0.05,
  );
  expect(measure({ slip: 1, guided: 1, attempts: 1 }, 500).correct).toBe(0);
  expect(measure({ giveUp: 0, guided: 0 }).tokens).toBeGreaterThan(measure({ giveUp: 0.5, guided: 0 }).tokens + 20);
  expect(measure({ giveUp: 1, guided: 0 }, 500).tokens).toBeLessThan(20);
});

test('a trace does not repeat an attempt that failed', () => {
  const knobs = { guided: 0, nearest: 0.6, giveUp: 0, slip: 0, attempts: 6 };
  for (let seed = 0; seed < 200; seed++) {
    const attempts = demonstrate(posed, knobs, 99, new RandomStream(randomKey(seed))).split('x');
    expect(new Set(attempts).size).toBe(attempts.length);
  }
});

test('after a slip the trace carries on from the number it shows', () => {
  const knobs = { guided: 0, nearest: 0, giveUp: 1, slip: 1, attempts: 1 };
  for (let seed = 0; seed < 100; seed++) {
    const text = demonstrate({ numbers: [40, 1, 2], target: 99 }, knobs, 99, new RandomStream(randomKey(seed)));
    const shown = text.match(/=([0-9]+);/)?.[1];
    expect(
      text
        .split(';')[1]!
        .split('=')[0]!
        .split(/[-+*/]/),
    ).toContain(shown);
  }
});

test.each([
  [{ testSize: 3165 }, 'countdown: testSize must be below 3165, the number of problems with these settings, got 3165'],
  [
    { largestTarget: 120 },
    'task: largestTarget must not be above largestResult: such a target cannot be reached, got 120',
  ],
  [{ smallestTarget: 100 }, 'task: smallestTarget must not be above largestTarget, got 100'],
  [
    { numberCount: 4, largestNumber: 60 },
    'task: largestNumber gives more than 25000 sets of numbers with this numberCount; choose a smaller one, got 60',
  ],
])('settings %j are refused', (settings, message) => {
  expect(() => createTask({ name: 'countdown', ...settings })).toThrow(message);
});
