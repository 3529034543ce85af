/**
 * Equations and inequalities as formulas against zero: equal up to a factor that is a number.
 */
import type { Budget } from '../budget.ts';
import { divide, ONE, type Rational } from '../rational.ts';
import { allOf, type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';
import { testIdentity } from './identity.ts';
import { withoutNegativeExponents } from './negative-exponents.ts';
import { asRational, equalPolynomials, generatorsOf, type Polynomial } from './polynomial.ts';
import { scale } from './polynomial-arithmetic.ts';
import { sortedTerms } from './polynomial-format.ts';
import { rationalTree } from './rational-tree.ts';
import { formOf, type Tolerance } from './scalars.ts';

export type RelationTree = Extract<Expression, { kind: 'relation' }>;

export interface RelationContext {
  readonly budget: Budget;
  readonly tolerance: Tolerance;
  compare(gold: Expression, answer: Expression): Decision;
}

/** First side minus last. */
export function apart(e: RelationTree): Expression {
  return {
    kind: 'sum',
    terms: [e.sides[0] as Expression, { kind: 'negation', operand: e.sides.at(-1) as Expression }],
  };
}

/** Equal up to a factor that is a number: the same solutions. */
export function compareEquations(gold: RelationTree, answer: RelationTree, context: RelationContext): Decision {
  const { budget, compare } = context;
  if (gold.sides.length === answer.sides.length) {
    const sides = gold.sides.map((side, index) => compare(side, answer.sides[index] as Expression));
    if (allOf(sides, '').decision === 'equal') return equal('equal sides');
  }
  const [a, b] = [apart(gold), apart(answer)];
  const [x, y] = [zeroForm(a, budget), zeroForm(b, budget)];
  if (x && y) {
    if (equalPolynomials(x, y)) return equal('one equation up to a factor');
    if (isPolynomialInLetters(x) && isPolynomialInLetters(y)) return different('different equations');
  }
  const factor = x && y ? leadRatio(a, b, budget) : undefined;
  for (const each of [ONE, { numerator: -1n, denominator: 1n }, ...(factor ? [factor] : [])]) {
    const scaled: Expression = { kind: 'product', factors: [rationalTree(each), b] };
    try {
      const decision = testIdentity({ a, b: scaled, budget, logBase: 'e' });
      if (decision.decision === 'equal') return equal(`one equation up to a factor: ${decision.rule}`);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undecided('equations that are no multiples of one another');
}

/** The numerator over its first coefficient: zero where the formula is. */
export function zeroForm(e: Expression, budget: Budget): Polynomial | undefined {
  const form = formOf(e, budget);
  if (!form.ok) return undefined;
  const cleared = withoutNegativeExponents(form.fraction.numerator, budget);
  const lead = sortedTerms(cleared)[0]?.coefficient;
  const inverse = lead && divide(ONE, lead);
  return inverse ? scale(cleared, inverse, budget) : cleared;
}

function leadRatio(a: Expression, b: Expression, budget: Budget): Rational | undefined {
  const lead = (e: Expression) => {
    const form = formOf(e, budget);
    return form.ok ? sortedTerms(form.fraction.numerator)[0]?.coefficient : undefined;
  };
  const [x, y] = [lead(a), lead(b)];
  return x && y ? divide(x, y) : undefined;
}

export function isPolynomialInLetters(a: Polynomial): boolean {
  for (const { powers } of a.values())
    for (const { generator, exponent } of powers)
      if (
        generator.kind === 'opaque' ||
        generator.kind === 'radicand' ||
        (generator.kind === 'symbol' && exponent.denominator !== 1n)
      )
        return false;
  return generatorsOf(a).size > 0 || asRational(a) !== undefined;
}

export function positiveForm(e: Expression, budget: Budget): Polynomial | undefined {
  const form = formOf(e, budget);
  if (!form.ok || !asRational(form.fraction.denominator)) return undefined;
  const lead = sortedTerms(form.fraction.numerator)[0]?.coefficient;
  const inverse = lead && divide(ONE, lead);
  if (!inverse) return form.fraction.numerator;
  const size = inverse.numerator < 0n ? { ...inverse, numerator: -inverse.numerator } : inverse;
  return scale(form.fraction.numerator, size, budget);
}
