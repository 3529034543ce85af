/**
 * Written arithmetic, column by column, optionally with the faults of someone in a hurry. Without faults it is the gold
 * solution.
 *
 *   47+85:   7+5=12;4+8+1=13;=132
 *   52-17:   12-7=5;5-1-1=3;=35                          (12: ten was borrowed; the last 1: it is paid back)
 *   47*36:   47*6=282;47*30=1410;282+1410=1692;=1692
 */
import type { RandomStream } from '../core/random.ts';

export const ARITHMETIC_OPERATORS = ['+', '-', '*'] as const;

/** Whole numbers, not negative; for `-` the left one is not the smaller. */
export interface ArithmeticProblem {
  readonly left: number;
  readonly operator: (typeof ARITHMETIC_OPERATORS)[number];
  readonly right: number;
}

export interface ArithmeticFaults {
  /** Probability that a step's result is off by 1 or 2; later steps carry on from it. */
  readonly slip: number;
  /** Probability of forgetting a carry, a borrow, or the zeros of a partial product. */
  readonly forget: number;
}

/** Faults as they come up while writing; `undefined` for none. */
interface Hand {
  slipped(result: number, largest: number): number;
  forgets(): boolean;
}

function handOf(faults: ArithmeticFaults | undefined, random: RandomStream | undefined): Hand {
  if (faults === undefined || random === undefined) return { slipped: (result) => result, forgets: () => false };
  return {
    forgets: () => random.uniform() < faults.forget,
    slipped(result, largest) {
      if (random.uniform() >= faults.slip) return result;
      return random.pick([-2, -1, 1, 2].map((by) => result + by).filter((value) => value >= 0 && value <= largest));
    },
  };
}

/** The completion: steps separated by `;`, the answer last behind `=`. */
export function writeArithmetic(problem: ArithmeticProblem, faults?: ArithmeticFaults, random?: RandomStream): string {
  const hand = handOf(faults, random);
  const write = { '+': writeSum, '-': writeDifference, '*': writeProduct }[problem.operator];
  return write(problem.left, problem.right, hand);
}

/** Units first. */
function digitsOf(value: number): number[] {
  return [...String(value)].reverse().map(Number);
}

function numberOf(digits: readonly number[]): number {
  return digits.reduceRight((value, digit) => value * 10 + digit, 0);
}

function writeSum(left: number, right: number, hand: Hand): string {
  const [a, b] = [digitsOf(left), digitsOf(right)];
  const columns = Math.max(a.length, b.length);
  const steps: string[] = [];
  const answer: number[] = [];
  let carry = 0;
  for (let i = 0; i < columns; i++) {
    const terms = [a[i] ?? 0, b[i] ?? 0, ...(carry > 0 ? [carry] : [])];
    const sum = hand.slipped(
      terms.reduce((total, term) => total + term),
      19,
    );
    steps.push(`${terms.join('+')}=${sum}`);
    const isLast = i === columns - 1;
    answer.push(isLast ? sum : sum % 10);
    carry = sum >= 10 && !hand.forgets() ? 1 : 0;
  }
  return [...steps, `=${numberOf(answer)}`].join(';');
}

function writeDifference(left: number, right: number, hand: Hand): string {
  const [a, b] = [digitsOf(left), digitsOf(right)];
  const steps: string[] = [];
  const answer: number[] = [];
  let owed = 0;
  for (const [i, digit] of a.entries()) {
    const less = [b[i] ?? 0, ...(owed > 0 ? [owed] : [])];
    const plain = less.reduce((total, term) => total - term, digit);
    const borrowed = plain < 0 ? 10 : 0;
    const difference = hand.slipped(plain + borrowed, 9);
    steps.push(`${[digit + borrowed, ...less].join('-')}=${difference}`);
    answer.push(difference);
    owed = borrowed > 0 && !hand.forgets() ? 1 : 0;
  }
  return [...steps, `=${numberOf(answer)}`].join(';');
}

function writeProduct(left: number, right: number, hand: Hand): string {
  const steps: string[] = [];
  let total: number | undefined;
  for (const [place, digit] of digitsOf(right).entries()) {
    const factor = digit * 10 ** (place > 0 && hand.forgets() ? 0 : place);
    const partial = hand.slipped(left * factor, Number.MAX_SAFE_INTEGER);
    steps.push(`${left}*${factor}=${partial}`);
    if (total === undefined) {
      total = partial;
    } else {
      const sum = hand.slipped(total + partial, Number.MAX_SAFE_INTEGER);
      steps.push(`${total}+${partial}=${sum}`);
      total = sum;
    }
  }
  return [...steps, `=${total}`].join(';');
}
