/** The main thread's side of a session's heartbeat. */
import { Worker } from 'node:worker_threads';
import { builtModule } from '../../core/built-module.ts';
import type { HeartbeatOrders, HeartbeatReport } from './heartbeat-worker.ts';

export interface Heartbeat {
  /** New credentials, once the old ones run out. */
  renew(headers: Readonly<Record<string, string>>): void;
  stop(): Promise<void>;
}

/** Does not keep the process alive. @param onDeath the thread ended by itself, which is a fault of ours */
export function startHeartbeat(
  orders: HeartbeatOrders,
  onReport: (report: HeartbeatReport) => void,
  onDeath: (error: Error) => void,
): Heartbeat {
  // empty: the thread needs none of our environment, and must not inherit flags that make no sense there
  const worker = new Worker(builtModule(import.meta.url, './heartbeat-worker.js'), {
    workerData: orders,
    env: {},
    execArgv: [],
    name: 'heartbeat',
  });
  worker.unref();
  worker.on('message', onReport);
  worker.on('error', onDeath);
  return {
    renew: (headers) => worker.postMessage(headers),
    stop: async () => {
      worker.removeAllListeners();
      // a late error of a thread that is being ended is nobody's
      worker.on('error', () => {});
      await worker.terminate();
    },
  };
}
