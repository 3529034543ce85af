/**
 * Selecting extreme tokens deterministically. Among equal values the earliest token wins (torch.topk leaves it open).
 *
 * Dimensions: N candidates of one scope.
 */
import { z } from 'zod';
import { quantile } from '../core/statistics.ts';
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

/** [N] 1 for the chosen candidates. */
export function choose(values: Float32Array, amount: Amount, side: Side): Uint8Array {
  const n = values.length;
  if (n === 0) return new Uint8Array(0);
  if ('threshold' in amount) return chooseBeyond(values, amount.threshold, side);
  if ('quantile' in amount) return chooseBeyond(values, quantile(values, amount.quantile), side);
  const count = 'ratio' in amount ? Math.max(1, Math.trunc(n * amount.ratio)) : Math.min(n, amount.count);
  return chooseExtreme(values, count, side);
}

function chooseBeyond(values: Float32Array, threshold: number, side: Side): Uint8Array {
  const chosen = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++)
    chosen[i] = Number(side === 'high' ? values[i]! >= threshold : values[i]! <= threshold);
  return chosen;
}

function chooseExtreme(values: Float32Array, count: number, side: Side): Uint8Array {
  const n = values.length;
  const chosen = new Uint8Array(n);
  if (count >= n) return chosen.fill(1);
  const edge = orderStatistic(values, side === 'high' ? n - count : count - 1);
  const sign = side === 'high' ? 1 : -1;
  let left = count;
  // no branch: which values are chosen is unpredictable
  for (let i = 0; i < n; i++) {
    const isBeyond = Number(sign * values[i]! > sign * edge);
    chosen[i] = isBeyond;
    left -= isBeyond;
  }
  for (let i = 0; left > 0; i++) {
    if (values[i] === edge) {
      chosen[i] = 1;
      left--;
    }
  }
  return chosen;
}
