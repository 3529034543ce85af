/**
 * Evaluations and comparisons as tables for people. Pure functions of what was measured.
 */

import type { Interval } from '../core/statistics.ts';
import { type Averaged, average } from '../evaluate/average.ts';
import type { BenchmarkComparison, Comparison } from '../evaluate/comparison.ts';
import { plannedDetectableDifference } from '../evaluate/power.ts';
import { differenceText } from '../evaluate/protocol.ts';
import type { EvaluationLine } from '../journal/schema.ts';
import type { Benchmark } from './benchmarks.ts';
import { fixed, table } from './format.ts';

const AVERAGE_KEY = 'evaluate/pass_at_1';
const NAN: readonly [number, number] = [Number.NaN, Number.NaN];

/** What the intervals of a table answer. */
export const INTERVALS = [
  '95 % intervals. This test set: these problems, sampled again. Problems like these: other problems of the same kind.',
  'Quote the second for what a policy can do, the first for what it scores on exactly this set.',
];

const range = ({ low, high }: Interval): string => `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
const percent = (share: number | undefined): string => (share === undefined ? '-' : `${(100 * share).toFixed(1)} %`);
const points = (share: number): string => `${(100 * share).toFixed(1)} points`;

/** `128 problems x 16 samples can show differences from 4.4 points`, with what that assumes. */
export function planText({ problems, samples }: Pick<Benchmark, 'problems' | 'samples'>): string {
  return `${problems} problems x ${samples} samples: differences from ${points(plannedDetectableDifference(problems, samples))} can be shown`;
}

export const PLAN_ASSUMES =
  'between two policies, at the 5 % level with 80 % power, if solve rates are near 50 % and every problem changes alike; more if they differ';

type Average = Averaged<'thisTestSet' | 'problemsLikeThese'>;

function averageOf({ metrics, intervals, testSetIntervals = {} }: EvaluationLine): Average {
  const interval = (all: EvaluationLine['intervals']): Interval => {
    const [low, high] = all[AVERAGE_KEY] ?? NAN;
    return { low, high };
  };
  return {
    value: metrics[AVERAGE_KEY] ?? Number.NaN,
    intervals: { thisTestSet: interval(testSetIntervals), problemsLikeThese: interval(intervals) },
  };
}

/** Mean over the benchmarks, each counting alike; absent for one. */
export function averageEvaluation(lines: readonly EvaluationLine[]): Average | undefined {
  return lines.length < 2 ? undefined : average(lines.map(averageOf), ['thisTestSet', 'problemsLikeThese']);
}

/** `evaluate/pass_at_4` -> `pass@4` */
const columnName = (key: string): string =>
  key.replace('evaluate/', '').replace('majority', 'maj').replace('_at_', '@');

/** One row a benchmark; columns are the scores any of them has. */
export function evaluationTable(lines: readonly EvaluationLine[]): string[] {
  const keys = [...new Set(lines.flatMap(({ intervals }) => Object.keys(intervals)))].filter(
    (key) => key !== AVERAGE_KEY,
  );
  const row = (line: EvaluationLine): string[] => {
    const { value, intervals } = averageOf(line);
    const { metrics, protocol } = line;
    return [
      line.name,
      `${protocol['problems']} x ${protocol['samples']}`,
      fixed(value, 3),
      range(intervals.thisTestSet),
      range(intervals.problemsLikeThese),
      ...keys.map((key) => fixed(metrics[key], 3)),
      percent(metrics['evaluate/truncated_frac']),
      percent(metrics['evaluate/unknown_frac']),
      fixed(metrics['evaluate/completion_tokens/mean'], 1),
    ];
  };
  const mean = averageEvaluation(lines);
  return table([
    [
      'benchmark',
      'problems x n',
      'avg@n',
      'this test set',
      'problems like these',
      ...keys.map(columnName),
      'truncated',
      'unknown',
      'tokens',
    ],
    ...lines.map(row),
    ...(mean === undefined
      ? []
      : [
          [
            'average',
            '',
            fixed(mean.value, 3),
            range(mean.intervals.thisTestSet),
            range(mean.intervals.problemsLikeThese),
          ],
        ]),
  ]);
}

/** -0.0001 -> +0.000 */
function signed(share: number): string {
  const text = share.toFixed(3);
  if (Number(text) === 0) return '+0.000';
  return share > 0 ? `+${text}` : text;
}
const signedRange = ({ low, high }: Interval): string => `[${signed(low)}, ${signed(high)}]`;
const pText = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));

/** One row a benchmark and score, A -> B. */
export function comparisonTable({ benchmarks, average: mean }: Comparison): string[] {
  const rows = benchmarks.flatMap(({ name, scores, adjustedPValue }) =>
    scores.map((score, i) => [
      i === 0 ? name : '',
      score.score,
      fixed(score.before, 3),
      fixed(score.after, 3),
      signed(score.difference),
      signedRange(score.thisTestSet),
      signedRange(score.problemsLikeThese),
      pText(i === 0 ? adjustedPValue : score.pValue),
      Number.isNaN(score.detectable) ? '-' : score.detectable.toFixed(3),
      `${score.rose}/${score.fell}`,
    ]),
  );
  const last = mean && [
    'average',
    'avg@n',
    fixed(mean.before, 3),
    fixed(mean.after, 3),
    signed(mean.difference),
    signedRange(mean.thisTestSet),
    signedRange(mean.problemsLikeThese),
    pText(mean.pValue),
  ];
  return table([
    ['benchmark', 'score', 'A', 'B', 'B - A', 'this test set', 'problems like these', 'p', 'detectable', 'rose/fell'],
    ...rows,
    ...(last === undefined ? [] : [last]),
  ]);
}

/** What the comparison comes to, one line a benchmark; differences of protocol, where forced, before it. */
export function verdictLines({ benchmarks }: Comparison): string[] {
  return benchmarks.flatMap(({ name, verdict, differences }) => [
    ...differences.map((difference) => `${name}: NOT COMPARABLE, forced: ${differenceText(difference)}`),
    `${name}: ${verdict}`,
  ]);
}

/** How p-values and detectable differences came about. */
export function comparisonNotes({ length }: readonly BenchmarkComparison[]): string[] {
  const adjusted = length > 1 ? `, of avg@n adjusted (Holm) for ${length} benchmarks` : '';
  return [
    ...INTERVALS.slice(0, 1),
    `p: sign flips over problems, two-sided${adjusted}. Detectable: the difference that would be shown 4 times out of 5, by the spread seen.`,
  ];
}
