/**
 * Which problems a step trains on: each epoch is its own keyed shuffle of the training split, read from left to right. A pure
 * function of (seed, step), so a resumed run meets the same problems and nothing needs saving.
 */
import { childKey, type RandomKey, RandomStream } from '../core/random.ts';

export interface ProblemOrder {
  /** Indices into the training split for a step (from 0), distinct within an epoch. */
  step(step: number): number[];
}

/** The order of a split of `size` problems, `problemsPerStep` at a time. With 3 problems, 2 a step: steps 0 and 1 share epoch 0's last one. */
export function problemOrder(key: RandomKey, size: number, problemsPerStep: number): ProblemOrder {
  let current = { epoch: -1, order: [] as number[] };
  const at = (position: number): number => {
    const epoch = Math.floor(position / size);
    if (epoch !== current.epoch) {
      const indices = Array.from({ length: size }, (_, index) => index);
      current = { epoch, order: new RandomStream(childKey(key, 'order', epoch)).shuffle(indices) };
    }
    return current.order[position % size] as number;
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
