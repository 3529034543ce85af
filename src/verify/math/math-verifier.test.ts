import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../core/rollout.ts';
import { mathVerifier } from './math-verifier.ts';

async function verify(gold: unknown, completion: string, options: Record<string, unknown> = {}): Promise<Verdict> {
  const settings = mathVerifier.settings.parse(options);
  return await mathVerifier.verify(settings, mathVerifier.gold.parse(gold), completion);
}

test('a verdict says what was found, where, both forms, the rule and the cost', async () => {
  const completion = 'Half of it, so \\boxed{\\frac{2}{4}}.';
  const verdict = await verify('0.5', completion);
  expect(verdict).toEqual({
    outcome: 'correct',
    reward: 1,
    explanation: '\\frac{2}{4} equals 0.5: equal rationals (1/2)',
    evidence: {
      extracted: { text: '\\frac{2}{4}', start: 22, end: 33, anchor: 'boxed' },
      goldForm: '1/2',
      answerForm: '1/2',
      rule: 'equal rationals',
      steps: expect.any(Number),
    },
  });
  expect(completion.slice(22, 33)).toBe('\\frac{2}{4}');
});

test.each([
  ['\\frac{1}{2}', 'The answer is 1/2.'],
  ['$x=3$', '\\boxed{3}'],
  ['27.0', 'so we get #### 27'],
  [27, '\\boxed{27.0}'],
  ['073', 'Answer: 73'],
  ['We add and get $\\boxed{12}$.', '\\boxed{12}'],
  [['$2$', '$3$'], '\\boxed{3, 2}'],
  ['$69$,$84$', '\\boxed{84, 69}'],
  ['312,123,231', '\\boxed{123, 231, 312}'],
  ['\\text{(C)}', 'The correct option is \\boxed{C}'],
  ['\\text{June 20}', 'June 20'],
  ['B', 'Answer: B) 12'],
  ['12', 'Answer: B) 12'],
])('the gold %j accepts %j', async (gold, completion) => {
  expect(await verify(gold, completion)).toMatchObject({ outcome: 'correct' });
});

test.each([
  ['\\frac{1}{2}', 'The answer is 1/3.'],
  [['2', '3'], '\\boxed{2}'],
  ['7', '\\boxed{-7}'],
  ['A', '\\boxed{B) 12}'],
])('the gold %j rejects %j', async (gold, completion) => {
  expect(await verify(gold, completion)).toMatchObject({ outcome: 'incorrect', reward: 0 });
});

describe('what cannot be decided', () => {
  test('no answer is incorrect, or unknown where the settings say so', async () => {
    expect(await verify('7', 'I give up, sorry.')).toMatchObject({ outcome: 'incorrect' });
    expect(await verify('7', 'I give up, sorry.', { noAnswer: 'unknown' })).toMatchObject({ reason: 'no answer' });
  });

  test('an answer that cannot be read is unknown, or incorrect where the settings say so', async () => {
    expect(await verify('7', '\\boxed{7 + }')).toMatchObject({ outcome: 'unknown', reason: 'unparsable answer' });
    expect(await verify('7', '\\boxed{7 + }', { unparsable: 'incorrect' })).toMatchObject({ outcome: 'incorrect' });
  });

  test('a gold that cannot be read is always unknown, except for its own text', async () => {
    expect(await verify('7 + ', '\\boxed{7}', { unparsable: 'incorrect' })).toMatchObject({
      reason: 'unparsable gold',
    });
    expect(await verify('7 + )', '\\boxed{7 + )}')).toMatchObject({ outcome: 'correct' });
  });

  test('undecided and out of budget are unknown with their own reasons', async () => {
    expect(await verify('2', '\\boxed{\\log 100}')).toMatchObject({ outcome: 'unknown', reason: 'undecided' });
    expect(await verify('2', '\\boxed{\\log 100}', { undecided: 'incorrect' })).toMatchObject({ outcome: 'incorrect' });
    const long = `\\boxed{${'x+'.repeat(2000)}x}`;
    expect(await verify('2', long, { steps: 1000 })).toMatchObject({ outcome: 'unknown', reason: 'budget' });
  });
});

test('of a list of golds all must be given, or any one where the settings say so', async () => {
  expect(await verify(['2', '3'], '\\boxed{3}', { goldList: 'any' })).toMatchObject({ outcome: 'correct' });
  expect(await verify(['2', '3'], '\\boxed{4}', { goldList: 'any' })).toMatchObject({ outcome: 'incorrect' });
});

test('only the anchors asked for count', async () => {
  expect(await verify('7', 'so 7', { anchors: ['boxed'] })).toMatchObject({ outcome: 'incorrect' });
  expect(await verify('7', 'so \\boxed{7}', { anchors: ['boxed'] })).toMatchObject({ outcome: 'correct' });
});

test('a letter spaced from a number may be its unit, unless the gold has that letter', async () => {
  const outcome = async (gold: string, answer: string) => (await verify(gold, `\\boxed{${answer}}`)).outcome;
  expect(await outcome('30', '30 s')).toBe('correct');
  expect(await outcome('2.5', '2.5\\,m.')).toBe('correct');
  expect(await outcome('30', '31 s')).toBe('incorrect');
  expect(await outcome('30', '30s')).toBe('incorrect');
  expect(await outcome('30 \\text{ m}', '30 s')).toBe('incorrect');
  expect(await outcome('m', '2 m')).toBe('incorrect');
  expect(await outcome('2m', '2 m')).toBe('correct');
});

