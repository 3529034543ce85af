/**
 * The bootstrap with keyed draws: equal data and key, equal interval.
 *
 * Dimensions: P units that are drawn (problems, seeds), B resamples.
 */
import { assert } from './errors.ts';
import { type RandomKey, uniform } from './random.ts';
import { type Interval, normalCdf, quantile, studentQuantile95 } from './statistics.ts';

/** Monte Carlo noise of an end is then about a thirtieth of the interval's width. */
const RESAMPLES = 2000;

/**
 * 95 % percentile interval of each column's mean, units drawn with replacement (Efron 1979), the same draws for all columns, so
 * that columns stay coherent. Zero width where all units are equal: there the bootstrap knows nothing.
 *
 * The percentiles lie further out the fewer the units (see `tail`): at 30 units the plain ones would hold the truth 93 times in 100.
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
  const outside = tail(units);
  return sums.map((column) => ({
    low: quantile(column, outside) / units,
    high: quantile(column, 1 - outside) / units,
  }));
}

/**
 * Share of the resamples outside on each side: Phi(-sqrt(P / (P - 1)) t), the "expanded percentile interval" (Hesterberg, The American
 * Statistician 69, 2015, 371-386, section 5.3). 30 units -> 0.0188, many -> 0.025.
 */
function tail(units: number): number {
  if (units === 1) return 0;
  return normalCdf(-Math.sqrt(units / (units - 1)) * studentQuantile95(units - 1));
}
