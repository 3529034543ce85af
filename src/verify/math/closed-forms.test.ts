import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { withClosedForms } from './closed-forms.ts';
import type { Expression } from './expression.ts';
import { parseMath } from './parse.ts';
import { show } from './print.ts';

function read(text: string): Expression {
  const parsed = parseMath(text, new Budget(1e6));
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
  return parsed.expression;
}

const close = (text: string, proposal: string): string =>
  show(withClosedForms(read(text), () => read(proposal), new Budget(1e8)));

test.each([
  ['\\int_0^1 x \\, dx', '1/2'],
  ['\\int_0^1 x^2 + 1 \\, dx', '4/3'],
  ['\\int_0^{\\pi} \\sin x \\, dx', '2'],
  ['\\int_0^1 \\frac{dx}{1+x^2}', '\\pi/4'],
  ['\\int_0^1 \\ln x \\, dx', '-1'],
  ['\\int_1^0 x \\, dx', '-1/2'],
  ['\\int_0^\\infty e^{-x^2} dx', '\\sqrt{\\pi}/2'],
  ['\\int_{-\\infty}^\\infty e^{-x^2} dx', '\\sqrt{\\pi}'],
  ['\\int_0^a t \\, dt', 'a^2/2'],
  ['\\lim_{x\\to 0} \\frac{1-\\cos x}{x^2}', '1/2'],
  ['\\lim_{x\\to 0} \\sqrt{x}', '0'],
  ['\\lim_{n\\to\\infty} (1+\\frac{a}{n})^n', 'e^a'],
  ['\\sum_{k=1}^\\infty \\frac{1}{k^2}', '\\pi^2/6'],
  ['\\sum_{k=1}^\\infty \\frac{(-1)^{k+1}}{k}', '\\ln 2'],
  ['\\prod_{k=2}^\\infty (1-\\frac{1}{k^2})', '1/2'],
  ['\\sum_{k=1}^n k^2', 'n(n+1)(2n+1)/6'],
])('%s is replaced by %s', (text, proposal) => {
  expect(close(text, proposal)).toBe(show(read(proposal)));
});

test.each([
  ['a wrong value', '\\int_0^1 x \\, dx', '0.500001'],
  ['the antiderivative across a pole', '\\int_{-1}^1 \\frac{1}{x^2} dx', '-2'],
  ['a divergent integral', '\\int_0^1 \\frac{1}{x} dx', '1'],
  ['a limit to four digits', '\\lim_{n\\to\\infty} (1+\\frac1n)^n', '2.7182'],
  ['a limit that differs by side', '\\lim_{x\\to 0} \\frac{|x|}{x}', '0'],
  ['a limit of what oscillates', '\\lim_{x\\to 0} \\sin \\frac{1}{x}', '0'],
  ['partial sums', '\\sum_{k=1}^\\infty \\frac{1}{k^2}', '1.64483'],
  ['the mean of a series that swings', '\\sum_{k=0}^\\infty (-1)^k', '1/2'],
  ['a divergent series', '\\sum_{k=1}^\\infty \\frac{1}{k}', '20'],
  ['a letter from nowhere', '\\int_0^1 x \\, dx', 'c'],
  ['a formula that is right at one number only', '\\sum_{k=1}^n k', 'n'],
  ['an integral without bounds', '\\int x \\, dx', 'x^2/2'],
])('%s is no closed form', (_, text, proposal) => {
  expect(close(text, proposal)).not.toBe(show(read(proposal)));
});

test('the innermost is closed first, and what stands around it stays', () => {
  const proposals = ['1/2', '1/4'].map(read);
  const tree = withClosedForms(
    read('(3, \\int_0^{\\int_0^1 2y\\,dy/2} 2x \\, dx)'),
    () => proposals.shift(),
    new Budget(1e8),
  );
  expect(show(tree)).toBe('(tuple 3 (/ 1 4))');
});
