/**
 * What one run came to: a few named numbers, in which arms are compared.
 */
import { mean } from '../../core/statistics.ts';
import type { EvaluationLine, MetricsLine } from '../../journal/schema.ts';
import type { ReadRun, ReadStudy } from './read-study.ts';

export interface Readout {
  /** Stable, for tables: `held-out/pass@1`. */
  readonly key: string;
  /** Where it was measured: `held-out`, `training`, or a benchmark's name. */
  readonly where: string;
  /** For people. */
  readonly label: string;
  readonly digits: number;
  /** What studies ask about first: in the summary, others in the tables alone. */
  readonly isMain: boolean;
  /** Of the policy the runs start from; undefined where it was not measured. */
  readonly start: number | undefined;
  /** Undefined where the run has none. */
  readonly of: (run: ReadRun) => number | undefined;
}

const EVALUATED: readonly (readonly [metric: string, label: string, digits: number])[] = [
  ['evaluate/entropy_nats', 'entropy (nats)', 3],
  ['evaluate/completion_tokens/mean', 'completion tokens', 1],
  ['evaluate/truncated_frac', 'truncated', 3],
];

/** Of the last fifth of the steps. */
const TRAINED: readonly (readonly [metric: string, label: string, digits: number])[] = [
  ['rollout/reward/mean', 'reward', 3],
  ['policy/entropy_nats/mean', 'entropy (nats)', 3],
  ['policy/positive/entropy_nats/mean', 'entropy, correct (nats)', 3],
  ['policy/negative/entropy_nats/mean', 'entropy, incorrect (nats)', 3],
  ['rollout/completion_tokens/mean', 'completion tokens', 1],
  ['rollout/truncated_frac', 'truncated', 3],
  ['policy/positive/probability/mean', 'token probability, correct', 3],
  ['policy/negative/probability/mean', 'token probability, incorrect', 3],
  ['objective/advantage_mass_ratio/after', 'advantage mass, positive / negative', 2],
  ['probe/positive/logprob_change_nats/mean', 'change of logprob by a step, correct (nats)', 4],
  ['probe/negative/logprob_change_nats/mean', 'change of logprob by a step, incorrect (nats)', 4],
  ['policy/mismatch_nats/mean', 'sampler-trainer mismatch (nats)', 7],
];

const MAIN = /^evaluate\/(pass_at_[0-9]+|entropy_nats)$|^rollout\/reward/;
const PASS = /^evaluate\/pass_at_([0-9]+)$/;

/** Every readout that at least one run of the study has. */
export function readoutsOf({ runs, record, start }: ReadStudy): Readout[] {
  const starting = runs.flatMap(({ arm, evaluations }) =>
    arm === record.reference ? evaluations.filter(({ step }) => step === 0) : [],
  );
  const heldOut = runs.flatMap((run) => (run.state === 'complete' ? [finalEvaluation(run)] : []));
  const all = [
    ...evaluated('held-out', heldOut, finalEvaluation, starting),
    ...record.evaluations.flatMap((name) => {
      const line = ({ benchmarks }: ReadRun) => benchmarks.find((each) => each.name === name);
      return evaluated(
        name,
        runs.map(line),
        line,
        start.filter((each) => each.name === name),
      );
    }),
    ...TRAINED.map(([metric, label, digits]) => ({
      key: `training/${metric}`,
      where: 'training',
      label,
      digits,
      isMain: MAIN.test(metric),
      start: undefined,
      of: (run: ReadRun) => (run.state === 'complete' ? lastFifth(run, metric) : undefined),
    })),
  ];
  return all.filter(({ of }) => runs.some((run) => of(run) !== undefined));
}

const finalEvaluation = ({ state, evaluations }: ReadRun): EvaluationLine | undefined =>
  state === 'complete' ? evaluations.at(-1) : undefined;

function evaluated(
  where: string,
  lines: readonly (EvaluationLine | undefined)[],
  line: (run: ReadRun) => EvaluationLine | undefined,
  start: readonly EvaluationLine[],
): Readout[] {
  const readout = (metric: string, label: string, digits: number): Readout => ({
    key: `${where}/${metric.replace('evaluate/', '')}`,
    where,
    label,
    digits,
    isMain: MAIN.test(metric),
    start: start.length > 0 ? mean(start.flatMap(({ metrics: { [metric]: value } }) => value ?? [])) : undefined,
    of: (run) => line(run)?.metrics[metric],
  });
  return [
    ...passKs(lines).map((k) => readout(`evaluate/pass_at_${k}`, `pass@${k}`, 3)),
    ...EVALUATED.map(([metric, label, digits]) => readout(metric, label, digits)),
  ];
}

/** Ascending. */
export function passKs(lines: readonly (EvaluationLine | undefined)[]): number[] {
  const ks = lines.flatMap((line) => Object.keys(line?.metrics ?? {}).map((key) => Number(PASS.exec(key)?.[1])));
  return [...new Set(ks.filter((k) => k > 0))].sort((a, b) => a - b);
}

function lastFifth({ metrics, steps }: ReadRun, metric: string): number | undefined {
  const late = metrics.filter(({ step }) => step > 0.8 * steps).flatMap((line) => measured(line, metric));
  return late.length > 0 ? mean(late) : undefined;
}

const measured = ({ metrics }: MetricsLine, metric: string): number[] => {
  const value = metrics[metric];
  return value !== undefined && Number.isFinite(value) ? [value] : [];
};
