/**
 * Which problems are trained on: each epoch is its own keyed order of the training split, read from left to right. A pure function
 * of the seed and of how many problems were drawn before; splits may be too large to list.
 */
import { childKey, type RandomKey } from '../core/random.ts';
import { permutation } from '../tasks/permutation.ts';

export interface ProblemOrder {
  /** `count` indices into the training split after the first `drawn` ones, distinct within an epoch. */
  problems(drawn: number, count: number): number[];
}

/** The order of a split of `size` problems. With 3 problems, 2 at a time, the second time crosses from epoch 0 to epoch 1. */
export function problemOrder(key: RandomKey, size: number): ProblemOrder {
  const at = (position: number): number => {
    const epoch = Math.floor(position / size);
    return permutation(size, childKey(key, 'order', epoch))(position % size);
  };
  return {
    problems: (drawn, count) => Array.from({ length: count }, (_, i) => at(drawn + i)),
  };
}

/** Cuts a list into `count` runs of nearly equal length, longer ones first; never an empty one. [a,b,c,d,e] in 2 -> [a,b,c] [d,e]. */
export function split<T>(list: readonly T[], count: number): T[][] {
  const parts = Math.min(count, list.length);
  const size = Math.floor(list.length / parts);
  const longer = list.length % parts;
  return Array.from({ length: parts }, (_, i) => {
    const start = i * size + Math.min(i, longer);
    return list.slice(start, start + size + (i < longer ? 1 : 0));
  });
}
