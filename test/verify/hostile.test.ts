/**
 * Text made to break a verifier: it must answer, within its own budget of steps, without an exception, and never "correct" for what is not
 * the answer. Lengths are large enough that anything quadratic meets the time limit that every test has.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/rollout.ts';
import { loadVerifier } from '../../src/verify/catalogue.ts';
import { mathSettings } from '../../src/verify/math/math-settings.ts';

const verifier = await loadVerifier({ name: 'math' });

/** What one verdict may cost, in steps: the same on every machine, however loaded. */
const { steps: BUDGET } = mathSettings.parse({});

async function judged(gold: string, answer: string): Promise<Verdict> {
  const verdict = await verifier.verify(gold, answer);
  const reason = verdict.outcome === 'unknown' ? verdict.reason : '';
  expect(reason).not.toBe('verifier error');
  const { extracted, steps = 0 } = verdict.evidence ?? {};
  // work beyond the budget is charged, not done, and the verdict says so
  if (reason !== 'budget') expect(steps).toBeLessThanOrEqual(BUDGET);
  if (extracted) expect(answer.slice(extracted.start, extracted.end)).toBe(extracted.text);
  return verdict;
}

const nested = (open: string, inner: string, close: string, depth: number): string =>
  open.repeat(depth) + inner + close.repeat(depth);

