/**
 * The rollout files of a run as they come: which steps there are, and whether files that were looked at are still the same. Asking often
 * costs little: the folder is listed only when it has changed, and files are not looked at one by one.
 */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { FILES } from '../journal/names.ts';
import { rolloutPath, rolloutSteps } from '../journal/reader.ts';
import { plainFile } from './run-folder.ts';

/** Between two looks at the folder. */
const LOOK_EVERY_MS = 500;

export class RolloutFiles {
  readonly #directory: string;
  #looked = Number.NEGATIVE_INFINITY;
  #folderTime = -1;
  #discardedTime = -1;
  #steps: readonly number[] = [];
  #generation = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Steps that have a file, ascending. */
  get steps(): readonly number[] {
    return this.#steps;
  }

  /** Grows when files may have been replaced: the run was taken back to an earlier step. What was read before is void. */
  get generation(): number {
    return this.#generation;
  }

  async look(): Promise<void> {
    if (performance.now() - this.#looked < LOOK_EVERY_MS) return;
    this.#looked = performance.now();
    const discardedTime = await changedAt(join(this.#directory, FILES.discarded));
    const folderTime = await changedAt(join(this.#directory, FILES.rollouts));
    if (folderTime === this.#folderTime && discardedTime === this.#discardedTime) return;
    const steps = await rolloutSteps(this.#directory);
    // one that is gone may come again as another
    const isGone = this.#steps.length > 0 && !isContained(this.#steps, steps);
    if (isGone || (this.#discardedTime >= 0 && discardedTime !== this.#discardedTime)) this.#generation++;
    this.#steps = steps;
    // a folder that changed this very moment may change again without its time showing it
    this.#folderTime = Date.now() - folderTime < 2000 ? -1 : folderTime;
    this.#discardedTime = discardedTime;
  }
}

/**
 * The path of a step's rollouts, which lie where they seem to: links out of the run are not followed.
 * @param directory real, of the run
 * @throws UserError when there is no such file, or it is something else
 */
export async function rolloutFileOf(directory: string, step: number): Promise<string> {
  const path = rolloutPath(directory, step);
  if ((await plainFile(directory, `${FILES.rollouts}/${basename(path)}`)) === undefined)
    throw new UserError(`${path} is not there, or no plain file of its run: step ${step} has no rollouts to read`);
  return path;
}

/** Milliseconds; 0 where there is nothing. */
async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}

/** Both ascending. */
function isContained(part: readonly number[], whole: readonly number[]): boolean {
  let at = 0;
  for (const step of whole) if (step === part[at]) at++;
  return at === part.length;
}
