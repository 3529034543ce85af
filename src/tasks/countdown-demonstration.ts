/**
 * Deliberately imperfect Countdown traces, for pretraining a policy that searches but often fails: reinforcement
 * learning then has something to improve. Each attempt is guided by the solver or blind; failures are followed by
 * another attempt or by giving up.
 */
import type { RandomStream } from '../core/random.ts';
import { allSteps, type CountdownProblem, type CountdownStep, reaches, stepsOnPair } from './countdown-problems.ts';

export interface DemonstrationKnobs {
  /** Probability that an attempt follows a solution. A policy cannot see the solver, so it learns this only in part. */
  readonly guided: number;
  /** Probability that the last step of a blind attempt takes the operator landing nearest the target. */
  readonly nearest: number;
  /** Probability of giving up after each failed attempt. */
  readonly giveUp: number;
  /** Probability that a step shows a wrong result; later steps carry on from what is shown. */
  readonly slip: number;
  /** Attempts at most. */
  readonly attempts: number;
}

const SLIPS = [-10, -2, -1, 1, 2, 10] as const;

export function writeStep(step: CountdownStep): string {
  return `${step.left}${step.operator}${step.right}=${step.result}`;
}

/** `3+5=8;7*8=56x7-5=2;...`: attempts separated by x, until the target is reached or hope is given up. */
export function demonstrate(
  problem: CountdownProblem,
  knobs: DemonstrationKnobs,
  largestResult: number,
  random: RandomStream,
): string {
  const attempts: string[] = [];
  while (attempts.length < knobs.attempts) {
    const attempt = freshAttempt(problem, knobs, largestResult, attempts, random);
    attempts.push(attempt.text);
    if (attempt.end === problem.target || random.uniform() < knobs.giveUp) break;
  }
  return attempts.join('x');
}

interface Attempt {
  readonly text: string;
  readonly end: number;
}

/** Tries a few times not to repeat an attempt of this trace: a search that forgets what failed is no example. */
function freshAttempt(
  problem: CountdownProblem,
  knobs: DemonstrationKnobs,
  limit: number,
  earlier: readonly string[],
  random: RandomStream,
): Attempt {
  const guided = random.uniform() < knobs.guided;
  let attempt = makeAttempt(problem, knobs, limit, guided, random);
  for (let tries = 0; tries < 8 && earlier.includes(attempt.text); tries++) {
    attempt = makeAttempt(problem, knobs, limit, guided, random);
  }
  return attempt;
}

function makeAttempt(
  problem: CountdownProblem,
  knobs: DemonstrationKnobs,
  limit: number,
  guided: boolean,
  random: RandomStream,
): Attempt {
  const written: string[] = [];
  let numbers = problem.numbers;
  while (numbers.length > 1) {
    const way = guided ? solvingStep(numbers, problem.target, limit, random) : undefined;
    const step = slipped(
      way ?? blindStep(numbers, problem.target, knobs.nearest, limit, random),
      knobs.slip,
      limit,
      random,
    );
    written.push(writeStep(step));
    numbers = step.remaining;
  }
  return { text: written.join(';'), end: numbers[0] as number };
}

/** `undefined` after a slip from which the target is out of reach. */
export function solvingStep(
  numbers: readonly number[],
  target: number,
  limit: number,
  random?: RandomStream,
): CountdownStep | undefined {
  const steps = allSteps(numbers, limit);
  return (random?.shuffle(steps) ?? steps).find((step) => reaches(step.remaining, target, limit));
}

function blindStep(
  numbers: readonly number[],
  target: number,
  nearest: number,
  limit: number,
  random: RandomStream,
): CountdownStep {
  const i = random.integer(0, numbers.length - 1);
  const other = random.integer(0, numbers.length - 2);
  const steps = stepsOnPair(numbers, i, other < i ? other : other + 1, limit);
  const step = random.pick(steps);
  if (numbers.length > 2 || random.uniform() >= nearest) return step;
  const miss = (candidate: CountdownStep) => Math.abs(candidate.result - target);
  return steps.reduce((best, candidate) => (miss(candidate) < miss(best) ? candidate : best));
}

function slipped(step: CountdownStep, slip: number, limit: number, random: RandomStream): CountdownStep {
  if (random.uniform() >= slip) return step;
  const wrong = SLIPS.map((by) => step.result + by).filter((value) => value >= 0 && value <= limit);
  const result = random.pick(wrong);
  return { ...step, result, remaining: [...step.remaining.slice(0, -1), result] };
}
