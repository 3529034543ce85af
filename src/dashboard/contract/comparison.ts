/** Several runs beside each other. */
import type { RunSummary } from './runs.ts';

// GET /api/compare?runs=a,b[@step]

export interface CompareQuery {
  /** 2 to 12 runs with commas, each `run` (its last evaluation) or `run@step`; the first is what the others are compared with. */
  readonly runs: string;
}

export interface CompareReply {
  readonly runs: readonly ComparedRun[];
  /** Leaf paths of run.yaml that differ, sorted; `values` in the order of `runs`, null where a run has no such setting. */
  readonly differences: readonly { readonly path: string; readonly values: readonly (string | null)[] }[];
  /** Settings that are the same in all. */
  readonly same: number;
  /** The first run with each other one. */
  readonly evaluations: readonly PairedEvaluations[];
}

export interface ComparedRun {
  readonly run: string;
  /** Of the evaluations compared; null where the run has none. */
  readonly step: number | null;
  readonly summary: RunSummary;
}

export type PairedEvaluations =
  | {
      readonly kind: 'compared';
      readonly a: string;
      readonly b: string;
      readonly benchmarks: readonly ComparedBenchmark[];
      /** Evaluations that one of them has alone. */
      readonly notCompared: readonly string[];
    }
  | { readonly kind: 'refused'; readonly a: string; readonly b: string; readonly reasons: readonly string[] };

export interface ComparedBenchmark {
  readonly name: string;
  readonly scores: readonly PairedScore[];
  /** Of the average, adjusted (Holm) for the number of benchmarks compared. */
  readonly adjustedPValue: number;
  /** In words: who is better, or that it is not resolved and why. */
  readonly verdict: string;
}

export interface PairedScore {
  /** `avg@16`, `pass@4` */
  readonly score: string;
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** 95 % of the difference. */
  readonly thisTestSet: readonly [number, number];
  readonly problemsLikeThese: readonly [number, number];
  readonly pValue: number;
  readonly problems: number;
}
