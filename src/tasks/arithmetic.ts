/**
 * Arithmetic with numbers of several digits in written steps.
 *
 *   prompt     847+385:
 *   completion 7+5=12;4+8+1=13;8+3+1=12;=1232
 *
 * Problems are pairs of numbers without regard to order (47+85 and 85+47 are one problem, shown one way), so that no
 * test problem is a train problem turned round. The space is ordered by a seeded permutation and cut in two: first
 * test, then train.
 *
 * As in Countdown the verifier sees text only: whether a rollout cut off at the token limit is graded is for the
 * rollout room, which knows the stop reason.
 */
import { z } from 'zod';
import { assert, UserError } from '../core/errors.ts';
import { childKey, randomKey, uniform } from '../core/random.ts';
import type { Problem } from '../core/rollout.ts';
import { ARITHMETIC_OPERATORS, type ArithmeticProblem, writeArithmetic } from './arithmetic-steps.ts';
import { verifyArithmetic } from './arithmetic-verifier.ts';
import { permutation } from './permutation.ts';
import type { Split, Task } from './task.ts';

const probability = z.number().min(0).max(1);

export const arithmeticSettings = z.strictObject({
  /** Digits of both numbers. */
  digits: z.int().min(1).max(6).default(3),
  operators: z
    .array(z.enum(ARITHMETIC_OPERATORS))
    .min(1)
    .refine((list) => new Set(list).size === list.length, { message: 'must not name an operator twice' })
    .default(['+', '-']),
  /** Problems held out. */
  testSize: z.int().min(1).default(512),
  /** Decides the split and the order of the problems. */
  seed: z.int().min(0).default(0),
  demonstration: z
    .strictObject({
      /** Probability that a step's result is wrong. */
      slip: probability.default(0.12),
      /** Probability of forgetting a carry, a borrow, or the zeros of a partial product. */
      forget: probability.default(0.3),
    })
    .prefault({}),
});

export type ArithmeticSettings = z.output<typeof arithmeticSettings>;

/** @throws UserError when no problem is left to train on. */
export function createArithmetic(settings: ArithmeticSettings): Task {
  const { digits, operators, testSize } = settings;
  const smallest = digits === 1 ? 0 : 10 ** (digits - 1);
  const numbers = 10 ** digits - smallest;
  const total = (operators.length * numbers * (numbers + 1)) / 2;
  if (testSize >= total) {
    throw new UserError(
      `arithmetic: testSize must be below ${total}, the number of problems with these settings, got ${testSize}`,
    );
  }
  const key = randomKey(settings.seed, 'arithmetic');
  const order = permutation(total, childKey(key, 'order'));
  const turns = childKey(key, 'turns');
  const size = (split: Split) => (split === 'test' ? testSize : total - testSize);
  return {
    name: 'arithmetic',
    alphabet: '0123456789+-*=;:',
    size,
    problem(split, index) {
      assert(
        Number.isInteger(index) && index >= 0 && index < size(split),
        `arithmetic has no ${split} problem ${index}`,
      );
      const place = order(split === 'test' ? index : testSize + index);
      const operator = operators[place % operators.length] as ArithmeticProblem['operator'];
      const [larger, smaller] = unorderedPair(Math.floor(place / operators.length));
      const isTurned = operator !== '-' && uniform(turns, place) < 0.5;
      const [left, right] = isTurned ? [smaller, larger] : [larger, smaller];
      const data: ArithmeticProblem = { left: smallest + left, operator, right: smallest + right };
      return { id: `${split}/${String(index).padStart(6, '0')}`, data };
    },
    prompt: (problem) => `${posed(problem).left}${posed(problem).operator}${posed(problem).right}:`,
    gold: (problem) => writeArithmetic(posed(problem)),
    verify: (problem, completion) => verifyArithmetic(posed(problem), completion),
    demonstration: (problem, random) => writeArithmetic(posed(problem), settings.demonstration, random),
  };
}

/** The task's own data back from the problem it made (or from a journal that kept it). */
function posed(problem: Problem): ArithmeticProblem {
  return problem.data as ArithmeticProblem;
}

/** Pair number k of (0,0), (1,0), (1,1), (2,0), ...: larger first, k = larger (larger + 1) / 2 + smaller. */
function unorderedPair(k: number): [number, number] {
  const triangle = (n: number) => (n * (n + 1)) / 2;
  let larger = Math.floor((Math.sqrt(8 * k + 1) - 1) / 2);
  // the square root may round across a whole number
  while (triangle(larger) > k) larger--;
  while (triangle(larger + 1) <= k) larger++;
  return [larger, k - triangle(larger)];
}
