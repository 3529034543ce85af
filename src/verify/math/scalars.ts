/**
 * Equality of two numbers or formulas: as written, then by exact normal forms, then at random points.
 */
import { Budget, BudgetExceeded } from '../budget.ts';
import { canonical, type LogBase, NotScalar } from './canonical.ts';
import { Unevaluable } from './complex.ts';
import { type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';
import { crossDifference, type Fraction, formatFraction, rationalValue } from './fraction.ts';
import { functionName } from './function-names.ts';
import { testIdentity } from './identity.ts';
import { lettersOf } from './letters.ts';
import { evaluate } from './numeric.ts';
import { precision } from './point.ts';
import { asRational, generatorsOf, isNothing, type Polynomial, Undefined } from './polynomial.ts';
import { someNode, substitute, treeKey } from './tree-key.ts';

/** Numbers this close to the gold are equal. */
export interface Tolerance {
  /** Times |gold|. */
  readonly relative: number;
  readonly absolute: number;
}

export const EXACT: Tolerance = { relative: 0, absolute: 0 };

interface ScalarOptions {
  readonly budget: Budget;
  readonly tolerance: Tolerance;
}

type Form =
  | { readonly ok: true; readonly fraction: Fraction; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly failure: 'undefined' | 'no scalar' | 'budget' };

interface CachedForm {
  readonly form: Form;
  readonly steps: number;
  /** Of the budget it was made under: another may reach further. */
  readonly limit: number;
}

/** Part of a budget that one normal form may take: what it cannot do exactly is left to random points. */
const FORM_SHARE = 1 / 5;

const FORMS: Readonly<Record<LogBase, WeakMap<Expression, CachedForm>>> = { e: new WeakMap(), '10': new WeakMap() };

/** The normal form; its cost is charged also when it is remembered, so that a verdict costs the same whenever it is asked. */
export function formOf(e: Expression, budget: Budget, logBase: LogBase = 'e'): Form {
  let cached = FORMS[logBase].get(e);
  if (cached?.limit !== budget.limit) {
    const own = new Budget(budget.limit * FORM_SHARE);
    cached = { form: makeForm(e, own, logBase), steps: Math.min(own.spent, own.limit), limit: budget.limit };
    FORMS[logBase].set(e, cached);
  }
  budget.spend(cached.steps);
  return cached.form;
}

function makeForm(e: Expression, budget: Budget, logBase: LogBase): Form {
  try {
    const fraction = canonical(e, { budget, logBase });
    budget.spend(fraction.numerator.size + fraction.denominator.size);
    return { ok: true, fraction, text: formatFraction(fraction) };
  } catch (error) {
    if (error instanceof Undefined) return { ok: false, reason: error.message, failure: 'undefined' };
    if (error instanceof NotScalar) return { ok: false, reason: error.message, failure: 'no scalar' };
    if (error instanceof BudgetExceeded) return { ok: false, reason: error.message, failure: 'budget' };
    throw error;
  }
}

export function compareScalars(gold: Expression, answer: Expression, options: ScalarOptions): Decision {
  if (treeKey(gold) === treeKey(answer)) return equal('written the same');
  const infinite = compareInfinite(gold, answer);
  if (infinite) return infinite;
  const decision = compareReadings(gold, answer, options);
  if (decision.decision !== 'different') return decision;
  const recased = inCaseOf(gold, answer);
  return recased && compareReadings(gold, recased, options).decision === 'equal'
    ? undecided('equal but for the case of letters')
    : decision;
}

/** The answer with `C` written `c` where the gold has only `c` and the answer only `C`; `undefined` where that changes nothing. */
function inCaseOf(gold: Expression, answer: Expression): Expression | undefined {
  const [ours, theirs] = [lettersOf([gold]).names, lettersOf([answer]).names];
  const renamed = new Map<string, string>();
  for (const name of theirs) {
    const other = [...ours].find((each) => each !== name && each.toLowerCase() === name.toLowerCase());
    if (other !== undefined && !ours.has(name) && !theirs.has(other)) renamed.set(name, other);
  }
  if (renamed.size === 0) return undefined;
  return substitute(answer, (leaf) => {
    const name = leaf.kind === 'symbol' ? renamed.get(leaf.name) : undefined;
    return name === undefined ? undefined : { kind: 'symbol', name };
  });
}

/** A logarithm without a base is natural or decimal: what holds for both readings holds. */
function compareReadings(gold: Expression, answer: Expression, options: ScalarOptions): Decision {
  if (!hasBareLog(gold) && !hasBareLog(answer)) return compareFor('e', gold, answer, options);
  const natural = compareFor('e', gold, answer, options);
  const decimal = compareFor('10', gold, answer, options);
  if (natural.decision === decimal.decision) return natural;
  return undecided('log without a base: natural and decimal logarithms disagree');
}

/** infinity is -1 or 1 times itself and no number: sums and quotients of it have no value here. */
function compareInfinite(gold: Expression, answer: Expression): Decision | undefined {
  const isIn = (e: Expression) => someNode(e, (node) => node.kind === 'symbol' && node.name === 'infinity');
  const [inGold, inAnswer] = [isIn(gold), isIn(answer)];
  if (!inGold && !inAnswer) return undefined;
  const [a, b] = [infinityOf(gold), infinityOf(answer)];
  if ((inGold && a === undefined) || (inAnswer && b === undefined)) return undecided('arithmetic with infinity');
  const mayDiverge = (e: Expression) =>
    someNode(e, (node) => node.kind === 'call' && ['integral', 'limit'].includes(node.name));
  if (mayDiverge(gold) || mayDiverge(answer)) return undecided('infinity and what may be infinite');
  return a === b ? equal('both infinite') : different('different at infinity');
}

/** 1 or -1 times infinity: `\infty`, `+\infty`, `-\infty`. */
export function infinityOf(e: Expression): number | undefined {
  if (e.kind === 'negation') {
    const inner = infinityOf(e.operand);
    return inner === undefined ? undefined : -inner;
  }
  return e.kind === 'symbol' && e.name === 'infinity' ? Number.POSITIVE_INFINITY : undefined;
}

function hasBareLog(e: Expression): boolean {
  return someNode(e, (node) => node.kind === 'call' && !node.subscript && functionName(node.name) === 'log');
}

function compareFor(logBase: LogBase, gold: Expression, answer: Expression, options: ScalarOptions): Decision {
  const { budget } = options;
  const [a, b] = [formOf(gold, budget, logBase), formOf(answer, budget, logBase)];
  const exact = a.ok && b.ok ? compareForms(a.fraction, b.fraction, budget) : undefined;
  if (exact?.decision === 'equal') return exact;
  if (options.tolerance.relative > 0 || options.tolerance.absolute > 0) {
    const near = compareNear(gold, answer, logBase, options);
    if (near) return near;
  }
  if (exact) return exact;
  if (!a.ok && a.failure !== 'budget') return undecided(`the gold: ${a.reason}`);
  if (!b.ok && b.failure !== 'budget') return undecided(`the answer: ${b.reason}`);
  if (hasDots(gold) || hasDots(answer)) return undecided('an ellipsis stands for something unknown');
  return testIdentity({ a: gold, b: answer, budget, logBase });
}

function hasDots(e: Expression): boolean {
  return someNode(e, (node) => node.kind === 'symbol' && node.name === 'dots');
}

/** `undefined` where normal forms neither prove nor disprove. */
function compareForms(a: Fraction, b: Fraction, budget: Budget): Decision | undefined {
  const [x, y] = [rationalValue(a), rationalValue(b)];
  if (x && y) {
    const isEqual = x.numerator === y.numerator && x.denominator === y.denominator;
    return isEqual ? equal('equal rationals') : different('different rationals');
  }
  if (formatFraction(a) === formatFraction(b)) return equal('equal normal forms');
  const own = new Budget(budget.limit * FORM_SHARE);
  let apart: Polynomial;
  try {
    apart = crossDifference(a, b, own);
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  } finally {
    budget.spend(Math.min(own.spent, own.limit));
  }
  if (isNothing(apart)) return equal('equal as quotients of polynomials');
  if (asRational(apart) || isIndependent(apart)) return different('different normal forms');
  return undefined;
}

/** Generators of which no sum of products vanishes: letters, roots of primes, i, and pi or e but not both. */
function isIndependent(a: Polynomial): boolean {
  let transcendental = 0;
  for (const { kind } of generatorsOf(a).values()) {
    if (kind === 'transcendental') transcendental++;
    else if (kind !== 'symbol' && kind !== 'prime' && kind !== 'imaginary') return false;
  }
  return transcendental < 2;
}

const TOLERANCE_DIGITS = 40;

/** For two real numbers: |gold - answer| is within the absolute tolerance, or within the relative one times |gold|. */
function compareNear(
  gold: Expression,
  answer: Expression,
  logBase: LogBase,
  { budget, tolerance }: ScalarOptions,
): Decision | undefined {
  const [a, b] = [realValue(gold, budget, logBase), realValue(answer, budget, logBase)];
  if (!a || !b) return undefined;
  const apart = a.minus(b).abs();
  const { relative, absolute } = tolerance;
  if (relative > 0 && apart.lte(a.abs().times(relative))) return equal(`within ${relative} of the gold`);
  return absolute > 0 && apart.lte(absolute) ? equal(`at most ${absolute} from the gold`) : undefined;
}

/** A real number's decimal, or `undefined` for formulas with letters and what has no real value. */
export function realValue(e: Expression, budget: Budget, logBase: LogBase = 'e') {
  try {
    const { re, im } = evaluate(e, {
      at: precision(TOLERANCE_DIGITS),
      budget,
      logBase,
      isReal: false,
      hasAbsorbed: false,
      valueOf: (letter) => {
        throw new Unevaluable(`${letter} has no value`);
      },
    });
    return im.isZero() ? re : undefined;
  } catch (error) {
    if (error instanceof Unevaluable || error instanceof Undefined || error instanceof NotScalar) return undefined;
    throw error;
  }
}
