/** Rows in the columns of each known dataset; those marked with a dataset's name are its own, the others are made up. */
import { describe, expect, it } from 'vitest';
import { chooseMapping, goldOf } from './mapping.ts';
import type { Cells } from './row.ts';
import { datasetSettings, layoutOf } from './settings.ts';

const mapped = (cells: Cells, settings: object = {}, path = 'data/file.jsonl') => {
  const parsed = datasetSettings.parse({ train: path, ...settings });
  const row = { place: `${path}:1`, cells };
  const mapping = chooseMapping(layoutOf(path, parsed), parsed.seed, row, path);
  const found = mapping.map(row);
  if ('fault' in found) return { format: mapping.name, ...found };
  return { format: mapping.name, problem: { ...found.problem, gold: goldOf(found.problem) } };
};

const user = (content: string) => [{ role: 'user', content }];
const verl = (data_source: string) => ({
  data_source,
  prompt: user('What is 1+1? Answer: $Answer'),
  ability: 'MATH',
  reward_model: { ground_truth: '2', style: 'rule' },
  extra_info: { index: 'a-uuid' },
});
const boxed = (text: string) => `${text}\n\nPlease reason step by step, and put your final answer within \\boxed{}.`;
const lcb = {
  question_title: 'Sum',
  question_content: 'Print the sum.',
  platform: 'atcoder',
  question_id: 'abc_a',
  contest_date: '2024-01-01',
  starter_code: '',
  difficulty: 'easy',
  public_test_cases: '[{"input":"1 2","output":"3","testtype":"stdin"}]',
  // Python: base64(zlib.compress(pickle.dumps(json.dumps([{'input': '4 5\n', 'output': '9\n', 'testtype': 'stdin'}]))))
  private_test_cases: 'eJxrYJlqxwABPVbR1UqZeQWlJUpWCkomCqYxeUo6Ckr5pSVQIUuIQElqcUlJZUEqSKi4JCUzT6k2dooeALLyFKk=',
  metadata: '{"func_name": null}',
};
const gpqa = {
  Question: 'Which is\nlargest?\n',
  'Correct Answer': 'the Sun ',
  'Incorrect Answer 1': 'the Moon',
  'Incorrect Answer 2': 'Mars',
  'Incorrect Answer 3': 'Phobos',
  'Record ID': 'rec1',
  'High-level domain': 'Physics',
};

it.each<[string, Cells, string, unknown]>([
  ['dapo-math', verl('math_dapo'), 'What is 1+1? Answer: $Answer', '2'],
  ['verl', verl('openai/gsm8k'), 'What is 1+1? Answer: $Answer', '2'],
  [
    'gsm8k',
    { question: 'How many clips?', answer: 'She sold 48/2 = <<48/2=24>>24.\n#### 1,072' },
    boxed('How many clips?'),
    '1072',
  ],
  [
    'math',
    { problem: 'p', level: 'Level 5', type: 'Algebra', solution: 'so \\boxed{\\frac{1}{2}}' },
    boxed('p'),
    '\\frac{1}{2}',
  ],
  [
    'math-500',
    {
      problem: 'p',
      solution: 's',
      answer: '\\left( 3, \\frac{\\pi}{2} \\right)',
      subject: 'Precalculus',
      level: 2,
      unique_id: 'test/precalculus/807.json',
    },
    boxed('p'),
    '\\left( 3, \\frac{\\pi}{2} \\right)',
  ],
  ['minerva', { problem: 'p', solution: 's = \\boxed{1.6} cm', type: 'Astronomy', idx: 0 }, boxed('p'), '1.6'],
  ['aime-2024', { id: 60, problem: 'p', solution: 's', answer: '073', url: 'u', year: '2024' }, boxed('p'), '073'],
  ['aime-2024-capitals', { ID: '2024-I-1', Problem: 'p', Solution: 's', Answer: 204 }, boxed('p'), '204'],
  ['matharena', { problem_idx: 1, answer: 70, problem: 'p', problem_type: ['Number Theory'] }, boxed('p'), '70'],
  ['problem-answer', { id: '0', problem: 'p', answer: '70' }, boxed('p'), '70'],
  ['problem-answer', { id: 0, problem: 'p', answer: 27.0, url: 'u' }, boxed('p'), '27'],
  ['question-answer', { question: 'p', answer: '70' }, boxed('p'), '70'],
  [
    'olympiadbench',
    {
      id: 2444,
      question: 'How long?',
      solution: ['s'],
      final_answer: ['8'],
      is_multiple_answer: false,
      unit: 'min',
      answer_type: 'Numerical',
      error: null,
    },
    boxed('How long?\nThe unit of the answer is min.'),
    '8',
  ],
  [
    'svamp',
    { ID: 'c', Body: 'There are 87 oranges.', Question: 'How many?', Answer: 87.0, Type: 't' },
    boxed('There are 87 oranges. How many?'),
    '87',
  ],
  [
    'countdown',
    { target: 98, nums: [44, 19, 35] },
    'Using the numbers 44, 19, 35, write an expression that equals 98. You may use + - * / and parentheses, and must use each number exactly once. Think step by step, and put the expression within \\boxed{}.',
    { target: 98, numbers: [44, 19, 35] },
  ],
  [
    'livecodebench',
    lcb,
    'Print the sum.\n\nWrite the whole program in one code block, opened by ```python and closed by ```.',
    {
      tests: [
        { input: '1 2', output: '3' },
        { input: '4 5\n', output: '9\n' },
      ],
    },
  ],
  ['trl', { prompt: 'p', solution: 'It is \\boxed{4}.' }, 'p', '4'],
  ['trl', { prompt: user('p'), solution: '$4$' }, 'p', '$4$'],
  ['prompt-answer', { prompt: 'p', answer: '4' }, 'p', '4'],
])('%s is recognised by its columns', (format, cells, content, gold) => {
  expect(mapped(cells)).toMatchObject({ format, problem: { prompt: user(content), gold } });
});

