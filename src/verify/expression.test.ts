import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_LENGTH } from './expression.ts';
import { add, divide, formatRational, multiply, type Rational, rational, subtract } from './rational.ts';

function show(text: string): string {
  const evaluation = evaluate(text);
  return evaluation.ok ? formatRational(evaluation.value) : `refused: ${evaluation.reason}`;
}

test.each([
  ['1+2*3', '7'],
  ['(1+2)*3', '9'],
  ['10-4-3', '3'],
  ['12/4/3', '1'],
  ['7/2', '7/2'],
  ['1/3+1/3+1/3', '1'],
  ['-3+5', '2'],
  ['2--3', '5'],
  [' ( 8 + 1 ) * 2 ', '18'],
  ['007', '7'],
  ['99999999999999999999*99999999999999999999', '9999999999999999999800000000000000000001'],
])('%s is %s', (text, value) => {
  expect(show(text)).toBe(value);
});

test.each([
  ['', 'ends too early'],
  ['3+', 'ends too early'],
  ['(3+4', 'ends too early'],
  ['3)', 'unexpected ")" at character 2'],
  ['3 4', 'unexpected "4" at character 3'],
  ['2**3', 'unexpected "*" at character 3'],
  ['1.5', 'unexpected "." at character 2'],
  ['process.exit(1)', 'unexpected "p" at character 1'],
  ['4/(2-2)', 'division by zero'],
])('%j is refused: %s', (text, reason) => {
  expect(evaluate(text)).toEqual({ ok: false, reason });
});

test('length and nesting are bounded', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}7${')'.repeat(depth)}`;
  expect(show(nested(MAX_EXPRESSION_DEPTH))).toBe('7');
  expect(show(nested(MAX_EXPRESSION_DEPTH + 1))).toBe('refused: nested deeper than 50');
  expect(show(`${'(7)+'.repeat(MAX_EXPRESSION_DEPTH + 1)}7`)).toBe(`${7 * (MAX_EXPRESSION_DEPTH + 2)}`);
  expect(show('1'.repeat(MAX_EXPRESSION_LENGTH + 1))).toBe('refused: longer than 1000 characters');
});

test('literals are the integers as written, in order', () => {
  expect(evaluate('7*(3+5)-3')).toMatchObject({ ok: true, literals: [7n, 3n, 5n, 3n] });
});

test('no text makes it throw', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...'0123456789+-*/() x'), maxLength: 300 });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), hostile), (text) => {
      expect(typeof evaluate(text).ok).toBe('boolean');
    }),
  );
});

/** A tree beside its fully parenthesised text, evaluated without parsing. */
interface Tree {
  readonly text: string;
  readonly value: Rational | undefined;
}

const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, tie('leaf'), tie('node')),
  leaf: fc.nat(99).map((n) => ({ text: `${n}`, value: rational(BigInt(n)) })),
  node: fc.tuple(fc.constantFrom(...'+-*/'), tie('tree'), tie('tree')).map(([operator, a, b]) => ({
    text: `(${a.text}${operator}${b.text})`,
    value:
      a.value &&
      b.value &&
      { '+': add, '-': subtract, '*': multiply, '/': divide }[operator as '+']?.(a.value, b.value),
  })),
}));

test('parsing gives the value of the tree that was written', () => {
  fc.assert(
    fc.property(tree, ({ text, value }) => {
      fc.pre(text.length <= MAX_EXPRESSION_LENGTH);
      expect(show(text)).toBe(value === undefined ? 'refused: division by zero' : formatRational(value));
    }),
  );
});