test('words are left open against a formula that holds one of them, and compared with a word that has a name', async () => {
  const outcome = async (gold: string, answer: string) => (await verify(gold, `\\boxed{${answer}}`)).outcome;
  expect(await outcome('Alice: 7', 'Alice')).toBe('unknown');
  expect(await outcome('Alice: 7', 'Bob')).toBe('incorrect');
  expect(await outcome('\\text{Alice}, \\text{Bob}', '\\text{Alice}')).toBe('incorrect');
  expect(await outcome('x = \\text{Alice}', 'Alice')).toBe('correct');
  expect(await outcome('x = \\text{Alice}', 'Bob')).toBe('incorrect');
});

test('a misspelt setting is an error', () => {
  expect(() => mathVerifier.settings.parse({ tolerence: 0.1 })).toThrow(/tolerence/);
});

test('numbers within either tolerance of the gold are equal', async () => {
  expect(await verify('4.2', '\\boxed{4.3}', { absoluteTolerance: 0.1 })).toMatchObject({ outcome: 'correct' });
  expect(await verify('4.2', '\\boxed{4.31}', { absoluteTolerance: 0.1 })).toMatchObject({ outcome: 'incorrect' });
  expect(await verify('0', '\\boxed{0.05}', { tolerance: 0.1 })).toMatchObject({ outcome: 'incorrect' });
  expect(await verify('0', '\\boxed{0.05}', { absoluteTolerance: 0.1 })).toMatchObject({ outcome: 'correct' });
});

test.each([
  ['5', ['4', 'x = 4', 'x=4.0', '\\{4\\}', '4 \\text{ cm}', '4\\text{ apples}']],
  ['x = 5', ['4', 'x = 4', '4.0']],
  ['f(x) = 2x', ['3x', 'f(x) = 3x', 'f(t) = 3t']],
  ['5 \\text{ m}', ['4', '4 \\text{ m}', '400 \\text{ cm}']],
  ['28\\%', ['30', '30\\%']],
  ['\\{1, 2\\}', ['3, 1', '1, 3', '\\{1, 3\\}', 'x = 1, x = 3']],
])('beside the gold %s, %j are one vote', async (gold, answers) => {
  const forms = await Promise.all(
    answers.map(async (text) => (await verify(gold, `\\boxed{${text}}`)).evidence?.answerForm),
  );
  expect(new Set(forms).size).toBe(1);
  expect(forms[0]).toBeDefined();
});

test('a letter that the gold does not ask for makes another vote', async () => {
  const form = async (text: string) => (await verify('x = 5', `\\boxed{${text}}`)).evidence?.answerForm;
  expect(await form('y = 4')).not.toBe(await form('x = 4'));
});

test('an answer written as the gold is has forms too, also where neither can be read', async () => {
  expect((await verify('x = 5', '\\boxed{x = 5}')).evidence).toMatchObject({ goldForm: '5', answerForm: '5' });
  const unread = { goldForm: 'written 7 + )', answerForm: 'written 7 + )' };
  expect((await verify('7 + )', '\\boxed{7 + )}')).evidence).toMatchObject(unread);
});

test.each([
  '\\frac{1}{2}',
  '$x=3$',
  '(1,2)',
  '\\text{east}',
  '\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}',
  '\\$5',
  '5 \\text{ cm}',
])('the completion made for the gold %j is correct', async (gold) => {
  const settings = mathVerifier.settings.parse({});
  const completion = mathVerifier.goldCompletion(settings, mathVerifier.gold.parse(gold));
  expect(completion).toBeDefined();
  expect(await verify(gold, completion ?? '')).toMatchObject({ outcome: 'correct' });
});

test('no text makes it throw, take long, or find what is not there', async () => {
  const pieces = fc.constantFrom(
    ...[
      '9^',
      '{',
      '}',
      '\\frac',
      '\\sqrt',
      '!',
      '10^{10^{10}}',
      '(',
      ')',
      '[',
      ',',
      '=',
      '<',
      '\\pm',
      'x',
      'n',
      '7',
      '%',
      '\\cup',
      '\\text{',
      '|',
      '&',
      '\\\\',
      '_',
      '\0',
      '$',
      ' ',
    ],
    ...[
      '\\begin{pmatrix}',
      '\\end{pmatrix}',
      '\\sin',
      '\\log_',
      '^\\circ',
      '\\infty',
      'cm',
      'i',
      'e',
      '\\pi',
      '.',
      '\\lfloor',
      '\\rfloor',
      '\\binom',
    ],
  );
  const hostile = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), hostile), hostile, async (answer, gold) => {
      const verdict = await verify(`31415${gold}`, `\\boxed{${answer}}`, { steps: 300_000 });
      expect(['correct', 'incorrect', 'unknown']).toContain(verdict.outcome);
    }),
    { numRuns: 300 },
  );
});
