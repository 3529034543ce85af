/**
 * The thread that keeps a session alive while the main thread computes for minutes: one small request every few seconds, nothing else.
 * Given: address, session, headers, interval; told: new headers. Tells: how each heartbeat was answered.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Http } from './http.ts';
import { toWire } from './keys.ts';

export interface HeartbeatOrders {
  readonly baseUrl: string;
  readonly sessionId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly everyMs: number;
}

/** Status of the answer; absent: there was none. */
export interface HeartbeatReport {
  readonly status: number | undefined;
}

const TIMEOUT_MS = 10_000;

const orders = workerData as HeartbeatOrders;
const http = new Http(orders.baseUrl);
let { headers } = orders;

async function beat(): Promise<void> {
  const began = performance.now();
  const outcome = await http.attempt({
    path: 'session_heartbeat',
    pool: 'session',
    body: toWire({ sessionId: orders.sessionId }) as object,
    headers,
    timeoutMs: TIMEOUT_MS,
  });
  const report: HeartbeatReport = { status: 'answer' in outcome ? outcome.answer.status : undefined };
  parentPort?.postMessage(report);
  setTimeout(() => void beat(), Math.max(0, orders.everyMs - (performance.now() - began)));
}

parentPort?.on('message', (changed: Readonly<Record<string, string>>) => {
  headers = changed;
});
setTimeout(() => void beat(), orders.everyMs);
