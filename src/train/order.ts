/**
 * Which problems a step trains on: each epoch is its own keyed order of the training split, read from left to right. A pure
 * function of (seed, step), so a resumed run meets the same problems and nothing needs saving; splits may be too large to list.
 */
import { childKey, type RandomKey } from '../core/random.ts';
import { permutation } from '../tasks/permutation.ts';

export interface ProblemOrder {
  /** Indices into the training split for a step (from 0), distinct within an epoch. */
  step(step: number): number[];
}

/** The order of a split of `size` problems, `problemsPerStep` at a time. With 3 problems, 2 a step: steps 0 and 1 share epoch 0's last one. */
export function problemOrder(key: RandomKey, size: number, problemsPerStep: number): ProblemOrder {
  const at = (position: number): number => {
    const epoch = Math.floor(position / size);
    return permutation(size, childKey(key, 'order', epoch))(position % size);
  };
  return {
    step: (step) => Array.from({ length: problemsPerStep }, (_, i) => at(step * problemsPerStep + i)),
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
