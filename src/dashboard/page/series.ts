/**
 * What is done to curves between the journal and the screen: smoothed, joined over seeds, thinned to the pixels there are. Pure; absent
 * values stay absent, never 0.
 */
import type { Column } from './metrics.ts';

export type Values = readonly (number | null)[];

const isPresent = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/**
 * Exponential moving average, corrected for its start (Adam's way): s_t = sum of w^(t-i) x_i / sum of w^(t-i) over the present values.
 * Absent and non-finite values stay what they are and do not count.
 *
 * @param weight of the past, [0, 1); 0 changes nothing. [1, 3] at 0.5 -> [1, (0.5 + 3) / 1.5]
 */
export function smoothed(values: Values, weight: number): Values {
  if (weight <= 0) return values;
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (!isPresent(value)) return value;
    sum = sum * weight + value;
    weights = weights * weight + 1;
    return sum / weights;
  });
}

/** Every step from the first to the last that some column has: a step whose line was lost is a gap, not a slope. */
export function unionOfSteps(columns: readonly Column[]): number[] {
  const first = Math.min(...columns.map(({ steps }) => steps[0] ?? Infinity));
  const last = Math.max(...columns.map(({ steps }) => steps.at(-1) ?? -Infinity));
  return first <= last ? Array.from({ length: last - first + 1 }, (_, i) => first + i) : [];
}

/** [N] the column's values at `steps`; null where it has none. */
export function alignedTo(steps: readonly number[], column: Column): Values {
  // most often every run has the same steps
  if (steps.length === column.steps.length && steps.every((step, i) => step === column.steps[i])) return column.values;
  let next = 0;
  return steps.map((step) => {
    while (next < column.steps.length && (column.steps[next] ?? 0) < step) next += 1;
    return column.steps[next] === step ? (column.values[next] ?? null) : null;
  });
}

export interface Band {
  readonly mean: Values;
  readonly low: Values;
  readonly high: Values;
}

/** Mean, lowest and highest of several aligned curves at each step, over those that have a finite value there; null where none has. */
export function bandOf(curves: readonly Values[]): Band {
  const [mean, low, high]: [(number | null)[], (number | null)[], (number | null)[]] = [[], [], []];
  for (let i = 0; i < (curves[0]?.length ?? 0); i++) {
    let [sum, count, lowest, highest] = [0, 0, Infinity, -Infinity];
    for (const curve of curves) {
      const value = curve[i];
      if (!isPresent(value)) continue;
      sum += value;
      count += 1;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    mean.push(count > 0 ? sum / count : null);
    low.push(count > 0 ? lowest : null);
    high.push(count > 0 ? highest : null);
  }
  return { mean, low, high };
}

export interface Thinned {
  readonly steps: number[];
  readonly curves: (number | null)[][];
}

/**
 * As many points as `buckets` can show: of each bucket of steps every curve keeps its lowest and its highest value, in the order they
 * came, so that no spike is lost. A bucket in which a curve has a gap at its end ends in that gap.
 *
 * @param from first and last index that are drawn; one more on either side is kept, so that lines go on to the edge
 */
export function thinned(
  steps: readonly number[],
  curves: readonly Values[],
  from: number,
  to: number,
  buckets: number,
): Thinned {
  const [first, last] = [Math.max(0, from - 1), Math.min(steps.length - 1, to + 1)];
  const count = last - first + 1;
  if (count <= buckets * 2) {
    const part = <T>(list: readonly T[]): T[] => list.slice(first, last + 1);
    return { steps: part(steps), curves: curves.map(part) };
  }
  const result: Thinned = { steps: [], curves: curves.map(() => []) };
  const width = Math.max(2, Math.ceil(count / buckets));
  for (let begin = first; begin <= last; begin += width) {
    const end = Math.min(begin + width - 1, last);
    result.steps.push(steps[begin] ?? 0);
    if (end > begin) result.steps.push(steps[end] ?? 0);
    for (const [c, curve] of curves.entries()) {
      const pair = extremes(curve, begin, end);
      result.curves[c]?.push(...(end > begin ? pair : pair.slice(0, 1)));
    }
  }
  return result;
}

/** Lowest and highest finite value of `[begin, end]` in the order they came; null twice where there is none. */
function extremes(curve: Values, begin: number, end: number): [number | null, number | null] {
  let [lowAt, highAt] = [-1, -1];
  for (let i = begin; i <= end; i++) {
    const value = curve[i];
    if (!isPresent(value)) continue;
    if (lowAt < 0 || value < (curve[lowAt] as number)) lowAt = i;
    if (highAt < 0 || value > (curve[highAt] as number)) highAt = i;
  }
  if (lowAt < 0) return [null, null];
  const [one, other] = lowAt <= highAt ? [lowAt, highAt] : [highAt, lowAt];
  return [curve[one] ?? null, curve[other] ?? null];
}

export interface Mark {
  readonly step: number;
  readonly kind: 'NaN' | '∞' | '−∞';
}

/** Where a column holds no finite number although it holds something. */
export function marksOf({ steps, values }: Column): Mark[] {
  return values.flatMap((value, i) => {
    if (value === null || Number.isFinite(value)) return [];
    return [{ step: steps[i] ?? 0, kind: Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞' } satisfies Mark];
  });
}

/** What can be drawn: finite, and above 0 on a logarithmic axis. */
export function drawable(values: Values, isLog: boolean): (number | null)[] {
  return values.map((value) => (isPresent(value) && (!isLog || value > 0) ? value : null));
}

/** Index of the last step that is `<= step`; -1 before the first. */
export function indexAt(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= step) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