it('takes how far a number may be from an OlympiadBench answer from its error', () => {
  const cells = { id: 1, question: 'How long?', final_answer: ['$4.2$'], error: '1e-1' };
  expect(mapped(cells)).toMatchObject({ problem: { verifier: { name: 'math', absoluteTolerance: 0.1 } } });
});

describe('GPQA', () => {
  it('shows its options in an order that the seed and the problem decide', () => {
    const shown = (seed: number) =>
      mapped(gpqa, { seed }) as {
        format: string;
        problem: { text: string; gold: { letter: string; options: string[] } };
      };
    const orders = new Set(Array.from({ length: 40 }, (_, seed) => shown(seed).problem.gold.options.join()));
    expect(orders.size).toBeGreaterThan(10);
    const { format, problem } = shown(3);
    expect(format).toBe('gpqa');
    expect(shown(3)).toEqual(shown(3));
    expect(problem.gold.options['ABCD'.indexOf(problem.gold.letter)]).toBe('the Sun');
    expect(problem.text).toContain(`${problem.gold.letter}) the Sun`);
  });

  it('refuses a row without an option', () => {
    expect(mapped({ ...gpqa, 'Incorrect Answer 2': ' ' })).toMatchObject({ fault: 'Incorrect Answer 2 is empty' });
  });
});

describe('LiveCodeBench', () => {
  it('takes private tests as plain JSON too, and functions with their starter code', () => {
    const test = '[{"input":"[1]\\n2","output":"3","testtype":"functional"}]';
    const cells = {
      ...lcb,
      public_test_cases: test,
      private_test_cases: test,
      metadata: '{"func_name": "add"}',
      starter_code: 'class Solution:\n    pass',
    };
    expect(mapped(cells)).toMatchObject({
      problem: {
        text: 'Print the sum.\n\nUse this starter code:\n```python\nclass Solution:\n    pass\n```',
        gold: {
          functionName: 'add',
          tests: [
            { input: '[1]\n2', output: '3' },
            { input: '[1]\n2', output: '3' },
          ],
        },
        verifier: { name: 'python' },
      },
    });
  });

  it.each([
    // Python: an object whose unpickling calls os.system
    [
      'a pickle that calls',
      { private_test_cases: 'eJxrYJmqygABPawF+cWZFVN62Iori0tSc6dMntLDlZqcka9QUJ6XmjKldUrQFD0AXoEQvQ==' },
      'not a pickle of one string',
    ],
    ['bytes that do not inflate', { private_test_cases: 'AAAA' }, 'private_test_cases: unknown compression method'],
    ['tests that are none', { public_test_cases: '{"a":1}' }, 'public_test_cases is not a list'],
    [
      'a function without a name',
      { public_test_cases: '[{"input":"","output":"","testtype":"functional"}]', private_test_cases: '' },
      'metadata names no func_name',
    ],
    ['no tests', { public_test_cases: '', private_test_cases: '[]' }, 'there are no tests'],
  ])('a row with %s poses nothing', (_name, change, fault) => {
    expect((mapped({ ...lcb, ...change }) as { fault: string }).fault).toContain(fault);
  });
});

