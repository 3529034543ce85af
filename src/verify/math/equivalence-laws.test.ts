import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { equivalent } from './equivalence.ts';
import type { Expression } from './expression.ts';

const decide = (gold: Expression, answer: Expression) => equivalent(gold, answer, new Budget(2_000_000)).decision;

const number = (digits: string): Expression => ({ kind: 'number', digits });
const sum = (...terms: Expression[]): Expression => ({ kind: 'sum', terms });
const product = (...factors: Expression[]): Expression => ({ kind: 'product', factors });
const minus = (operand: Expression): Expression => ({ kind: 'negation', operand });

const leaf = fc.oneof(
  fc.nat(30).map((n) => number(`${n}`)),
  fc.nat(999).map((n) => number(`${n / 100}`)),
  fc.constantFrom('x', 'y', 'n', 'pi').map((name): Expression => ({ kind: 'symbol', name })),
);

const { formula } = fc.letrec<{ formula: Expression; root: Expression }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(tie('formula'), tie('formula')).map(([a, b]) => sum(a, b)),
    fc.tuple(tie('formula'), tie('formula')).map(([a, b]) => product(a, b)),
    fc
      .tuple(tie('formula'), fc.integer({ min: 1, max: 9 }))
      .map(([numerator, n]): Expression => ({ kind: 'quotient', numerator, denominator: number(`${n}`) })),
    tie('formula').map(minus),
    fc
      .tuple(tie('formula'), fc.nat(3))
      .map(([base, n]): Expression => ({ kind: 'power', base, exponent: number(`${n}`) })),
    tie('root'),
  ),
  root: fc.nat(50).map((n): Expression => ({ kind: 'root', radicand: number(`${n}`) })),
}));

/** The same formula written otherwise: turned around, with zeros, ones and double signs, or squared under a root. */
function rewritten(e: Expression, choices: readonly number[], at = 0): Expression {
  const rest = (inner: Expression, step: number) => rewritten(inner, choices, at * 2 + step);
  const inner: Expression =
    e.kind === 'sum'
      ? { ...e, terms: e.terms.map(rest).reverse() }
      : e.kind === 'product'
        ? { ...e, factors: e.factors.map(rest).reverse() }
        : e.kind === 'negation'
          ? minus(rest(e.operand, 1))
          : e.kind === 'quotient'
            ? { ...e, numerator: rest(e.numerator, 1) }
            : e;
  switch (choices[at % choices.length]) {
    case 1:
      return sum(inner, number('0'));
    case 2:
      return product(number('1'), inner);
    case 3:
      return minus(minus(inner));
    case 4:
      return { kind: 'quotient', numerator: product(inner, number('6')), denominator: number('6.0') };
    case 5:
      return sum(product(number('2'), inner), minus(inner));
    default:
      return inner;
  }
}

test('an answer equals itself and every rewriting of itself, both ways round', () => {
  fc.assert(
    fc.property(formula, fc.array(fc.nat(5), { minLength: 1, maxLength: 9 }), (e, choices) => {
      const other = rewritten(e, choices);
      expect(decide(e, e)).toBe('equal');
      expect(decide(e, other)).toBe('equal');
      expect(decide(other, e)).toBe('equal');
    }),
  );
});

test('adding one, or changing the sign of what is not zero, makes an answer different', () => {
  fc.assert(
    fc.property(formula, (e) => {
      expect(decide(e, sum(e, number('1')))).toBe('different');
      expect(decide(sum(e, number('1')), e)).toBe('different');
      const isZero = decide(e, number('0')) === 'equal';
      expect(decide(e, minus(e))).toBe(isZero ? 'equal' : 'different');
    }),
  );
});

test('the decision is the same both ways round', () => {
  fc.assert(
    fc.property(formula, formula, (a, b) => {
      expect(decide(a, b)).toBe(decide(b, a));
    }),
  );
});

test('two fractions are equal exactly when their cross products are', () => {
  const integer = fc.integer({ min: -60, max: 60 });
  const positive = fc.integer({ min: 1, max: 60 });
  const written = (p: number, q: number): Expression => ({
    kind: 'quotient',
    numerator: p < 0 ? minus(number(`${-p}`)) : number(`${p}`),
    denominator: number(`${q}`),
  });
  fc.assert(
    fc.property(integer, positive, integer, positive, (p, q, r, s) => {
      expect(decide(written(p, q), written(r, s))).toBe(p * s === r * q ? 'equal' : 'different');
    }),
  );
});

test('equal forms are equal answers', () => {
  fc.assert(
    fc.property(formula, formula, (a, b) => {
      const { goldForm, answerForm, decision } = equivalent(a, b, new Budget(2_000_000));
      if (goldForm === answerForm) expect(decision).toBe('equal');
    }),
  );
});

test('a verdict costs the same whenever it is asked', () => {
  fc.assert(
    fc.property(formula, formula, (a, b) => {
      const cost = () => {
        const budget = new Budget(2_000_000);
        equivalent(a, b, budget);
        return budget.spent;
      };
      expect(cost()).toBe(cost());
    }),
  );
});
