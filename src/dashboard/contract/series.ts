/** What a run wrote line by line, and the stream that says when there is more. */
import type { HealthState, RunStatus, Value } from './words.ts';

// GET /api/runs/:run/metrics?keys=a,b&from=STEP

export interface MetricsQuery {
  /** With commas; at most 200. Absent: `columns` is empty and `keys` alone is of interest. */
  readonly keys?: string;
  /** First step wanted; 0 by default. */
  readonly from?: number;
}

export interface MetricsReply {
  /** [N] ascending, from `from` on. */
  readonly steps: readonly number[];
  /** Key -> [N]; null where the step has no such metric. Keys that no step has are absent. */
  readonly columns: Readonly<Record<string, readonly (Value | null)[]>>;
  /** Every key of the run, sorted. */
  readonly keys: readonly string[];
  /** Changes when the run was taken back to an earlier step (a resume): forget earlier replies and ask from 0. */
  readonly generation: number;
  /** Complete lines that could not be read. */
  readonly damaged: number;
  /** Bytes after the last complete line: a line being written, or torn by a crash. */
  readonly tornBytes: number;
}

// GET /api/runs/:run/evaluations

export interface EvaluationsReply {
  readonly evaluations: readonly EvaluationReply[];
  readonly damaged: number;
  readonly tornBytes: number;
}

export interface EvaluationReply {
  readonly step: number;
  readonly policyVersion: number;
  /** `countdown/test` */
  readonly name: string;
  readonly problems: number | null;
  readonly samples: number | null;
  readonly metrics: Readonly<Record<string, Value>>;
  /** [low, high] at 95 %: what other problems like these would give. */
  readonly intervals: Readonly<Record<string, readonly [Value, Value]>>;
  /** What these very problems would give, sampled again. */
  readonly testSetIntervals: Readonly<Record<string, readonly [Value, Value]>>;
  readonly unixSeconds: number;
}

// GET /api/runs/:run/events

export interface EventsReply {
  /** In the order written; the last 5,000. */
  readonly events: readonly EventReply[];
  /** Earlier ones left out. */
  readonly omitted: number;
  readonly damaged: number;
  readonly tornBytes: number;
}

export interface EventReply {
  readonly step: number;
  readonly level: 'note' | 'warning' | 'fault';
  readonly kind: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly unixSeconds: number;
}

// GET /api/runs/:run/health

export interface HealthCheck {
  /** `first_ratio` of the metric `health/first_ratio`. */
  readonly check: string;
  readonly key: string;
  /** Of the last step that measured it. */
  readonly state: HealthState;
  readonly step: number;
  /** Steps where the state became another, ascending, the first measured one included. */
  readonly changes: readonly { readonly step: number; readonly state: HealthState }[];
  /** The last event of kind `health` about this check; null where none was written (it was green all along). */
  readonly event: EventReply | null;
}

export interface HealthReply {
  /** Worst first, then by name. */
  readonly checks: readonly HealthCheck[];
  /** Of the run: steps that measured anything. */
  readonly measuredSteps: number;
}

// GET /api/stream?runs=a,b   (server-sent events)

/**
 * Event `change`, data `StreamChange`: one for each run at once, then whenever its files grew. Event `runs`, data `{}`: a run appeared or went, ask
 * for the list again; it comes without `runs=` too. Browsers open six connections to a server and no more: one stream a page, closed while the page is hidden.
 */
export interface StreamChange {
  readonly run: string;
  readonly status: RunStatus;
  readonly step: number;
  /** As `MetricsReply.generation`. */
  readonly generation: number;
  /** Lines so far. */
  readonly evaluations: number;
  readonly events: number;
  /** Latest step with rollouts, and with a checkpoint, on disk; null before the first. */
  readonly rolloutStep: number | null;
  readonly checkpointStep: number | null;
}

// GET /api/glossary

/** Metric key pattern -> what it means. `*` in a pattern stands for one part of a key. */
export type GlossaryReply = Readonly<Record<string, GlossaryEntry>>;

export interface GlossaryEntry {
  readonly meaning: string;
  readonly unit: string;
  readonly healthy: string;
  readonly remedy: string;
}