describe('a mapping of one’s own', () => {
  it('names columns, where the gold stands, the prompt and the verifier', () => {
    const cells = { intro: 'Look.', q: 'What is 2{x}?', solution: 'so \\boxed{4}', nr: 7, from: 'mine' };
    const settings = {
      columns: { problem: ['intro', 'q'], gold: 'solution', id: 'nr', source: 'from' },
      gold: { extract: 'last-boxed' },
      prompt: { template: 'Q: {problem}\nA: {{', format: 'plain' },
      verifier: { name: 'exact', ignoreCase: true },
    };
    expect(mapped(cells, settings)).toEqual({
      format: 'columns',
      problem: {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        source: 'mine',
        format: 'columns',
        text: 'Look. What is 2{x}?',
        prompt: 'Q: Look. What is 2{x}?\nA: {',
        gold: '4',
        verifier: { name: 'exact', ignoreCase: true },
        meta: { id: 7 },
      },
    });
  });

  it('puts a system message first, and its own template around a conversation’s question', () => {
    const settings = { prompt: { system: 'Be brief.', template: '{problem} Go.' } };
    const found = mapped(
      { ...verl('math_dapo'), prompt: [...user('hi'), { role: 'assistant', content: 'yes?' }, ...user('1+1?')] },
      settings,
    );
    expect('problem' in found && found.problem.prompt).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'yes?' },
      { role: 'user', content: '1+1? Go.' },
    ]);
  });

  it.each<[string, Cells, object, string]>([
    [
      'columns nobody knows',
      { frage: 'x', antwort: 'y' },
      {},
      'no known format has the columns frage, antwort; say where the parts are, e.g. columns: {problem: frage, gold: antwort}',
    ],
    [
      'a column that is not there',
      { question: 'x', answer: 'y' },
      { columns: { problem: 'question', gold: 'anser' } },
      'there is no column anser, which format columns reads; there are question, answer',
    ],
    [
      'a format that is not this',
      { question: 'x', answer: 'y' },
      { format: 'gpqa' },
      'there is no column Question, which format gpqa reads',
    ],
    [
      'a source whose verifier is not known',
      verl('codecontests'),
      {},
      'the verifier for "codecontests" is not known; name it',
    ],
    [
      'a template without its placeholder',
      { question: 'x', answer: 'y' },
      { prompt: { template: 'Solve.' } },
      'prompt.template: the template has no placeholder',
    ],
    [
      'a second system message',
      { prompt: [{ role: 'system', content: 's' }, ...user('x')], answer: 'y' },
      { prompt: { system: 'a' } },
      'begin with a system message of their own',
    ],
    [
      'a conversation as plain text',
      { prompt: [{ role: 'system', content: 's' }, ...user('x')], answer: 'y' },
      { prompt: { format: 'plain' } },
      'plain has no way to write',
    ],
  ])('refuses %s', (_name, cells, settings, message) => {
    expect(() => mapped(cells, settings)).toThrow(message);
  });

  it.each<[string, Cells, string]>([
    ['no gold', { question: 'x', answer: null }, 'answer is absent'],
    ['an empty problem', { question: ' ', answer: '1' }, 'question is empty'],
    ['a problem that is a number', { question: 3, answer: '1' }, 'question is neither text nor a list of messages'],
    [
      'a conversation of strangers',
      { prompt: [{ role: 'robot', content: 'x' }], answer: '1' },
      'prompt is not a list of messages {role: system | user | assistant, content}',
    ],
    [
      'a conversation that ends elsewhere',
      { prompt: [{ role: 'assistant', content: 'x' }], answer: '1' },
      'prompt does not end with a message of the user',
    ],
    ['Countdown without numbers', { target: 3, nums: [] }, 'nums is not a list of whole numbers'],
  ])('a row with %s poses nothing', (_name, cells, fault) => {
    expect(mapped(cells)).toMatchObject({ fault });
  });
});
