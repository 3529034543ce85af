import { describe, expect, it } from 'vitest';
import { remainingSeconds, runJobs } from './jobs.ts';

const jobs = [1, 2, 3, 4, 5].map((n) => ({ n }));
const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('jobs', () => {
  it.each([1, 2, 9])('are all done, %d at a time and never more', async (parallel) => {
    let [running, most] = [0, 0];
    const ended: number[] = [];
    const work = async () => {
      most = Math.max(most, ++running);
      await tick();
      running--;
    };
    const signal = new AbortController().signal;
    await runJobs(jobs, parallel, work, { signal, onEnd: ({ job }) => ended.push(job.n) });
    expect(most).toBe(Math.min(parallel, 5));
    expect(ended.sort()).toEqual([1, 2, 3, 4, 5]);
  });

  it('go on when one fails, and say which and why', async () => {
    const ended: unknown[] = [];
    const work = async ({ n }: { n: number }) => {
      if (n === 2) throw new Error('two');
    };
    const signal = new AbortController().signal;
    await runJobs(jobs, 1, work, { signal, onEnd: ({ job, failure }) => ended.push([job.n, String(failure)]) });
    expect(ended).toEqual([1, 2, 3, 4, 5].map((n) => [n, n === 2 ? 'Error: two' : 'undefined']));
  });

  it('stop beginning after an abort, and wait for what runs', async () => {
    const controller = new AbortController();
    const ended: number[] = [];
    const work = async ({ n }: { n: number }) => {
      if (n === 2) controller.abort();
      await tick();
    };
    await runJobs(jobs, 2, work, { signal: controller.signal, onEnd: ({ job }) => ended.push(job.n) });
    expect(ended).toEqual([1, 2]);
  });
});

describe('the time left', () => {
  it('is at the pace of this invocation: 2 runs in 60 s, 8 to go', () => {
    expect(remainingSeconds({ done: 2, total: 10, doneBefore: 0, elapsedSeconds: 60 })).toBe(240);
    expect(remainingSeconds({ done: 6, total: 10, doneBefore: 4, elapsedSeconds: 60 })).toBe(120);
  });

  it('is unknown before anything is done', () => {
    expect(remainingSeconds({ done: 4, total: 10, doneBefore: 4, elapsedSeconds: 60 })).toBeUndefined();
  });
});
