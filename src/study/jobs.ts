/**
 * Many runs, some at a time. A run that fails does not stop the others. Knows neither what a run is nor how it is started.
 */

export interface Ended<Job> {
  readonly job: Job;
  /** Absent when it went well. */
  readonly failure?: unknown;
}

/** Works through `jobs` in order, `parallel` at a time; after an abort nothing new begins. Resolves when all that began have ended. */
export async function runJobs<Job extends object>(
  jobs: readonly Job[],
  parallel: number,
  work: (job: Job) => Promise<void>,
  { signal, onEnd }: { readonly signal: AbortSignal; readonly onEnd: (ended: Ended<Job>) => void },
): Promise<void> {
  let next = 0;
  const slot = async (): Promise<void> => {
    for (let job = jobs[next++]; job !== undefined && !signal.aborted; job = jobs[next++]) {
      const begun = job;
      const failure = await work(begun).then(
        () => undefined,
        (error: unknown) => ({ failure: error }),
      );
      onEnd({ job: begun, ...failure });
    }
  };
  await Promise.all(Array.from({ length: parallel }, slot));
}

export interface Pace {
  /** Work in runs: 12.5 of 30. */
  readonly done: number;
  readonly total: number;
  /** `done` when this invocation began, and the time since. */
  readonly doneBefore: number;
  readonly elapsedSeconds: number;
}

/** At the pace of this invocation so far; absent before there is one. 2 of 10 runs in 60 s -> 240 s. */
export function remainingSeconds({ done, total, doneBefore, elapsedSeconds }: Pace): number | undefined {
  const gained = done - doneBefore;
  return gained > 0 ? (elapsedSeconds / gained) * (total - done) : undefined;
}
