/** What a drawing's axes show, and which values need a point to be seen. Pure. */
import { formatNumber } from './format.ts';

/** Values with nothing on either side: without a point of their own they would not be seen. */
export function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const lone: number[] = [];
  for (let i = 0; i < values.length; i++)
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) lone.push(i);
  return lone;
}

/** A tenth of air above and below; a constant stands in the middle, and nothing below 0 is shown for what is never below it. */
export function paddedRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  if (low === high) return low === 0 ? [0, 1] : low > 0 ? [low * 0.5, low * 1.5] : [low * 1.5, low * 0.5];
  const air = (high - low) * 0.08;
  return [low >= 0 ? Math.max(0, low - air) : low - air, high <= 0 ? Math.min(0, high + air) : high + air];
}

/**
 * All with the digits that their distance needs: 1.000, 1.025, 1.050, shares in per cent. A logarithmic axis leaves some of its
 * ticks (null) unnamed.
 */
export function tickLabels(ticks: readonly (number | null)[], distance: number, isShare = false): string[] {
  if (isShare) {
    const percents = ticks.map((tick) => (tick === null ? null : 100 * tick));
    return tickLabels(percents, 100 * distance).map((label) => (label === '' ? '' : `${label} %`));
  }
  const digits = MOST_DIGITS.find(
    (count) => Math.abs(distance * 10 ** count - Math.round(distance * 10 ** count)) < 1e-6,
  );
  const largest = Math.max(...ticks.map((tick) => Math.abs(tick ?? 0)));
  // many digits are for small differences of what is not small
  const isPlain = digits !== undefined && distance > 0 && largest < 1000 && (digits <= 4 || largest >= 0.01);
  return ticks.map((tick) =>
    tick === null ? '' : isPlain ? tick.toFixed(digits).replace('-', '−') : formatNumber(tick),
  );
}

const MOST_DIGITS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