const HOSTILE: Readonly<Record<string, string>> = {
  'a tower of powers': `\\boxed{${nested('9^{', '9', '}', 60)}}`,
  'a high tower of powers': `\\boxed{${nested('9^{', '9', '}', 5000)}}`,
  'a tower without braces': `\\boxed{${'9^'.repeat(5000)}9}`,
  'four nines': '\\boxed{9^{9^{9^9}}}',
  'a power that fills the memory': '\\boxed{10^{10^{10}}}',
  'a huge exponent of ten': '\\boxed{1e999999999}',
  'a huge negative exponent of ten': '\\boxed{1e-999999999}',
  'a power of a fraction': '\\boxed{(3/7)^{99999999}}',
  'a factorial of a million': '\\boxed{1000000!}',
  'factorials of factorials': '\\boxed{9!!!!!!}',
  'quotient of huge factorials': '\\boxed{\\frac{1000000!}{999999!}}',
  'a million factorial signs': `\\boxed{3${'!'.repeat(1_000_000)}}`,
  'a huge binomial': '\\boxed{\\binom{1000000}{500000}}',
  'a long sum': '\\boxed{\\sum_{k=1}^{1000000000} \\frac{1}{k}}',
  'a long product': '\\boxed{\\prod_{k=1}^{1000000000} k}',
  'a huge determinant of nothing': `\\boxed{\\begin{pmatrix}${'&'.repeat(200_000)}\\end{pmatrix}}`,
  'a huge matrix': `\\boxed{\\begin{pmatrix}${`${'1&'.repeat(300)}1\\\\`.repeat(300)}\\end{pmatrix}}`,
  'a polynomial to expand': '\\boxed{(a+b+c+d+e+f+g+h)^{40}}',
  'many factors to expand': `\\boxed{${Array.from({ length: 60 }, (_, i) => `(x+${i}y+z)`).join('')}}`,
  'a large power to expand': '\\boxed{(x+1)^{100000}}',
  'many symbols': `\\boxed{${Array.from({ length: 3000 }, (_, i) => `x_{${i}}`).join('+')}}`,
  'nested radicals': `\\boxed{${nested('\\sqrt{2+', '2', '}', 400)}}`,
  'a deep continued fraction': `\\boxed{${nested('1+\\frac{1}{', '2', '}', 3000)}}`,
  'a root of a long number': `\\boxed{\\sqrt{${'7'.repeat(20_000)}}}`,
  'a long number to factor': `\\boxed{\\sqrt{${'1000000007'.repeat(10)}3}}`,
  'a long number': `\\boxed{${'7'.repeat(500_000)}}`,
  'a long decimal': `\\boxed{0.${'3'.repeat(500_000)}}`,
  'a long period': `\\boxed{0.\\overline{${'37'.repeat(50_000)}}}`,
  'deep round brackets': `\\boxed{${nested('(', '5', ')', 100_000)}}`,
  'deep sized brackets': `\\boxed{${nested('\\left(', '7', '\\right)', 20_000)}}`,
  'deep braces': nested('{', '7', '}', 100_000),
  'deep sets': `\\boxed{${nested('\\{', '7', '\\}', 20_000)}}`,
  'deep fractions': `\\boxed{${nested('\\frac{1}{', '7', '}', 20_000)}}`,
  'deep bars': `\\boxed{${'|'.repeat(20_000)}}`,
  'minus signs': `\\boxed{${'-'.repeat(100_001)}7}`,
  'opening brackets': `\\boxed{${'('.repeat(100_000)}`,
  'closing braces': `\\boxed{7${'}'.repeat(100_000)}`,
  'opening braces': '{'.repeat(200_000),
  'unclosed boxes': '\\boxed{'.repeat(100_000),
  'boxes in boxes': nested('\\boxed{', '7', '}', 20_000),
  'empty boxes': '\\boxed{}'.repeat(100_000),
  'a megabyte of backslashes': '\\'.repeat(1_000_000),
  'a megabyte of dollars': '$'.repeat(1_000_000),
  'a megabyte of spaces': ' '.repeat(1_000_000),
  'a megabyte of newlines': '\n'.repeat(1_000_000),
  'spaces after an anchor': `Answer:${' '.repeat(500_000)}x`,
  'spaces in a box': `\\boxed{${' '.repeat(500_000)}7 8}`,
  'a megabyte of letters': 'a'.repeat(1_000_000),
  'a megabyte of words': 'answer is '.repeat(100_000),
  'final answers without an answer': 'the final answer is '.repeat(50_000),
  hashes: '#### '.repeat(200_000),
  asterisks: `${'**'.repeat(300_000)}7`,
  'Answer: without end': 'Answer: '.repeat(100_000),
  'a long list': `\\boxed{${Array.from({ length: 20_000 }, (_, i) => i).join(',')}}`,
  'a long set of radicals': `\\boxed{${Array.from({ length: 400 }, (_, i) => `\\sqrt{${i}}+\\sqrt{${i + 1}}`).join(',')}}`,
  'many either signs': `\\boxed{${'1 \\pm '.repeat(60)}1}`,
  'many unions': `\\boxed{${Array.from({ length: 3000 }, (_, i) => `(${2 * i},${2 * i + 1})`).join('\\cup')}}`,
  'a long chain': `\\boxed{${'x='.repeat(5000)}6}`,
  'thousands separators': `\\boxed{1${',000'.repeat(20_000)}}`,
  'NUL bytes': '\\boxed{\u00007\u0000}\u0000',
  'control characters': '\\boxed{\u0007\u001b[2J\u009b\u202e8\u2028}',
  'lone surrogates': '\\boxed{\ud800 7 \udc00}',
  'combining marks': `\\boxed{7${'\u0301'.repeat(50_000)}}`,
  'astral digits': '\\boxed{𝟟𝟠}',
  'names of the prototype': '\\boxed{constructor + __proto__ + toString}',
  'commands of the prototype': '\\boxed{\\constructor{7}\\__proto__\\hasOwnProperty}',
  'environments of the prototype': '\\begin{__proto__}7\\end{constructor}',
  'a regular expression bomb': `\\boxed{${'\\text{ '.repeat(20_000)}}`,
  'many environments': '\\begin{pmatrix}'.repeat(20_000),
  'many commands': '\\frac'.repeat(100_000),
  'many carets': `\\boxed{x${'^'.repeat(100_000)}2}`,
  'many underscores': `\\boxed{x${'_'.repeat(100_000)}2}`,
  'deep subscripts': `\\boxed{${nested('x_{', '7', '}', 5000)}}`,
  'logarithms of logarithms': `\\boxed{${'\\log '.repeat(5000)}7}`,
  'sines of sines': `\\boxed{${nested('\\sin(', 'x', ')', 2000)}}`,
  'a division by zero': '\\boxed{\\frac{7}{0}}',
  'zero to the zero': '\\boxed{0^{0}}',
  'a logarithm of zero': '\\boxed{\\ln 0}',
  'a base of one': '\\boxed{\\log_1 7}',
  'a zeroth root': '\\boxed{\\sqrt[0]{7}}',
  'a root of huge degree': '\\boxed{\\sqrt[1000000007]{2}}',
  'a huge base': '\\boxed{10_{99999999999999999999}}',
  'a factorial of a fraction': '\\boxed{(7/2)!}',
  'a factorial of a negative number': '\\boxed{(-7)!}',
  'a binomial of negatives': '\\boxed{\\binom{-7}{-3}}',
};

const GOLDS = ['5', '\\sqrt{51}', 'x^2 + 1', '(3, 4]', '\\text{(C)}', '1, -2'];

