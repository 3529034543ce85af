/**
 * Selecting extreme tokens deterministically. Among equal values the earliest token wins (torch.topk leaves it open).
 *
 * Dimensions: N candidates of one scope.
 */
import { z } from 'zod';
import { quantile } from '../core/statistics.ts';
import { identity, type KeyScale, levelOf } from './keys.ts';
import { orderStatistic } from './order-statistic.ts';
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

/** Indices of the chosen candidates, ascending. @param keys [N] of `scale` */
export function choose(keys: Float32Array, amount: Amount, side: Side, scale: KeyScale = identity): Int32Array {
  const n = keys.length;
  if (n === 0) return new Int32Array(0);
  if ('threshold' in amount) return chooseBeyond(valuesOf(keys, scale), amount.threshold, side);
  if ('quantile' in amount) {
    const values = valuesOf(keys, scale);
    return chooseBeyond(values, quantile(values, amount.quantile), side);
  }
  const count = 'ratio' in amount ? Math.max(1, Math.trunc(n * amount.ratio)) : Math.min(n, amount.count);
  return chooseExtreme(keys, count, side, scale);
}

const valuesOf = (keys: Float32Array, scale: KeyScale): Float32Array =>
  scale === identity ? keys : keys.map(scale.valueOf);

function chooseBeyond(values: Float32Array, threshold: number, side: Side): Int32Array {
  return side === 'high'
    ? between(values, threshold, Number.POSITIVE_INFINITY)
    : between(values, Number.NEGATIVE_INFINITY, threshold);
}

/** Indices of values from `low` to `high`, both included. */
function between(values: Float32Array, low: number, high: number): Int32Array {
  const chosen = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    // no branch: which values are chosen is unpredictable
    chosen[count] = i;
    count += Number(values[i]! >= low) & Number(values[i]! <= high);
  }
  return chosen.subarray(0, count);
}

function chooseExtreme(keys: Float32Array, count: number, side: Side, scale: KeyScale): Int32Array {
  const n = keys.length;
  if (count >= n) return between(keys, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const edge = orderStatistic(keys, side === 'high' ? n - count : count - 1);
  const [low, high] = levelOf(scale, edge);
  const chosen =
    side === 'high' ? between(keys, low, Number.POSITIVE_INFINITY) : between(keys, Number.NEGATIVE_INFINITY, high);
  return withoutLast(chosen, chosen.length - count, (i) => keys[i]! >= low && keys[i]! <= high);
}

/** Takes out the last `surplus` of those that are ties, in place. */
function withoutLast(chosen: Int32Array, surplus: number, isTie: (i: number) => boolean): Int32Array {
  let start = chosen.length;
  for (let left = surplus; left > 0; ) if (isTie(chosen[--start]!)) left--;
  let end = start;
  for (let c = start; c < chosen.length; c++) if (!isTie(chosen[c]!)) chosen[end++] = chosen[c]!;
  return chosen.subarray(0, end);
}
