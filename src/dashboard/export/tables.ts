/** A run as three tables: metrics, evaluations, rollouts. Reads the journal, writes nothing. */
import type { Cell } from '../../core/csv.ts';
import { UserError } from '../../core/errors.ts';
import type { RunReader } from '../../journal/reader.ts';
import type { EvaluationLine, MetricsLine, Written } from '../../journal/schema.ts';
import { rolloutFileOf } from '../rollout-files.ts';
import type { RolloutReader } from '../rollout-reader.ts';

export type Table = readonly (readonly Cell[])[];

/** One row a step, one column a metric that any step has, sorted; empty where a step lacks it. */
export function metricsTable(lines: readonly MetricsLine[]): Table {
  const keys = [...new Set(lines.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  return [['step', ...keys], ...lines.map(({ step, metrics }) => [step, ...keys.map((key) => metrics[key])])];
}

/** One row a metric of an evaluation, with its intervals at 95 %. */
export function evaluationsTable(lines: readonly (EvaluationLine & Written)[]): Table {
  return [
    ['step', 'policyVersion', 'name', 'metric', 'value', 'low', 'high', 'testSetLow', 'testSetHigh', 'unixSeconds'],
    ...lines.flatMap(({ step, policyVersion, name, metrics, intervals, testSetIntervals, unixSeconds }) =>
      Object.entries(metrics).map(([metric, value]): Cell[] => [
        step,
        policyVersion,
        name,
        metric,
        value,
        ...(intervals[metric] ?? [undefined, undefined]),
        ...(testSetIntervals?.[metric] ?? [undefined, undefined]),
        unixSeconds,
      ]),
    ),
  ];
}

/** Their texts and tokens are in the Parquet files, which any tool reads. */
const ROLLOUT_COLUMNS = [
  'step',
  'row',
  'group',
  'index',
  'problemId',
  'outcome',
  'reward',
  'tokens',
  'truncated',
  'policyVersion',
  'reason',
  'explanation',
] as const;

/** One row a rollout, file by file, the header first. @param onDamage told of files that cannot be read; they are left out */
export async function* rolloutsTable(
  run: RunReader,
  reader: RolloutReader,
  onDamage: (reason: string) => void,
): AsyncGenerator<Table> {
  yield [ROLLOUT_COLUMNS];
  for (const step of await run.rolloutSteps()) {
    try {
      const rows = await reader.ask({ kind: 'list', path: await rolloutFileOf(run.directory, step) });
      yield rows.map((rollout, row) => [
        step,
        row,
        rollout.group,
        rollout.index,
        rollout.problemId,
        rollout.outcome,
        rollout.reward ?? undefined,
        rollout.tokens,
        String(rollout.truncated),
        rollout.policyVersion,
        rollout.reason ?? undefined,
        rollout.explanation,
      ]);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      onDamage(error.message);
    }
  }
}