describe('the math verifier on hostile text', () => {
  it.each(Object.entries(HOSTILE))('answers %s', async (_name, answer) => {
    for (const gold of GOLDS) expect((await judged(gold, answer)).outcome).not.toBe('correct');
  });

  it.each(Object.entries(HOSTILE))('answers %s as a gold', async (_name, gold) => {
    expect((await judged(gold, '\\boxed{5}')).outcome).not.toBe('correct');
    await judged(gold, gold);
  });

  it('decides the same twice, at the same cost', async () => {
    for (const answer of Object.values(HOSTILE).filter(({ length }) => length < 10_000))
      expect(await judged('\\sqrt{51}', answer)).toEqual(await judged('\\sqrt{51}', answer));
  });
});

const FRAGMENTS = [
  ...'0123456789xyneabi+-*/^_=<>()[]{}|!,.;:%$&\'"~ \n',
  ...[
    '\\frac',
    '\\sqrt',
    '\\sqrt[3]',
    '\\boxed{',
    '\\left(',
    '\\right)',
    '\\left',
    '\\right',
    '\\{',
    '\\}',
    '\\\\',
    '\\',
    '\\,',
  ],
  ...[
    '\\pi',
    '\\infty',
    '\\pm',
    '\\cup',
    '\\in',
    '\\le',
    '\\ne',
    '\\cdot',
    '\\times',
    '\\text{',
    '\\mathrm{',
    '\\circ',
    '^\\circ',
  ],
  ...[
    '\\begin{pmatrix}',
    '\\end{pmatrix}',
    '\\begin{cases}',
    '\\overline{3}',
    '\\binom',
    '\\log_2',
    '\\ln',
    '\\sin',
    '\\sin^{-1}',
  ],
  ...[
    '\\lfloor',
    '\\rfloor',
    '\\sum_{k=1}^{n}',
    '\\%',
    '\\$',
    '\\emptyset',
    'Answer: ',
    'the final answer is ',
    '#### ',
    ' and ',
    ' or ',
  ],
  ...[
    'π',
    '√',
    '−',
    '×',
    '≤',
    '∞',
    '²',
    '½',
    '°',
    '\u0000',
    '\u202e',
    '\ud800',
    '10^{9}',
    '0.5',
    '1,000',
    'e^{',
    '9^9',
  ],
];
const soup = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 40 }).map((parts) => parts.join(''));

describe('the math verifier on a soup of fragments', () => {
  it('never throws, stays within its budget, and says where it looked', async () => {
    await fc.assert(
      fc.asyncProperty(soup, soup, async (gold, answer) => {
        await judged(gold, answer);
      }),
      { numRuns: 1500 },
    );
  });

  it('never calls a text both equal and unequal to itself: what it can read and decide is correct', async () => {
    await fc.assert(
      fc.asyncProperty(soup, async (text) => {
        const verdict = await judged(text, `\\boxed{${text}}`);
        const isReadAlike = verdict.evidence?.extracted?.text === text;
        if (isReadAlike) expect(verdict.outcome).not.toBe('incorrect');
      }),
      { numRuns: 1500 },
    );
  });

  it('reads a gold and an answer that are one text alike, though a gold of that form begins behind its hashes', async () => {
    const text = '#### \\begin{cases}';
    expect(await judged(text, `\\boxed{${text}}`)).toMatchObject({ outcome: 'correct' });
    expect(await judged('#### 18', '\\boxed{#### 18}')).toMatchObject({ outcome: 'correct' });
    expect(await judged('#### 18', '\\boxed{#### 19}')).toMatchObject({ reason: 'unparsable answer' });
  });

  it.each(['\\begin{cases}', '\\begin{cases}\\end{cases}', '\\begin{aligned}', '\\{', '\\left\\{', '(', '['])(
    'takes %s, which holds nothing, neither for the empty set nor for a wrong answer',
    async (answer) => {
      for (const gold of ['\\emptyset', '\\text{no solution}', 'x^2 + 1'])
        expect(await judged(gold, `\\boxed{${answer}}`)).toMatchObject({ reason: 'unparsable answer' });
    },
  );

  it('takes no broken environment for words that are wrong', async () => {
    for (const answer of ['#### \\begin{cases}', '\\begin{pmatrix}\\end{pmatrix}'])
      expect(await judged('\\emptyset', `\\boxed{${answer}}`)).toMatchObject({ reason: 'unparsable answer' });
  });

  it('survives any text at all', async () => {
    const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }));
    await fc.assert(
      fc.asyncProperty(any, any, async (gold, answer) => {
        await judged(gold, answer);
      }),
      { numRuns: 1000 },
    );
  });
});
