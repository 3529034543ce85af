/**
 * The bootstrap with keyed draws: equal data and key, equal interval.
 *
 * Dimensions: P units that are drawn (problems, seeds), B resamples.
 */
import { assert } from './errors.ts';
import { type RandomKey, uniform } from './random.ts';
import { type Interval, quantile } from './statistics.ts';

/** Monte Carlo noise of an end is then about a thirtieth of the interval's width. */
const RESAMPLES = 2000;

/**
 * 95 % percentile interval of each column's mean, units drawn with replacement (Efron 1979), the same draws for all columns, so
 * that columns stay coherent. Zero width where all units are equal: there the bootstrap knows nothing.
 * @param columns each [P], P at least 1
 */
export function bootstrapIntervals(columns: readonly (readonly number[])[], key: RandomKey): Interval[] {
  const units = columns[0]?.length ?? 0;
  assert(
    units > 0 && columns.every(({ length }) => length === units),
    'the bootstrap needs columns over the same units',
  );
  const sums = columns.map(() => new Float64Array(RESAMPLES));
  for (let b = 0; b < RESAMPLES; b++) {
    for (let draw = 0; draw < units; draw++) {
      const unit = Math.floor(uniform(key, b * units + draw) * units);
      for (let c = 0; c < columns.length; c++) sums[c]![b]! += columns[c]![unit]!;
    }
  }
  return sums.map((column) => ({ low: quantile(column, 0.025) / units, high: quantile(column, 0.975) / units }));
}
