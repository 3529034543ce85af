/**
 * Whether an answer equals the gold: by kind first (words, relations, sets, lists, vectors, quantities), then as numbers or formulas,
 * exactly where that can be proven and at random points otherwise. What cannot be decided is said to be undecided, never guessed.
 *
 * What counts as equal beyond mathematics, both ways round unless stated:
 * - a unit, percent or degree sign that only one side has: `5 cm` and `5`; `28\%` and `28`, or `0.28`; `45^\circ` and `45`, or `\pi/4`;
 * - a name before the value: `x = 5` and `5`, `f(x) = 2x` and `2x`; `x + y = 7` for the gold `7` (not `7` for the gold `x + y = 7`);
 * - `{5}` and `5`; `{1, 2}` and `1, 2` in any order; `(1, 2)` and `1, 2` in this order; a vector as row, column or tuple, but not a row
 *   matrix and a column matrix;
 * - `(a, b)` and the open interval; `\emptyset` and `no solution`; `C`, `c` and `\text{(C)}`, when that letter is the whole answer;
 * - a number in another base and its value: `101_2` and `5`, not `101`;
 * - \pm as both signs, chosen together or independently;
 * - functions are compared where both sides are real, so \ln x^2 equals 2 \ln x, but \sqrt{x^2} is not x.
 *
 * Undecided, although mathematics might say more: \log without a base where natural and decimal logarithms disagree; formulas that are
 * equal but for the case of a letter; equal values of differently named unknowns; a value beside an equation that implies it; units that
 * are only words; a letter of choice or words beside a value (`no-answer.ts` takes them as wrong beside a number); text that contains the
 * other text; relations that are not solved here.
 */
