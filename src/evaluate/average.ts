/**
 * The mean over benchmarks, each counting alike whatever its size (macro average), with intervals: errors of independent benchmarks add
 * in quadrature, below and above apart (square-and-add; Zou & Donner, Statistics in Medicine 27, 2008, 1693-1702).
 */
import { type Interval, mean } from '../core/statistics.ts';

/** A value with an interval for each name. */
export interface Averaged<Names extends string> {
  readonly value: number;
  readonly intervals: Readonly<Record<Names, Interval>>;
}

/** The mean of one benchmark or more. Values 0.2 [0.1, 0.3] and 0.6 [0.5, 0.7] -> 0.4 [0.329, 0.471]. */
export function average<Names extends string>(
  parts: readonly Averaged<Names>[],
  names: readonly Names[],
): Averaged<Names> {
  const value = mean(parts.map((part) => part.value));
  const interval = (name: Names): Interval => {
    const half = (end: keyof Interval) =>
      Math.hypot(...parts.map((part) => part.value - part.intervals[name][end])) / parts.length;
    return { low: value - half('low'), high: value + half('high') };
  };
  return {
    value,
    intervals: Object.fromEntries(names.map((name) => [name, interval(name)])) as Record<Names, Interval>,
  };
}
