/**
 * The report's tables as rows of values, before anything is said about how they look.
 */

import type { Cell } from '../../core/csv.ts';
import { mean } from '../../core/statistics.ts';
import type { Comparison } from './comparisons.ts';
import type { Figure } from './figure.ts';
import type { ReadRun, ReadStudy } from './read-study.ts';

export type Rows = readonly (readonly Cell[])[];

/** One row for each readout and arm. */
export function comparisonRows(comparisons: readonly Comparison[]): Rows {
  const header = ['where', 'readout', 'arm', 'seeds', 'mean', 'low', 'high', 'difference', 'difference_low'];
  const tests = ['difference_high', 'pairs', 'p_exact', 'p_exact_holm', 'p_student', 'p_student_holm'];
  return [
    [...header, ...tests],
    ...comparisons.map(({ readout, arm, value, difference: it }) => [
      readout.where,
      readout.label,
      arm,
      value.seeds,
      value.mean,
      value.interval?.low,
      value.interval?.high,
      it?.mean,
      it?.interval?.low,
      it?.interval?.high,
      it?.seeds,
      it?.exactP,
      it?.adjustedExactP,
      it?.studentP,
      it?.adjustedStudentP,
    ]),
  ];
}

/** Every value that went into the comparisons. */
export function valueRows(comparisons: readonly Comparison[]): Rows {
  return [
    ['where', 'readout', 'arm', 'seed', 'value'],
    ...comparisons.flatMap(({ readout, arm, values }) =>
      [...values].map(([seed, value]) => [readout.where, readout.label, arm, seed, value]),
    ),
  ];
}

/** What the curves show. */
export function curveRows(figures: readonly Figure[]): Rows {
  const metrics = new Map(figures.flatMap(({ points }) => [...points]));
  return [
    ['metric', 'arm', 'step_or_k', 'mean', 'low', 'high', 'seeds'],
    ...[...metrics].flatMap(([metric, points]) =>
      points.map(({ arm, x, mean, low, high, seeds }) => [metric, arm, x, mean, low, high, seeds]),
    ),
  ];
}

export function runRows({ runs }: ReadStudy): Rows {
  return [
    ['run', 'arm', 'seed', 'state', 'step', 'steps', 'sample_s', 'train_s', 'step_s', 'platform', 'engine', 'polarity'],
    ...runs.map((run) => {
      const { environment, versions } = run.manifest ?? {};
      return [
        run.name,
        run.arm,
        run.seed,
        run.state,
        run.metrics.at(-1)?.step ?? 0,
        run.steps,
        seconds(run, 'time/sample_s'),
        seconds(run, 'time/train_s'),
        seconds(run, 'time/step_s'),
        text(environment?.['platform']),
        engineText(environment),
        versions?.['polarity'],
      ];
    }),
  ];
}

const text = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);

/** `onnx koffi 1 threads` */
export function engineText(environment: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (environment === undefined) return undefined;
  const { engine, backend, threads } = environment;
  const parts = [text(engine), text(backend), threads === undefined ? undefined : `${text(threads)} threads`];
  return parts.filter((part) => part !== undefined).join(' ');
}

/** Sum over the run's steps; undefined without any. */
export function seconds({ metrics }: ReadRun, key: string): number | undefined {
  const spent = metrics.flatMap(({ metrics: { [key]: value } }) => (value === undefined ? [] : [value]));
  return spent.length === 0 ? undefined : spent.reduce((sum, value) => sum + value, 0);
}

const RULE = /^objective\/([a-z0-9_]+)\/(touched_frac|unlikelihood\/mean|gradient_frac)$/;

/** What each arm's token rules touched, means over all steps and seeds; only a header where no arm has rules. */
export function ruleRows({ record, runs }: ReadStudy): Rows {
  const rows = record.arms.flatMap(({ name: arm }) => {
    const found = new Map<string, Map<string, number[]>>();
    for (const { metrics } of runs.filter((run) => run.arm === arm).flatMap((run) => run.metrics))
      for (const [key, value] of Object.entries(metrics)) {
        const [, rule, what] = RULE.exec(key) ?? [];
        if (rule === undefined || what === undefined) continue;
        const kinds = found.get(rule) ?? new Map<string, number[]>();
        found.set(rule, kinds);
        kinds.set(what, [...(kinds.get(what) ?? []), value]);
      }
    const meanOf = (values: readonly number[] | undefined) => (values === undefined ? undefined : mean(values));
    return [...found].map(([rule, kinds]) => [
      arm,
      rule,
      meanOf(kinds.get('touched_frac')),
      meanOf(kinds.get('unlikelihood/mean')),
      meanOf(kinds.get('gradient_frac')),
    ]);
  });
  return [['arm', 'rule', 'touched_tokens', 'mean_1_minus_p', 'gradient_proxy'], ...rows];
}
