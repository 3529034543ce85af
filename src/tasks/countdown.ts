/**
 * Countdown: reach a target from a few numbers with + - * /, each number used exactly once, in a visible search.
 *
 *   prompt     3,7,5>50:
 *   completion 5+3=8;8*7=56x7+3=10;10*5=50        (attempts separated by x; the last is the answer)
 *
 * The verifier sees text only. A completion cut off at the token limit can look finished by accident; it is then judged
 * as it stands, which rewards nothing wrong (the answer it shows is right). Whether truncated rollouts are graded at
 * all is for the rollout room, which knows the stop reason.
 */
import { z } from 'zod';
import { assert, UserError } from '../core/errors.ts';
import { RandomStream, randomKey } from '../core/random.ts';
import type { Problem } from '../core/rollout.ts';
import { demonstrate, solvingStep, writeStep } from './countdown-demonstration.ts';
import { type CountdownProblem, countMultisets, solvableProblems } from './countdown-problems.ts';
import { verifyCountdown } from './countdown-verifier.ts';
import type { Split, Task } from './task.ts';

/** Enumerating all problems of this many sets of numbers takes seconds and fits in memory; more would not. */
const MOST_MULTISETS = 25_000;

const probability = z.number().min(0).max(1);
const numberCount = z.int().min(2).max(4);

export const countdownSettings = z
  .strictObject({
    /**
     * How many numbers are on the table. A list asks for problems of each in turn, as many of each as the rarest has; what is held out is what
     * each alone would hold out.
     */
    numberCount: z.union([numberCount, z.array(numberCount).min(1)]).default(3),
    /** Numbers are drawn from 1 to this. */
    largestNumber: z.int().min(2).max(99).default(12),
    smallestTarget: z.int().min(1).max(999).default(10),
    largestTarget: z.int().min(1).max(999).default(99),
    /** Generated solutions never pass through a larger value; makes problems solvable in small arithmetic. */
    largestResult: z.int().min(1).max(9999).default(99),
    /** Problems held out, of each numberCount. */
    testSize: z.int().min(1).default(512),
    /** Decides the split and the order of the problems. */
    seed: z.int().min(0).default(0),
    demonstration: z
      .strictObject({
        guided: probability.default(0.25),
        nearest: probability.default(0.6),
        giveUp: probability.default(0.2),
        slip: probability.default(0.02),
        attempts: z.int().min(1).max(50).default(6),
      })
      .prefault({}),
  })
  .refine((s) => s.smallestTarget <= s.largestTarget, {
    path: ['smallestTarget'],
    message: 'must not be above largestTarget',
  })
  .refine((s) => s.largestTarget <= s.largestResult, {
    path: ['largestTarget'],
    message: 'must not be above largestResult: such a target cannot be reached',
  })
  .refine((s) => s.largestNumber <= s.largestResult, {
    path: ['largestNumber'],
    message: 'must not be above largestResult',
  })
  .refine((s) => countsOf(s).length === [s.numberCount].flat().length, {
    path: ['numberCount'],
    message: 'must not name a count twice',
  })
  .refine((s) => countsOf(s).every((count) => countMultisets(count, s.largestNumber) <= MOST_MULTISETS), {
    path: ['largestNumber'],
    message: `gives more than ${MOST_MULTISETS} sets of numbers with this numberCount; choose a smaller one`,
  });

export type CountdownSettings = z.output<typeof countdownSettings>;

function countsOf({ numberCount }: { readonly numberCount: number | readonly number[] }): number[] {
  return [...new Set([numberCount].flat())];
}

/** @throws UserError when no problem is left to train on. */
export function createCountdown(settings: CountdownSettings): Task {
  const key = randomKey(settings.seed, 'countdown');
  const kinds = countsOf(settings).map((numberCount) =>
    new RandomStream(key).shuffle(solvableProblems({ ...settings, numberCount })),
  );
  const ofEach = Math.min(...kinds.map((kind) => kind.length));
  if (ofEach <= settings.testSize) {
    throw new UserError(
      `countdown: testSize must be below ${ofEach}, the number of problems with these settings, got ${settings.testSize}`,
    );
  }
  const problems = inTurn(kinds.map((kind) => kind.slice(0, ofEach)));
  const testSize = kinds.length * settings.testSize;
  const size = (split: Split) => (split === 'test' ? testSize : problems.length - testSize);
  return {
    name: 'countdown',
    alphabet: '0123456789+-*/=,>:;x',
    size,
    problem(split, index) {
      assert(
        Number.isInteger(index) && index >= 0 && index < size(split),
        `countdown has no ${split} problem ${index}`,
      );
      const place = split === 'test' ? index : testSize + index;
      const { numbers, target } = problems[place] as CountdownProblem;
      const shuffled = new RandomStream(randomKey(settings.seed, 'countdown order', place)).shuffle(numbers);
      return { id: `${split}/${String(index).padStart(6, '0')}`, data: { numbers: shuffled, target } };
    },
    prompt: (problem) => `${posed(problem).numbers.join()}>${posed(problem).target}:`,
    gold: (problem) => solve(posed(problem), settings.largestResult),
    verify: (problem, completion) => verifyCountdown(posed(problem), completion),
    demonstration: (problem, random) =>
      demonstrate(posed(problem), settings.demonstration, settings.largestResult, random),
  };
}

/** Lists of equal length -> the first of each, the second of each ... */
const inTurn = <T>(lists: readonly (readonly T[])[]): T[] =>
  (lists[0] ?? []).flatMap((_, i) => lists.map((list) => list[i] as T));

/** The task's own data back from the problem it made (or from a journal that kept it). */
function posed(problem: Problem): CountdownProblem {
  return problem.data as CountdownProblem;
}

function solve(problem: CountdownProblem, limit: number): string {
  const steps: string[] = [];
  let numbers = problem.numbers;
  while (numbers.length > 1) {
    const step = solvingStep(numbers, problem.target, limit);
    assert(step !== undefined, `countdown problem ${problem.numbers.join()}>${problem.target} has no solution`);
    steps.push(writeStep(step));
    numbers = step.remaining;
  }
  return steps.join(';');
}
