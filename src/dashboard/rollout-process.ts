/**
 * The process that reads rollout files, one job after the other. A damaged file can make the decoder run for ever or take all memory:
 * it happens here, where who asked can end it (see rollout-reader.ts).
 */
import { constants, setPriority } from 'node:os';
import { endBeyond } from '../core/bounded-process.ts';
import { RolloutFile } from '../journal/rollout-file.ts';
import { answer } from './rollout-decode.ts';
import type { Job, Reply } from './rollout-jobs.ts';

async function done(job: Job): Promise<Reply> {
  try {
    const file = await RolloutFile.open(job.path);
    try {
      return { value: await answer(file, job) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

const say = (reply: Reply): boolean | undefined => process.send?.(reply);

const [memoryBytes, pace] = process.argv.slice(2);
endBeyond(Number(memoryBytes));
// training goes first
if (pace === 'background') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.on('disconnect', () => process.exit());
process.on('message', (job: Job) => {
  void done(job).then(say);
});
say({ ready: true });
