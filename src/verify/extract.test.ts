import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractAnswers } from './extract.ts';

/** The best candidate as `anchor: text`. */
function best(completion: string): string | undefined {
  const [first] = extractAnswers(completion);
  return first === undefined ? undefined : `${first.anchor}: ${first.text}`;
}

const raw = String.raw;

describe('boxes', () => {
  it.each([
    [raw`so \boxed{33} wait, \boxed{34}.`, 'boxed: 34'],
    [raw`$\boxed{\frac{1}{2}}$`, raw`boxed: \frac{1}{2}`],
    [raw`$\boxed{\{1,2\}}$`, raw`boxed: \{1,2\}`],
    [raw`\boxed{1} and \boxed{2}`, raw`boxed: \boxed{1} and \boxed{2}`],
    [raw`$\boxed{1}$, $\boxed{2}$ or $\boxed{3}$.`, raw`boxed: \boxed{1}$, $\boxed{2}$ or $\boxed{3}`],
    [raw`\boxed{x=\boxed{5}+1}`, raw`boxed: x=\boxed{5}+1`],
    [raw`\boxed{7} then \boxed{}`, 'boxed: 7'],
    [raw`\boxed{\frac{1}{2}`, raw`boxed: \frac{1}{2}`],
    ['\\boxed{12 $.\nIt never closes', 'boxed: 12'],
    [raw`\fbox{7}`, 'boxed: 7'],
    [raw`\boxed 5.`, 'boxed: 5'],
    ['boxed{5}', 'boxed: 5'],
    [raw`\boxed{4} The final answer is 5.`, 'boxed: 4'],
  ])('%s', (completion, answer) => {
    expect(best(completion)).toBe(answer);
  });
});

describe('answers announced by words', () => {
  it.each([
    [raw`The final answer is $\frac{1}{2}$. I hope it is correct.`, raw`final answer: $\frac{1}{2}$`],
    ['**Final Answer**\n\nThe answer is 5.', 'final answer: 5'],
    [raw`The final answer is $\$36$.`, raw`final answer: $\$36$`],
    [raw`Answer: 11,\! 100`, raw`answer: 11,\! 100`],
    [raw`Final answer: \(\sqrt{2}\)`, raw`final answer: \(\sqrt{2}\)`],
    ['He pays 3 * 6 = 18.\n#### 18', '####: 18'],
    ['#### 1,234\n', '####: 1,234'],
    ['#### Step 3: compute\nso\n**Answer:** 42 apples.', 'answer: 42 apples'],
    ['The answer is 3.5 because 7/2 is.', 'answer: 3.5'],
    ['the answer to 2+2 is 4, as shown.', 'answer: 4'],
    ['Answer: (C)', 'answer: (C)'],
    ['**Answer**: **7**', 'answer: 7'],
    ['answer is: $1$ and $2$.', 'answer: $1$ and $2$'],
    ['The answer is 7.\nOr rather: the answer is 8.', 'answer: 8'],
    ['The answer is approximately 3.14.', 'answer: 3.14'],
    ['The answer is 5 (see the figure).', 'answer: 5'],
    ['The answer is 5 and we are done.', 'answer: 5'],
    ['Answer: The total is 12 dollars.', 'answer: 12 dollars'],
    ['The answer is `12` ✅', 'answer: 12'],
    ['**Answer: 12** of them', 'answer: 12'],
    ['A and C fail. The correct option is B.', 'answer: B'],
  ])('%s', (completion, answer) => {
    expect(best(completion)).toBe(answer);
  });
});

