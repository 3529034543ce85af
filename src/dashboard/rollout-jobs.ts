/**
 * What is asked of the process that reads rollout files, and what it answers: everything of one file, so that a file which cannot be
 * read costs one answer. Answers are copied between processes: numbers are typed arrays, texts are cut to what is shown.
 */
import type { Outcome } from './api.ts';
import type { OneRollout } from './rollout-source.ts';

/** Of a `FileSummary`'s `flags`: the outcome in the two lowest bits, and whether the completion was cut off. */
export const OUTCOMES = ['incorrect', 'correct', 'unknown'] as const;
export const OUTCOME_BITS = 0b011;
export const TRUNCATED_BIT = 0b100;

/** The small columns of a file. N rows. */
export interface FileSummary {
  /** Distinct ids. */
  readonly problems: readonly string[];
  /** [N] index into `problems` */
  readonly problem: Uint32Array;
  /** [N] NaN for an unknown verdict */
  readonly reward: Float64Array;
  /** [N] */
  readonly tokens: Uint32Array;
  /** [N] */
  readonly policyVersion: Int32Array;
  /** [N] */
  readonly flags: Uint8Array;
}

/** What a list shows of a rollout besides its numbers. */
export interface RolloutTexts {
  readonly group: number;
  readonly index: number;
  /** At most 300 characters each; with a search, `completion` is the part around the first hit. */
  readonly prompt: string;
  readonly completion: string;
  readonly explanation: string;
  /** [start, end) in `completion` */
  readonly hit: readonly [number, number] | null;
}

/** A rollout without its tokens and long texts. */
export interface ListedRollout {
  readonly group: number;
  readonly index: number;
  readonly problemId: string;
  readonly outcome: Outcome;
  /** Null for an unknown verdict. */
  readonly reward: number | null;
  readonly tokens: number;
  readonly truncated: boolean;
  readonly policyVersion: number;
  /** Of an unknown verdict. */
  readonly reason: string | null;
  readonly explanation: string;
}

export interface Answers {
  readonly summary: FileSummary;
  /** Rows, ascending, whose completion, prompt or explanation has the text. */
  readonly search: Uint32Array;
  /** In the order of the rows asked for. */
  readonly texts: readonly RolloutTexts[];
  readonly group: OneRollout;
  readonly rules: readonly string[];
  /** All, by row. */
  readonly list: readonly ListedRollout[];
}

export type JobKind = keyof Answers;

interface Asked {
  readonly summary: object;
  readonly search: { readonly text: string };
  readonly texts: { readonly rows: readonly number[]; readonly text?: string };
  readonly group: { readonly row: number };
  readonly rules: object;
  readonly list: object;
}

/** One thing to do with the file at `path`. */
export type Job<Kind extends JobKind = JobKind> = {
  [K in Kind]: { readonly kind: K; readonly path: string } & Asked[K];
}[Kind];

/** From the process: it has started, or an answer, or why there is none. */
export type Reply = { readonly ready: true } | { readonly value: unknown } | { readonly fault: string };
