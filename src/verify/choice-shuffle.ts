/**
 * The order in which a multiple-choice problem shows its options: a function of seed and problem, never of when or how often it is asked.
 */
import { assert } from '../core/errors.ts';
import { RandomStream, randomKey } from '../core/random.ts';

/** A to Z. */
export const OPTIONS_LIMIT = 26;

export interface ShuffledOptions {
  /** `order[i]` is the place among the original options of the one shown in place i: stored with the gold, it replays the shuffle. */
  readonly order: readonly number[];
  /** As shown. */
  readonly options: readonly string[];
  /** The letter under which an original option is shown. */
  letterOf(original: number): string;
}

/** `id` is the problem's: equal options of two problems are shuffled differently. */
export function shuffleOptions(problem: {
  readonly options: readonly string[];
  readonly seed: number;
  readonly id: string;
}): ShuffledOptions {
  const stream = new RandomStream(randomKey(problem.seed, 'options', problem.id));
  return inOrder(problem.options, stream.shuffle([...problem.options.keys()]));
}

/** The same options in a stored order. */
export function inOrder(options: readonly string[], order: readonly number[]): ShuffledOptions {
  return {
    order,
    options: order.map((original) => options[original] as string),
    letterOf(original) {
      const place = order.indexOf(original);
      assert(place >= 0, `option ${original} of ${order.length}`);
      return letterAt(place);
    },
  };
}

/** 0 is A. */
export function letterAt(place: number): string {
  return String.fromCharCode(65 + place);
}

/** A is 0, in either case. */
export function placeOf(letter: string): number {
  return letter.toUpperCase().charCodeAt(0) - 65;
}