describe('answers that nothing announces', () => {
  it.each([
    [raw`\frac{1}{2}`, raw`whole: \frac{1}{2}`],
    ['x = 5', 'whole: x = 5'],
    ['blue', 'whole: blue'],
    ['No solution', 'whole: No solution'],
    ['MR = SRMC', 'whole: MR = SRMC'],
    ['np.arcsin(10/13)', 'whole: np.arcsin(10/13)'],
    ['**12**', 'whole: 12'],
    [raw`It is $2(k+1)$.`, 'math: 2(k+1)'],
    [raw`The solutions are $5$ and $7$.`, raw`math: $5$ and $7$`],
    [raw`So $x=5$ or $x=7$.`, raw`math: $x=5$ or $x=7$`],
    [raw`So $a=3$, $b=4$, $a+b=7$.`, 'math: a+b=7'],
    [raw`As $3^{50} \equiv 9$, adding 8 gives 17.`, 'number: 17'],
    [raw`Hence $x = 7$ by step 3.`, 'math: x = 7'],
    [raw`So $x=5$, hence \[y = 3\] follows.`, 'math: y = 3'],
    ['It costs $5 each, so $10 total.', 'number: 10'],
    ['There are 3 apples and 12 pears.', 'number: 12'],
    ['The total comes to -7.', 'number: -7'],
    ['The difference 10-5 was sought.', 'number: 5'],
    ['We computed 5cm for it.', 'number: 5'],
    ['No idea at all.', undefined],
    ['', undefined],
  ])('%s', (completion, answer) => {
    expect(best(completion)).toBe(answer);
  });
});

it('counts only what follows the thinking', () => {
  expect(best(raw`<think>\boxed{1}</think> The answer is 2.`)).toBe('answer: 2');
  expect(extractAnswers(raw`<think>\boxed{1}</think>`)).toEqual([]);
});

it('counts only what the last answer tag holds', () => {
  expect(best(raw`<think>1</think><answer>\frac{3}{4}</answer> done`)).toBe(raw`whole: \frac{3}{4}`);
  expect(best('<answer>5</answer> no, <answer>6')).toBe('whole: 6');
  expect(best(raw`<answer></answer> \boxed{7}`)).toBe('boxed: 7');
});

it('looks only at the anchors it may', () => {
  expect(extractAnswers('The answer is 2.', { anchors: ['boxed'] })).toEqual([]);
  expect(extractAnswers('The answer is 2. We saw 3.', { anchors: ['number', 'answer'] })).toEqual([
    { text: '2', start: 14, end: 15, anchor: 'answer' },
    { text: '3', start: 24, end: 25, anchor: 'number' },
  ]);
});

it('gives the candidates best first', () => {
  const anchors = extractAnswers(raw`Answer: $4$, so \boxed{5}.`).map(({ anchor }) => anchor);
  expect(anchors).toEqual(['boxed', 'answer', 'math', 'number']);
});

const PIECE = fc.constantFrom(
  ...[
    raw`\boxed{`,
    raw`\boxed`,
    'fbox{',
    '{',
    '}',
    '\\',
    '$',
    '$$',
    raw`\[`,
    raw`\]`,
    '####',
    'the answer is ',
    'final answer: ',
  ],
  ...[' and ', ',', '5', '-1/2', '.', '\n', 'word ', '</think>', '\0', '\ud800', '%', '**', 'because '],
);
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(PIECE, { maxLength: 40 }).map((pieces) => pieces.join('')),
);

it('never throws, and every offset points at its text', () => {
  fc.assert(
    fc.property(HOSTILE, (completion) => {
      for (const { text, start, end } of extractAnswers(completion)) {
        expect(completion.slice(start, end)).toBe(text);
        expect(text).toBe(text.trim());
        expect(text).not.toBe('');
      }
    }),
    { numRuns: 500 },
  );
});

it.each([
  raw`\boxed{`,
  '\\',
  '\0',
  '$',
  ' ',
  '.',
  '1',
  'answer ',
  'the answer is ',
  '\n####',
  raw`\boxed{1} and `,
  '{',
  raw`\(`,
])('reads a million characters of %j', (piece) => {
  // linear: under 30 ms; what is quadratic would meet the time limit of every test
  extractAnswers(piece.repeat(1e6 / piece.length));
});
