/** Runs and studies, as lists and one by one. */
import type { HealthState, RunStatus } from './words.ts';

// GET /api/runs

export interface RunSummary {
  readonly run: string;
  readonly status: RunStatus;
  /** Steps taken; 0 before the first. */
  readonly step: number;
  /** What follows is null where run.yaml does not say it or cannot be read. */
  readonly totalSteps: number | null;
  readonly task: string | null;
  /** Of the objective: the recipe's name, or `sentence`. */
  readonly recipe: string | null;
  /** Last part of the policy folder's path, or the engine's name for those without a folder. */
  readonly policy: string | null;
  readonly engine: string | null;
  readonly seed: number | null;
  /** Unix seconds of the first line written, and of the last; null before the first. */
  readonly started: number | null;
  readonly updated: number | null;
  /** Of the last step. */
  readonly passRate: number | null;
  readonly reward: number | null;
  /** Seconds of the last step. */
  readonly stepSeconds: number | null;
  /** The worst state of the last step's health checks; null where nothing was measured. */
  readonly health: HealthState | null;
  /** Study whose folder the run lies in. */
  readonly study: string | null;
  /** What is broken, one sentence each; empty for a whole run. A torn last line of a run that is being written is no damage. */
  readonly damage: readonly string[];
}

export interface StudySummary {
  readonly study: string;
  readonly about: string;
  readonly arms: number;
  readonly seeds: number;
  /** Runs planned, and of those how many are in each state. */
  readonly runs: number;
  readonly finished: number;
  readonly running: number;
  readonly damage: readonly string[];
}

export interface RunsReply {
  /** The folder served, absolute. */
  readonly root: string;
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  readonly studies: readonly StudySummary[];
  /** Folders with more runs than are listed, deeper than is looked, or that cannot be read; one sentence each. */
  readonly notes: readonly string[];
}

// GET /api/runs/:run

export interface RawFile {
  /** Inside the run, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** A command that can be pasted into a POSIX shell in the folder where the server was started. */
export interface CopyCommand {
  readonly kind: 'resume' | 'fork' | 'replay' | 'evaluate' | 'sample' | 'export';
  readonly title: string;
  readonly command: string;
  /** What it does, what to change in it. */
  readonly about: string;
}

export interface CheckpointSummary {
  readonly step: number;
  readonly bytes: number;
}

export interface RunDetail {
  readonly summary: RunSummary;
  /** run.yaml as it is; null where it cannot be read. */
  readonly yaml: string | null;
  readonly manifest: RunManifestReply | null;
  readonly checkpoints: readonly CheckpointSummary[];
  /** Steps whose rollouts are on disk, ascending. */
  readonly rolloutSteps: readonly number[];
  readonly files: readonly RawFile[];
  /** Files beyond those listed. */
  readonly moreFiles: number;
  readonly commands: readonly CopyCommand[];
}

export interface RunManifestReply {
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly dataHashes: Readonly<Record<string, string>>;
  /** The checkpoint this run was forked from. */
  readonly parent: { readonly run: string; readonly step: number } | null;
}

// GET /api/studies/:study

export interface StudyDetail {
  readonly summary: StudySummary;
  readonly arms: readonly { readonly name: string; readonly role: string; readonly changes: string }[];
  /** In the study's order; `summary` is null for a run that has not begun. */
  readonly runs: readonly {
    readonly run: string;
    readonly arm: string;
    readonly seed: number;
    readonly summary: RunSummary | null;
  }[];
}
