import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import type { Decision } from './decision.ts';
import { testIdentity } from './identity.ts';
import { parseMath } from './parse.ts';

function ask(a: string, b: string): Decision {
  const [x, y] = [a, b].map((text) => parseMath(text, new Budget(1e6)));
  if (!x?.ok || !y?.ok) throw new Error('unreadable');
  return testIdentity({ a: x.expression, b: y.expression, budget: new Budget(5_000_000), logBase: 'e' });
}

test.each([
  ['\\sin 1', '\\sin 1(1+10^{-90})'],
  ['1', '\\tanh 100'],
  ['\\frac{\\pi}{2}', '\\arctan(10^{90})'],
  ['\\frac{1}{2004!}', '\\frac{1}{2006!}'],
  ['\\sin(10^{-30})', '10^{-30}'],
  ['x^{20}', 'x^{20}+10^{-9}'],
])('%s and %s are told apart, close as they are', (a, b) => {
  expect(ask(a, b).decision).toBe('different');
});

test.each([
  ['1', '\\cos(10^{-90})'],
  ['\\sin 1', '\\sin 1(1+10^{-300})'],
  ['\\frac{1}{x-x}', '1'],
  ['\\int_0^1 x', '1'],
])('%s and %s are beyond what digits show', (a, b) => {
  expect(ask(a, b).decision).toBe('undecided');
});

test.each([
  ['\\sqrt{5+2\\sqrt6}', '\\sqrt2+\\sqrt3', 'equal to 100 digits'],
  ['\\sin\\frac{\\pi}{5}', '\\sqrt{\\frac{5-\\sqrt5}{8}}', 'equal to 100 digits'],
  ['\\sqrt{1-x^2}', '\\cos(\\arcsin x)', 'equal at 8 random points to 40 digits'],
  ['\\ln(n!)-\\ln((n-1)!)', '\\ln n', 'equal at 8 random points to 40 digits'],
  ['(x+y)^{99}(x+y)', '(y+x)^{100}', 'equal at 4 random points modulo 2^61 - 1'],
])('%s and %s are %s', (a, b, rule) => {
  expect(ask(a, b)).toEqual({ decision: 'equal', rule });
});

test('only points where both sides are real count: equal there is equal', () => {
  expect(ask('\\sqrt{x}\\sqrt{x}', 'x').decision).toBe('equal');
  expect(ask('\\sqrt{x^2}', 'x').decision).toBe('different');
  expect(ask('\\ln(x^2)', '2\\ln x').decision).toBe('equal');
});
