/**
 * The space of Countdown problems: which steps are legal, which targets a set of numbers reaches, and every solvable
 * (numbers, target) pair. Pure arithmetic; knows nothing of prompts or verdicts.
 */

/** Numbers on the table and the number to reach, using each exactly once. */
export interface CountdownProblem {
  readonly numbers: readonly number[];
  readonly target: number;
}

export const OPERATORS = ['+', '-', '*', '/'] as const;
export type Operator = (typeof OPERATORS)[number];

/** `left operator right = result`; what is left on the table afterwards, the result last. */
export interface CountdownStep {
  readonly left: number;
  readonly operator: Operator;
  readonly right: number;
  readonly result: number;
  readonly remaining: readonly number[];
}

/** `undefined` where a generator may not go: above the limit, or division that leaves a remainder. */
function apply(left: number, operator: Operator, right: number, limit: number): number | undefined {
  switch (operator) {
    case '+':
      return left + right <= limit ? left + right : undefined;
    case '-':
      return left - right;
    case '*':
      return left * right <= limit ? left * right : undefined;
    case '/':
      return right !== 0 && left % right === 0 ? left / right : undefined;
  }
}

/**
 * The legal steps on the numbers at places i and j. The larger number is written first, so results are never negative
 * and a policy has half as many facts of addition and multiplication to learn.
 */
export function stepsOnPair(numbers: readonly number[], i: number, j: number, limit: number): CountdownStep[] {
  const a = numbers[i] as number;
  const b = numbers[j] as number;
  const [left, right] = a >= b ? [a, b] : [b, a];
  const rest = numbers.filter((_, place) => place !== i && place !== j);
  return OPERATORS.flatMap((operator) => {
    const result = apply(left, operator, right, limit);
    return result === undefined ? [] : [{ left, operator, right, result, remaining: [...rest, result] }];
  });
}

export function allSteps(numbers: readonly number[], limit: number): CountdownStep[] {
  return numbers.flatMap((_, i) => numbers.slice(i + 1).flatMap((_, k) => stepsOnPair(numbers, i, i + 1 + k, limit)));
}

/** Whether legal steps lead from these numbers to the target, all used. */
export function reaches(numbers: readonly number[], target: number, limit: number): boolean {
  if (numbers.length === 1) return numbers[0] === target;
  return allSteps(numbers, limit).some((step) => reaches(step.remaining, target, limit));
}

/** Every value that legal steps can end at, using all the numbers. */
function reachable(
  numbers: readonly number[],
  limit: number,
  known: Map<string, ReadonlySet<number>>,
): ReadonlySet<number> {
  if (numbers.length === 1) return new Set(numbers);
  const name = [...numbers].sort((a, b) => a - b).join();
  let values = known.get(name);
  if (values === undefined) {
    values = new Set(allSteps(numbers, limit).flatMap((step) => [...reachable(step.remaining, limit, known)]));
    known.set(name, values);
  }
  return values;
}

/** All non-decreasing lists of `count` numbers from `smallest` to `largest`. */
function* multisets(count: number, smallest: number, largest: number): Generator<number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (let first = smallest; first <= largest; first++) {
    for (const rest of multisets(count - 1, first, largest)) yield [first, ...rest];
  }
}

/** How many multisets of `count` numbers from 1 to `largest` there are: (largest + count - 1) choose count. */
export function countMultisets(count: number, largest: number): number {
  let total = 1;
  for (let i = 1; i <= count; i++) total = (total * (largest + i - 1)) / i;
  return total;
}

export interface CountdownSpace {
  readonly numberCount: number;
  readonly largestNumber: number;
  readonly smallestTarget: number;
  readonly largestTarget: number;
  readonly largestResult: number;
}

/** Every solvable pair whose target is not already on the table; numbers and then targets ascend. */
export function solvableProblems(space: CountdownSpace): CountdownProblem[] {
  const known = new Map<string, ReadonlySet<number>>();
  const problems: CountdownProblem[] = [];
  for (const numbers of multisets(space.numberCount, 1, space.largestNumber)) {
    const targets = [...reachable(numbers, space.largestResult, known)]
      .filter((value) => value >= space.smallestTarget && value <= space.largestTarget && !numbers.includes(value))
      .sort((a, b) => a - b);
    for (const target of targets) problems.push({ numbers, target });
  }
  return problems;
}
