import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseBounded } from './bounded-yaml.ts';

it('settings are parsed as ever', () => {
  const text = 'name: a\ntask: { name: echo, list: [1, two] }\nnested:\n  - a: &x 1\n    b: *x\n';
  expect(parseBounded(text)).toEqual(parse(text));
});

it.each([
  ['brackets', (n: number) => '['.repeat(n) + ']'.repeat(n)],
  ['brackets that are not closed', (n: number) => '['.repeat(n)],
  ['braces', (n: number) => '{a: '.repeat(n) + '}'.repeat(n)],
  ['dashes', (n: number) => `${'- '.repeat(n)}a`],
  ['indentation', (n: number) => Array.from({ length: n }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['question marks', (n: number) => `${'? '.repeat(n)}a`],
  [
    'references',
    (n: number) => Array.from({ length: n }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}` : 1}]`).join('\n'),
  ],
])('%s nested without end are refused', (_, nested) => {
  expect(() => parseBounded(nested(1000))).toThrow(/nested more than 64 deep|Excessive alias/);
});

it('references that multiply are refused', () => {
  const line = (_: unknown, i: number) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`;
  const bomb = ['a0: &a0 [x]', ...Array.from({ length: 12 }, line)].join('\n');
  expect(() => parseBounded(bomb)).toThrow(/Excessive alias count/);
});
