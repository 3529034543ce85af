/**
 * How far a run has come, read from its own files: there is no other record of it, so killing a study loses nothing it knows.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { latestCheckpoint } from '../journal/checkpoints.ts';
import { FILES, runDirectory } from '../journal/names.ts';

export type RunState =
  /** No run directory, or one without a manifest: `train` may make it. */
  | { readonly kind: 'absent' }
  /** `train --resume` goes on from here. */
  | { readonly kind: 'begun'; readonly step: number }
  /** Its last checkpoint is of the last step, which is written after the last evaluation. */
  | { readonly kind: 'finished' };

/** @param steps of the whole run */
export async function runState(study: string, run: string, steps: number): Promise<RunState> {
  const directory = runDirectory(study, run);
  if (!(await exists(join(directory, FILES.manifest)))) return { kind: 'absent' };
  const step = (await latestCheckpoint(directory))?.step ?? 0;
  return step >= steps ? { kind: 'finished' } : { kind: 'begun', step };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
