/** A child process that cannot outlive who started it, nor take more memory than it may, even in the middle of an endless loop. */
import { Worker } from 'node:worker_threads';

const WATCH = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  const isLost = process.ppid !== workerData.parent;
  if (isLost || process.memoryUsage.rss() > workerData.memoryBytes) process.kill(process.pid, 'SIGKILL');
}, 50);
`;

/** Ends this process with SIGKILL when its parent is gone, or when it takes more than `memoryBytes`: a thread looks every 50 ms. */
export function endBeyond(memoryBytes: number): void {
  new Worker(WATCH, { eval: true, workerData: { parent: process.ppid, memoryBytes } }).unref();
}
