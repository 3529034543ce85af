/**
 * Names in the runs directory: runs, steps, references to checkpoints. A name is checked before it becomes part of a path, so none
 * leads out of the runs directory.
 */
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';

/** Files and folders of a run directory. */
export const FILES = {
  config: 'run.yaml',
  manifest: 'manifest.json',
  metrics: 'metrics.jsonl',
  evaluations: 'evaluations.jsonl',
  events: 'events.jsonl',
  rollouts: 'rollouts',
  checkpoints: 'checkpoints',
  discarded: 'discarded',
  lock: 'lock.json',
} as const;

const RUN_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;

/** @throws UserError unless `name` is 1-100 letters, digits, `.`, `_`, `-`, starting with a letter or digit and not ending in a dot. */
export function checkRunName(name: string): string {
  if (!RUN_NAME.test(name))
    throw new UserError(
      `run name must be 1 to 100 letters, digits, ".", "_" or "-", start with a letter or digit and not end in ".", got ${JSON.stringify(name)}`,
    );
  return name;
}

/** `runs/<name>`. @throws UserError for a name that is not a plain one. */
export function runDirectory(runsDirectory: string, name: string): string {
  return join(runsDirectory, checkRunName(name));
}

const STEP_NAME = /^step-([0-9]{6,15})$/;

/** `step-000010`; more than six digits where needed. */
export function stepName(step: number): string {
  if (!Number.isSafeInteger(step) || step < 0 || step > 999_999_999_999_999)
    throw new UserError(`step must be a whole number from 0, got ${step}`);
  return `step-${String(step).padStart(6, '0')}`;
}

/** The step in `step-000010`; undefined for any other name, padded too much included. */
export function stepOf(name: string): number | undefined {
  const digits = STEP_NAME.exec(name)?.[1];
  return digits !== undefined && stepName(Number(digits)) === name ? Number(digits) : undefined;
}

/** A checkpoint as written by a user: `my-run` (its latest) or `my-run@120`. */
export interface CheckpointReference {
  readonly run: string;
  /** Absent: the latest. */
  readonly step?: number;
}

/** @throws UserError for anything but `<run>`, `<run>@latest` and `<run>@<step>`. */
export function parseCheckpointReference(reference: string): CheckpointReference {
  const at = reference.indexOf('@');
  if (at < 0) return { run: checkRunName(reference) };
  const run = checkRunName(reference.slice(0, at));
  const step = reference.slice(at + 1);
  if (step === 'latest') return { run };
  if (!/^[0-9]{1,15}$/.test(step))
    throw new UserError(
      `a checkpoint is written <run>, <run>@latest or <run>@<step>, e.g. my-run@120, got ${JSON.stringify(reference)}`,
    );
  return { run, step: Number(step) };
}

/** Whether a path inside a checkpoint (its manifest's key) stays inside: `weights.safetensors`, `engine/moments.safetensors`. */
export function isInnerPath(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part));
}
