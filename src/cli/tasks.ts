/** The only place that opens tasks for commands: those that name a verifier share one pool of killable workers. */
import { openTask, type TaskContext, type TaskSpec } from '../tasks/catalogue.ts';
import type { Task } from '../tasks/task.ts';
import { createVerifierPool, type VerifierPool } from '../verify/pool.ts';
import type { Verify } from '../verify/verifier.ts';

let pool: VerifierPool | undefined;

/** Decides in the process's pool, which starts its threads with the first decision and keeps nothing alive. */
export const verifyInPool: Verify = (request) => {
  pool ??= createVerifierPool();
  return pool.verify(request);
};

/** @param directoryOf where relative paths begin; absent: the working directory @throws UserError */
export function openRunTask(
  spec: TaskSpec,
  where: string,
  directoryOf: TaskContext['directoryOf'] = () => '.',
): Promise<Task> {
  return openTask(spec, where, { directoryOf, verify: verifyInPool });
}