import { type Budget, BudgetExceeded } from '../budget.ts';
import { answerForm, comparedForms } from './answer-form.ts';
import {
  type Compare,
  compareMatrices,
  distinct,
  inAnyOrder,
  inOrder,
  vectorOf,
  withFactorsInside,
} from './collections.ts';
import { type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';
import { assigned, closedPair, coordinates, isInequalityList, listOf, ratioOf } from './list-values.ts';
import { membership, named } from './names.ts';
import { hasPlusMinus, independently, together } from './plus-minus.ts';
import { compareMeasured } from './quantities.ts';
import { compareRelations } from './relations.ts';
import { compareScalars, EXACT, type Tolerance } from './scalars.ts';
import { compareSets } from './set-comparison.ts';
import { isSetLike } from './solutions.ts';
import { compareTexts } from './texts.ts';
import { isTooDeep, MAX_DEPTH, treeKey } from './tree-key.ts';

export interface EquivalenceOptions {
  /**
   * Numbers this close to the gold are equal: for golds that were measured or rounded, `1.6` and `1.63` at 0.02 times the gold. The default
   * compares exactly: `1/3` is not `0.333` and `\pi` is not `3.14159`.
   */
  readonly tolerance?: Tolerance;
}

export interface Equivalence extends Decision {
  /** Normal forms; equal forms are equal answers. */
  readonly goldForm: string;
  readonly answerForm: string;
  /** Set when the budget ran out before a decision. */
  readonly isOutOfBudget: boolean;
}

export function equivalent(
  gold: Expression,
  answer: Expression,
  budget: Budget,
  { tolerance = EXACT }: EquivalenceOptions = {},
): Equivalence {
  if (isTooDeep(gold) || isTooDeep(answer)) {
    const rule = `nested deeper than ${MAX_DEPTH}`;
    return { ...undecided(rule), goldForm: '', answerForm: '', isOutOfBudget: false };
  }
  let decision: Decision;
  let isOutOfBudget = false;
  try {
    decision = new Comparison(budget, tolerance).compare(gold, answer);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    decision = undecided('the budget ran out');
    isOutOfBudget = true;
  }
  return { ...decision, ...comparedForms(gold, answer, budget), isOutOfBudget };
}

class Comparison {
  readonly #budget: Budget;
  readonly #tolerance: Tolerance;

  constructor(budget: Budget, tolerance: Tolerance) {
    this.#budget = budget;
    this.#tolerance = tolerance;
  }

  readonly #key = (e: Expression): string => answerForm(e, this.#budget);

  readonly compare: Compare = (written, given) => {
    this.#budget.spend(1);
    const [gold, answer] = [withFactorsInside(written), withFactorsInside(given)];
    if (treeKey(gold) === treeKey(answer)) return equal('written the same');
    const context = { budget: this.#budget, tolerance: this.#tolerance, compare: this.compare };
    return (
      compareTexts(gold, answer, this.compare) ??
      this.#compareSigns(gold, answer) ??
      this.#compareLists(gold, answer) ??
      compareRelations(gold, answer, context) ??
      this.#compareMatrices(gold, answer) ??
      compareSets(gold, answer, { ...context, key: this.#key }) ??
      this.#compareVectors(gold, answer) ??
      compareMeasured(gold, answer, this.compare, (a, b) => compareScalars(a, b, context)) ??
      this.#compareRatios(gold, answer) ??
      compareScalars(gold, answer, context)
    );
  };

  #compareSigns(gold: Expression, answer: Expression): Decision | undefined {
    if (!hasPlusMinus(gold) && !hasPlusMinus(answer)) return undefined;
    const asSet = (elements: readonly Expression[]): Expression => ({ kind: 'set', elements });
    const readings = (e: Expression) => {
      if (!hasPlusMinus(e)) return [e];
      const elements = e.kind === 'list' || e.kind === 'set' ? e.elements : [e];
      const free = elements.map((each) => (hasPlusMinus(each) ? independently(each) : [each]));
      const coupled = elements.flatMap((each) => (hasPlusMinus(each) ? together(each) : [each]));
      return [asSet(coupled), ...(free.includes(undefined) ? [] : [asSet(free.flatMap((each) => each ?? []))])];
    };
    let result: Decision = different('different values of the signs');
    for (const a of readings(gold))
      for (const b of readings(answer)) {
        const decision = this.compare(a, b);
        if (decision.decision === 'equal') return equal(`${decision.rule}, both signs`);
        if (decision.decision === 'undecided') result = decision;
      }
    return result;
  }

  #compareLists(gold: Expression, answer: Expression): Decision | undefined {
    const isList = (e: Expression) => e.kind === 'list' || e.kind === 'set';
    if (!isList(gold) && !isList(answer)) return undefined;
    const [inGold, inAnswer] = [membership(gold), membership(answer)];
    if (inGold || inAnswer) return this.compare(inGold ?? gold, inAnswer ?? answer);
    if (isSetLike(gold) || isSetLike(answer) || isInequalityList(gold) || isInequalityList(answer)) return undefined;
    const [a, b] = [listOf(gold), listOf(answer)];
    if (a && b) return this.#compareElements(gold, a, answer, b);
    const [list, other] = a ? [gold, answer] : [answer, gold];
    const vector = vectorOf(other);
    if (vector) return this.#listAndVector(list, vector, a !== undefined);
    const each = coordinates(other);
    if (each && assigned(list)) return a ? this.compare(gold, each) : this.compare(each, answer);
    const elements = listOf(list) ?? [];
    const [only] = elements;
    if (elements.length !== 1 || !only) {
      const solved = other.kind === 'relation' ? named(other) : undefined;
      if (other.kind === 'relation' && !solved) return undecided('a relation that is not solved and several values');
      if (solved && listOf(solved.value))
        return a ? this.compare(gold, solved.value) : this.compare(solved.value, answer);
      if (elements.some(({ kind }) => kind === 'text') && other.kind !== 'text')
        return undecided('words among the values');
      if (distinct(elements, this.#key).length !== 1 || !only) return different('several values against one');
      const decision = a ? this.compare(only, answer) : this.compare(gold, only);
      return decision.decision === 'equal' ? undecided('one value written several times') : decision;
    }
    return a ? this.compare(only, answer) : this.compare(gold, only);
  }

  #compareElements(gold: Expression, a: readonly Expression[], answer: Expression, b: readonly Expression[]): Decision {
    const isSet = gold.kind === 'set' || answer.kind === 'set';
    const [x, y] = isSet ? [distinct(a, this.#key), distinct(b, this.#key)] : [a, b];
    const decision = inAnyOrder(x, y, this.compare, this.#key);
    if (decision.decision !== 'different' || isSet) return decision;
    const once = inAnyOrder(distinct(a, this.#key), distinct(b, this.#key), this.compare, this.#key);
    return once.decision === 'equal' ? undecided('equal but for repeated values') : decision;
  }

  #listAndVector(list: Expression, vector: readonly Expression[], isGoldList: boolean): Decision {
    const elements = assigned(list) ?? listOf(list) ?? [];
    const inPlace = isGoldList ? inOrder(elements, vector, this.compare) : inOrder(vector, elements, this.compare);
    if (list.kind === 'set') {
      const only = elements[0];
      if (elements.length === 1 && only) {
        const tuple: Expression = { kind: 'tuple', elements: vector };
        return isGoldList ? this.compare(only, tuple) : this.compare(tuple, only);
      }
      return different('a set and a tuple');
    }
    if (inPlace.decision !== 'different' || !isGoldList || assigned(list)) return inPlace;
    const shuffled = inAnyOrder(elements, vector, this.compare, this.#key);
    return shuffled.decision === 'equal' ? undecided('a list and a tuple in another order') : inPlace;
  }

  #compareMatrices(gold: Expression, answer: Expression): Decision | undefined {
    if (gold.kind === 'matrix' && answer.kind === 'matrix') return compareMatrices(gold, answer, this.compare);
    if (gold.kind !== 'matrix' && answer.kind !== 'matrix') return undefined;
    return this.#compareVectors(closedPair(gold), closedPair(answer)) ?? different('a matrix and something else');
  }

  #compareVectors(gold: Expression, answer: Expression): Decision | undefined {
    const [a, b] = [vectorOf(gold), vectorOf(answer)];
    if (a && b) return inOrder(a, b, this.compare);
    if (!a && !b) return undefined;
    const [only] = a ?? b ?? [];
    if ((a ?? b)?.length === 1 && only) return a ? this.compare(only, answer) : this.compare(gold, only);
    return different('a vector and something else');
  }

  /** 3:4 = 6:8, and 3/4; longer ratios by their quotients with the first. */
  #compareRatios(gold: Expression, answer: Expression): Decision | undefined {
    const [a, b] = [ratioOf(gold), ratioOf(answer)];
    if (!a && !b) return undefined;
    const quotients = (parts: readonly Expression[]): Expression[] =>
      parts.slice(1).map((part) => ({ kind: 'quotient', numerator: parts[0] as Expression, denominator: part }));
    if (a && b)
      return a.length === b.length
        ? inOrder(quotients(a), quotients(b), this.compare)
        : different('ratios of different lengths');
    const parts = a ?? b ?? [];
    const [quotient] = quotients(parts);
    if (parts.length !== 2 || !quotient) return different('a ratio and something else');
    return a ? this.compare(quotient, answer) : this.compare(gold, quotient);
  }
}
