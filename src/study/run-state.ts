/**
 * How far a run has come, read from its own files: there is no other record of it, so killing a study loses nothing it knows.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint } from '../journal/checkpoints.ts';
import { FILES, runDirectory } from '../journal/names.ts';
import { RunReader } from '../journal/reader.ts';

/** What makes a run whole. */
export interface RunEnd {
  readonly steps: number;
  /** Whether its last policy is evaluated. */
  readonly isEvaluated: boolean;
}

export type RunState =
  /** No run directory, or one without a manifest: `train` may make it. */
  | { readonly kind: 'absent' }
  /** `train --resume` goes on from here. */
  | { readonly kind: 'begun'; readonly step: number }
  /** Its last checkpoint is of the last step, and its last evaluation is there: a run told to stop saves without it. */
  | { readonly kind: 'finished' };

export async function runState(study: string, run: string, { steps, isEvaluated }: RunEnd): Promise<RunState> {
  const directory = runDirectory(study, run);
  if (!(await exists(join(directory, FILES.manifest)))) return { kind: 'absent' };
  const step = (await latestCheckpoint(directory))?.step ?? 0;
  if (step < steps) return { kind: 'begun', step };
  if (!isEvaluated) return { kind: 'finished' };
  const { lines } = await (await RunReader.open(study, run)).evaluations();
  return lines.some((line) => line.step >= steps) ? { kind: 'finished' } : { kind: 'begun', step };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
