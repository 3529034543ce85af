/**
 * Metrics over steps with a band over seeds. Pure.
 */
import { mean } from '../../core/statistics.ts';
import { passAtK } from '../../evaluate/pass-at-k.ts';
import type { EvaluationLine, Metrics } from '../../journal/schema.ts';
import type { ReadRun } from './read-study.ts';
import { seedMean } from './student.ts';

export interface Point {
  readonly arm: string;
  /** Step, or k of pass@k. */
  readonly x: number;
  readonly mean: number;
  /** 95 % over seeds; the two values of two seeds, whose interval would leave the page; absent for one. */
  readonly low?: number;
  readonly high?: number;
  readonly seeds: number;
}

/** About so many points of a training curve: steps are averaged over equal stretches. */
const POINTS = 30;

/** Steps of one stretch. */
export const stretch = (steps: number): number => Math.max(1, Math.ceil(steps / POINTS));

/** x -> value of one run. */
export type Values = (run: ReadRun) => ReadonlyMap<number, number>;

/** A training metric; each point the mean over a stretch of steps, at its middle. */
export const trainingValues =
  (metric: string): Values =>
  ({ metrics, steps }) => {
    const width = stretch(steps);
    return grouped(metrics, metric, (step) => Math.floor((step - 1) / width) * width + (width + 1) / 2);
  };

/** A held-out metric, at the steps where it was measured. */
export const heldOutValues =
  (metric: string): Values =>
  ({ evaluations }) =>
    grouped(evaluations, metric, (step) => step);

/** pass@k for k 1, 2, 4 ... and all samples. @param line which evaluation of a run */
export function passValues(line: (run: ReadRun) => EvaluationLine | undefined): Values {
  return (run) => {
    const problems = line(run)?.problems ?? [];
    const most = Math.min(...problems.map(({ samples }) => samples));
    if (problems.length === 0 || most < 1) return new Map();
    const ks = [...new Set([...Array.from({ length: 20 }, (_, i) => 2 ** i).filter((k) => k <= most), most])];
    return new Map(ks.map((k) => [k, mean(problems.map(({ samples, correct }) => passAtK(samples, correct, k)))]));
  };
}

/** x -> mean of the finite values there. */
function grouped(
  lines: readonly { readonly step: number; readonly metrics: Metrics }[],
  metric: string,
  place: (step: number) => number,
): Map<number, number> {
  const values = new Map<number, number[]>();
  for (const { step, metrics } of lines) {
    const value = metrics[metric];
    if (value === undefined || !Number.isFinite(value)) continue;
    const x = place(step);
    values.set(x, [...(values.get(x) ?? []), value]);
  }
  return new Map([...values].map(([x, found]) => [x, mean(found)]));
}

/** Of each run what it has more than the reference's run of its seed, where both have a value. */
export function beyondReference(of: Values, runs: readonly ReadRun[], reference: string): Values {
  const paired = new Map(runs.flatMap((run) => (run.arm === reference ? [[run.seed, of(run)] as const] : [])));
  return (run) => {
    const other = paired.get(run.seed);
    const differences = [...of(run)].flatMap(([x, value]) => {
      const at = other?.get(x);
      return at === undefined ? [] : [[x, value - at] as const];
    });
    return new Map(run.arm === reference ? [] : differences);
  };
}

/** Joins the seeds of each arm. */
export function curve(runs: readonly ReadRun[], of: Values): Point[] {
  const arms = new Map<string, Map<number, number[]>>();
  for (const run of runs) {
    const seen = arms.get(run.arm) ?? new Map<number, number[]>();
    arms.set(run.arm, seen);
    for (const [x, value] of of(run)) seen.set(x, [...(seen.get(x) ?? []), value]);
  }
  return [...arms].flatMap(([arm, seen]) =>
    [...seen]
      .sort(([a], [b]) => a - b)
      .flatMap(([x, values]) => {
        const found = seedMean(values);
        if (found === undefined) return [];
        const { interval, seeds } = found;
        const band = seeds === 2 ? { low: Math.min(...values), high: Math.max(...values) } : interval;
        return [{ arm, x, mean: found.mean, seeds, ...(band && { low: band.low, high: band.high }) }];
      }),
  );
}
