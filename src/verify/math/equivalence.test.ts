import { describe, expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { type Equivalence, type EquivalenceOptions, equivalent } from './equivalence.ts';
import type { Expression } from './expression.ts';
import { parseMath } from './parse.ts';

function read(text: string): Expression {
  const parsed = parseMath(text, new Budget(1e6));
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
  return parsed.expression;
}

function ask(gold: string, answer: string, options: EquivalenceOptions = {}): Equivalence {
  return equivalent(read(gold), read(answer), new Budget(2_000_000), options);
}

type Row = readonly [gold: string, answer: string];

/** Each pair both ways round: what is equal is equal from both sides. */
function table(name: string, equalPairs: readonly Row[], differentPairs: readonly Row[]): void {
  describe(name, () => {
    test.each(equalPairs)('%s equals %s', (gold, answer) => {
      expect(ask(gold, answer)).toMatchObject({ decision: 'equal' });
      expect(ask(answer, gold)).toMatchObject({ decision: 'equal' });
    });
    test.each(differentPairs)('%s is not %s', (gold, answer) => {
      expect(ask(gold, answer)).toMatchObject({ decision: 'different' });
      expect(ask(answer, gold)).toMatchObject({ decision: 'different' });
    });
  });
}

table(
  'rational numbers',
  [
    ['\\frac{1}{2}', '0.5'],
    ['\\frac{1}{3}', '0.\\overline{3}'],
    ['0.1\\overline{6}', '\\frac16'],
    ['073', '73'],
    ['27.0', '27'],
    ['1\\frac{4}{5}', '1.8'],
    ['58,500', '58500'],
    ['10,\\!080', '10080'],
    ['3.2 \\times 10^{-4}', '0.00032'],
    ['\\frac{6}{-4}', '-1.5'],
    ['52_8', '42'],
    ['2^{1000}', '4^{500}'],
    ['100!', '100 \\cdot 99!'],
    ['\\binom{10}{3}', '120'],
    ['\\gcd(12, 18)', '6'],
    ['3:4', '6:8'],
    ['3:4', '\\frac34'],
  ],
  [
    ['\\frac{1}{3}', '0.333'],
    ['10', '10_2'],
    ['\\frac{1}{2004!}', '\\frac{1}{2006!}'],
    ['\\frac{1}{2^{99}}', '\\frac{1}{2^{98}}'],
    ['2^{1000}', '2^{1000}+1'],
    ['5', '10^{10^{10}}'],
    ['52_8', '52'],
    ['0', '-0.001'],
  ],
);

table(
  'percent, degrees and units',
  [
    ['28\\%', '28'],
    ['28\\%', '0.28'],
    ['45^\\circ', '45'],
    ['45^\\circ', '\\frac{\\pi}{4}'],
    ['15\\mbox{ cm}^2', '15'],
    ['5\\text{ m}', '500\\text{ cm}'],
    ['90\\text{ km/h}', '25\\text{ m/s}'],
    ['\\$5', '5 \\text{ dollars}'],
    ['\\$1.50', '150\\text{ cents}'],
    ['5.4 \\text{ cents}', '5.4'],
  ],
  [
    ['28\\%', '2.8'],
    ['45^\\circ', '46'],
    ['45^\\circ', '46^\\circ'],
    ['5\\text{ m}', '5\\text{ cm}'],
    ['5\\text{ m}', '5\\text{ kg}'],
    ['15\\text{ cm}^2', '15\\text{ cm}^3'],
  ],
);

table(
  'radicals and constants',
  [
    ['\\sqrt{12}', '2\\sqrt{3}'],
    ['\\frac{1}{\\sqrt{2}}', '\\frac{\\sqrt2}{2}'],
    ['\\sqrt{2}\\sqrt{3}', '\\sqrt 6'],
    ['\\frac{1}{1+\\sqrt2}', '\\sqrt2-1'],
    ['\\sqrt[3]{-8}', '-2'],
    ['\\sqrt[3]{54}', '3\\sqrt[3]{2}'],
    ['\\sqrt{3+2\\sqrt2}', '1+\\sqrt 2'],
    ['\\sin 60^\\circ', '\\frac{\\sqrt 3}{2}'],
    ['\\cos\\frac{\\pi}{12}', '\\frac{\\sqrt6+\\sqrt2}{4}'],
    ['\\arctan 1', '\\frac{\\pi}{4}'],
    ['\\ln 8', '3\\ln 2'],
    ['\\log_2 8', '3'],
    ['e^{\\ln 5}', '5'],
    ['\\frac{\\log 2}{\\log 2-\\log 3}', '\\frac{1}{1-\\log_2 3}'],
    ['|1-\\sqrt2|', '\\sqrt2-1'],
    ['|3+4i|', '5'],
    ['\\sqrt{-4}', '2i'],
    ['(1+i)^2', '2i'],
    ['\\frac{1}{1+i}', '\\frac{1-i}{2}'],
    ['e^{i\\pi}', '-1'],
    ['\\ln 2 + i\\pi / 3', '\\ln(1+\\sqrt{3}i)'],
  ],
  [
    ['\\sqrt{2}+\\sqrt{3}', '\\sqrt 5'],
    ['1-\\frac1e', '1+\\frac1e'],
    ['3.14159', '\\pi'],
    ['\\frac{22}{7}', '\\pi'],
    ['e^{i\\pi}', '1'],
    ['e^{\\pi\\sqrt{163}}', '262537412640768744'],
    ['\\sqrt{3+2\\sqrt2}', '1-\\sqrt 2'],
    ['6+9i', '6-9i'],
    ['\\sqrt[3]{12}', '\\sqrt{12}'],
  ],
);

table(
  'formulas with letters',
  [
    ['(x+1)^2', 'x^2+2x+1'],
    ['\\frac{x^2-1}{x-1}', 'x+1'],
    ['\\frac{1}{x}+\\frac{1}{y}', '\\frac{x+y}{xy}'],
    ['2^{n+1}', '2\\cdot 2^n'],
    ['4^n', '2^{2n}'],
    ['\\sin^2 x+\\cos^2 x', '1'],
    ['\\cos 2x', '1-2\\sin^2 x'],
    ['\\tan^2 x+1', '\\sec^2 x'],
    ['\\sqrt{2} \\cos (2 t-\\pi / 4)', '\\cos 2t+\\sin 2t'],
    ['\\ln(xy)', '\\ln x+\\ln y'],
    ['\\sqrt{xy}', '\\sqrt{x}\\sqrt{y}'],
    ['|x|', '\\sqrt{x^2}'],
    ['\\binom{2n}{n}', '\\frac{(2n)!}{n!^2}'],
    ['n!', 'n(n-1)!'],
    ['\\lceil n/2 \\rceil', '\\lfloor (n+1)/2 \\rfloor'],
    ['\\lfloor n/2 \\rfloor', '\\frac{n}{2}-\\frac{1-(-1)^n}{4}'],
    ['\\sum_{k=1}^{10} k', '55'],
    ['\\sum_{i=1}^{n} i^2', '\\frac{n(n+1)(2n+1)}{6}'],
    ['2^n', '\\sum_{k=0}^{n} \\binom{n}{k}'],
    ['(x+1)^{3000}', '(x+1)^{1000}(x+1)^{2000}'],
  ],
  [
    ['(x+1)^2', 'x^2+2x-1'],
    ['2^{n+1}', '2^n+1'],
    ['\\cos 2x', '1+2\\sin^2 x'],
    ['|x|', 'x'],
    ['\\sqrt{x^2}', 'x'],
    ['\\binom{2n}{n}', '\\frac{(2n)!}{n!}'],
    ['\\lfloor n/2 \\rfloor', '\\frac{n}{2}'],
    ['2k', '2m'],
    ['k+K', 'k+2K'],
    ['\\sum_{k=1}^{n} k', '\\frac{n(n-1)}{2}'],
    ['(x+1)^{3000}', '(x+1)^{3001}'],
    ['f(x)', 'f(y)'],
  ],
);

table(
  'equations and inequalities',
  [
    ['x=5', '5'],
    ['5', 'x=2+3=5'],
    ['f(x)=2x', '2x'],
    ['f(n)=n^2', 'f(x)=x^2'],
    ['m_{\\max}=7', 'm=7'],
    ['2x+3y=6', 'y=2-\\frac{2x}{3}'],
    ['5x - 7y + 11z + 4 = 0', '7y-5x-11z=4'],
    ['y=\\frac1x', 'xy=1'],
    ['x<1', '-x>-1'],
    ['2x+4y<6', '3>x+2y'],
    ['x>3', '(3,\\infty)'],
    ['1<x\\le 2', '(1,2]'],
    ['x \\in [-2,7]', '-2\\le x\\le 7'],
    ['k \\geqslant 2', '[2,\\infty)'],
    ['[-1,1]', '|x| \\le 1'],
    ['(-\\sqrt2,\\sqrt2)', 'x^2<2'],
    ['(-\\infty,1)\\cup(2,\\infty)', 'x^2-3x+2>0'],
    ['(-3,-1)\\cup(1,3)', '1<|x|<3'],
    ['(2,\\infty)', '\\{x \\in \\mathbb{R} \\mid x > 2\\}'],
    ['n \\equiv 3 \\pmod{7}', 'n\\equiv 10 \\pmod 7'],
    ['\\frac23', '\\frac{2}{3} \\approx 0.667'],
    ['0.667', 'x=\\frac{2}{3} \\approx 0.667'],
    ['x\\ne 3', '(-\\infty,3)\\cup(3,\\infty)'],
    ['(-\\infty,2)\\cup(3,\\infty)', 'x<2 \\text{ or } x>3'],
  ],
  [
    ['x=5', '6'],
    ['x=5', 'y=5'],
    ['2x+3y=6', 'y=2+\\frac{2x}{3}'],
    ['x<1', 'x>1'],
    ['x<1', 'x\\le 1'],
    ['2x+4y<6', '3<x+2y'],
    ['1<x\\le 2', '[1,2]'],
    ['x>3', '3'],
    ['x \\le -2 \\text{ or } x \\ge 5', 'x < -2 \\text{ or } x > 5'],
    ['[-1,1]', 'x^2 < 1'],
    ['n \\equiv 3 \\pmod{7}', 'n\\equiv 3 \\pmod 5'],
    ['n \\equiv 3 \\pmod{7}', 'n\\equiv 4 \\pmod 7'],
    ['\\frac34', '\\frac{2}{3} \\approx 0.667'],
  ],
);

table(
  'sets, lists, tuples and matrices',
  [
    ['\\{1,2\\}', '2, 1'],
    ['\\{1,2\\}', 'x=1 \\text{ or } x=2'],
    ['\\{5\\}', '5'],
    ['1 \\pm \\sqrt{19}', '1-\\sqrt{19}, 1+\\sqrt{19}'],
    ['\\{1\\pm\\sqrt{5},-2\\}', '-2, 1+\\sqrt5, 1-\\sqrt5'],
    ['(\\pm 1, \\pm 2)', '(1,2),(1,-2),(-1,2),(-1,-2)'],
    ['(1,8,19), (2,7,13)', '(2,7,13),(1,8,19)'],
    ['(0,9)\\cup(9,36)', '(9,36)\\cup(0,9)'],
    ['[1,2]\\cup[2,3]', '[1,3]'],
    ['\\mathbb{R}', '(-\\infty,\\infty)'],
    ['(-\\infty,3)\\cup(3,\\infty)', '\\mathbb{R}\\setminus\\{3\\}'],
    ['(-\\sqrt3,\\sqrt3)', '(-\\frac{3}{\\sqrt3},\\frac{3}{\\sqrt3})'],
    ['(3, \\frac{\\pi}{2})', '(3, 0.5\\pi)'],
    ['x=1, y=2', '(1,2)'],
    ['(1,2)', 'y=2, x=1'],
    ['(x, y, z) = (1,2,3)', 'x=1,y=2,z=3'],
    ['(2,12) \\cup (12,102)', '2<x<102, x\\neq 12'],
    ['[a,b]', 'a\\le x\\le b'],
    ['(-\\infty,a)', 'x<a'],
    ['\\begin{pmatrix}1\\\\2\\end{pmatrix}', '(1,2)'],
    ['\\begin{pmatrix} -1 & 0 \\\\ 0 & -1 \\end{pmatrix}', '-\\begin{bmatrix} 1 & 0 \\\\ 0 & 1 \\end{bmatrix}'],
    ['\\emptyset', '\\text{no solution}'],
  ],
  [
    ['3, 5, 7', '3, 5'],
    ['3, 5, 7', '3, 5, 8'],
    ['(1,2)', '(2,1)'],
    ['(1,2)', '[1,2]'],
    ['(1,2)', 'y=1, x=2'],
    ['[a,b]', 'a<x\\le b'],
    ['\\{1,2\\}', '(1,2)'],
    ['[1,2)\\cup(2,3]', '[1,3]'],
    ['1 \\pm \\sqrt{19}', '1+\\sqrt{19}'],
    ['\\begin{pmatrix}1\\\\2\\end{pmatrix}', '\\begin{pmatrix}2\\\\1\\end{pmatrix}'],
    ['\\begin{pmatrix}1\\\\2\\end{pmatrix}', '\\begin{pmatrix}1&2\\end{pmatrix}'],
  ],
);

table(
  'words',
  [
    ['\\text{(C)}', 'C'],
    ['\\text{(C)}', 'c'],
    ['\\text{Monday}', 'monday'],
    ['\\text{the ellipse}', '\\text{An ellipse.}'],
    ['\\text{two}', '2'],
    ['\\text{Yes}', '\\text{true}'],
    ['\\text{no solution}', '\\text{None}'],
  ],
  [
    ['\\text{(C)}', 'D'],
    ['\\text{Monday}', '\\text{Tuesday}'],
    ['\\text{Yes}', '\\text{No}'],
    ['\\text{two}', '3'],
    ['\\text{east}', '5'],
  ],
);

test.each([
  ['\\log 100', '2'],
  ['9^{9^{9^9}}', '9^{9^{9^8}}'],
  ['10^{10^{10}}', '10^{10^{10}}+1'],
  ['1+e^{-1000\\pi}', '1+e^{-2000\\pi}'],
  ['0', '\\infty-\\infty'],
  ['1', '\\frac{1}{0}'],
  ['x+y=7', '7'],
  ['2k', '2K'],
  ['x=2, x=3', 'x^2-5x+6=0'],
  ['(1,2)', 'x^3<2'],
  ['5', '5 and we are done'],
  ['\\text{(C)}', '7'],
  ['5 \\text{ apples}', '5 \\text{ oranges}'],
  ['\\text{east}', '\\text{to the east}'],
])('whether %s is %s is not decided', (gold, answer) => {
  expect(ask(gold, answer)).toMatchObject({ decision: 'undecided' });
});

test('an answer named otherwise answers the question of a bare gold, not the other way round', () => {
  expect(ask('7', 'x+y=7')).toMatchObject({ decision: 'equal' });
  expect(ask('\\frac35', '\\sin A = 0.6')).toMatchObject({ decision: 'equal' });
});

test('a tolerance is relative to the gold and holds for numbers within answers of any kind', () => {
  expect(ask('1.6', '1.63', { tolerance: { relative: 0.02, absolute: 0 } })).toMatchObject({
    decision: 'equal',
    rule: 'within 0.02 of the gold',
  });
  expect(ask('1.6', '1.64', { tolerance: { relative: 0.02, absolute: 0 } })).toMatchObject({ decision: 'different' });
  expect(ask('(1.41, 3.14)', '(\\sqrt2, \\pi)', { tolerance: { relative: 0.01, absolute: 0 } })).toMatchObject({
    decision: 'equal',
  });
  expect(ask('1.41', '\\sqrt2')).toMatchObject({ decision: 'different' });
});

test('the rule says how equality is known', () => {
  expect(ask('\\frac12', '0.5')).toMatchObject({ rule: 'equal rationals', goldForm: '1/2', answerForm: '1/2' });
  expect(ask('\\sqrt8', '2\\sqrt2')).toMatchObject({ rule: 'equal normal forms', answerForm: '2*sqrt(2)' });
  expect(ask('\\tan^2 x+1', '\\sec^2 x')).toMatchObject({ rule: 'equal at 8 random points to 40 digits' });
  expect(ask('(x+1)^{3000}', '(x+1)(x+1)^{2999}')).toMatchObject({ rule: 'equal at 4 random points modulo 2^61 - 1' });
});

test.each([
  '(10^6)!',
  '((10!)!)!',
  '2^{2^{2^{2^{2^2}}}}',
  '\\binom{10^6}{5\\cdot 10^5}',
  '(x+y+z+w+1)^{500}',
  '\\sin(10^{10^6})',
])('%s is neither computed nor called 5', (tower) => {
  const budget = new Budget(2_000_000);
  expect(equivalent(read('5'), read(tower), budget).decision).not.toBe('equal');
  expect(ask(tower, tower)).toMatchObject({ decision: 'equal', rule: 'written the same' });
});

test('a tree too deep to walk is refused', () => {
  let deep: Expression = { kind: 'symbol', name: 'x' };
  for (let depth = 0; depth < 1000; depth++) deep = { kind: 'negation', operand: deep };
  expect(equivalent(deep, read('x'), new Budget(1e6))).toMatchObject({ decision: 'undecided' });
});
