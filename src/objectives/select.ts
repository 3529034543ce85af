/**
 * Selecting extreme tokens deterministically. Among equal values the earliest token wins (torch.topk leaves it open).
 *
 * Dimensions: N candidates of one scope.
 */
import { z } from 'zod';
import { quantile } from '../core/statistics.ts';
import { type Resolved, scalar, scalarIn } from './schedule.ts';

/** How many candidates a rule takes. */
export const amountSchema = z.union(
  [
    /** max(1, trunc(N * ratio)), the product in float64: 50 * 0.58 gives 28; ratio 0 still takes one. */
    z.strictObject({ ratio: scalarIn(0, 1) }),
    /** At most this many. */
    z.strictObject({ count: z.number().int().min(1) }),
    /** Values >= threshold (side high) or <= threshold (side low). */
    z.strictObject({ threshold: scalar }),
    /** Values on that side of the q-quantile of the candidates (linear interpolation), the quantile itself included. */
    z.strictObject({ quantile: scalarIn(0, 1) }),
  ],
  { error: 'amount must be exactly one of {ratio: 0..1}, {count: >= 1}, {threshold: x}, {quantile: 0..1}' },
);

export type Amount = Resolved<z.infer<typeof amountSchema>>;
export type Side = 'high' | 'low';

/**
 * [N] 1 for the chosen candidates.
 *
 * `scratch` must hold at least N values; it is overwritten.
 */
export function choose(values: Float32Array, amount: Amount, side: Side, scratch: Float32Array): Uint8Array {
  const n = values.length;
  if (n === 0) return new Uint8Array(0);
  if ('threshold' in amount) return chooseBeyond(values, amount.threshold, side);
  if ('quantile' in amount) return chooseBeyond(values, quantile(values, amount.quantile), side);
  const count = 'ratio' in amount ? Math.max(1, Math.trunc(n * amount.ratio)) : Math.min(n, amount.count);
  return chooseExtreme(values, count, side, scratch);
}

function chooseBeyond(values: Float32Array, threshold: number, side: Side): Uint8Array {
  const chosen = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++)
    chosen[i] = Number(side === 'high' ? values[i]! >= threshold : values[i]! <= threshold);
  return chosen;
}

function chooseExtreme(values: Float32Array, count: number, side: Side, scratch: Float32Array): Uint8Array {
  const n = values.length;
  const chosen = new Uint8Array(n);
  if (count >= n) return chosen.fill(1);
  scratch.set(values);
  const edge = orderStatistic(scratch, n, side === 'high' ? n - count : count - 1);
  let left = count;
  for (let i = 0; i < n; i++) {
    if (side === 'high' ? values[i]! > edge : values[i]! < edge) {
      chosen[i] = 1;
      left--;
    }
  }
  for (let i = 0; left > 0; i++) {
    if (values[i] === edge) {
      chosen[i] = 1;
      left--;
    }
  }
  return chosen;
}

/** The value that would be at index `rank` were the first n of `values` sorted (Hoare's quickselect, in place). */
function orderStatistic(values: Float32Array, n: number, rank: number): number {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swapped = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swapped;
      }
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else break;
  }
  return values[rank]!;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
