/** The session stays alive while this thread computes, and ends with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { Session } from '../../src/engine/tinker/session.ts';

/** A server in a thread of its own: the test's own thread is about to be blocked. Counts heartbeats where a blocked thread can see them. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort, workerData: beats } = require('node:worker_threads');
const server = createServer((request, response) => {
  if (request.url.endsWith('session_heartbeat')) {
    Atomics.add(beats, 0, 1);
    Atomics.notify(beats, 0);
  }
  const body = request.url.endsWith('create_session') ? { session_id: 'one' } : {};
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Blocks this thread until that many heartbeats have come, or none comes any more. */
function blockUntil(count: number, beats: Int32Array): void {
  for (;;) {
    const seen = Atomics.load(beats, 0);
    if (seen >= count || Atomics.wait(beats, 0, seen, 20_000) === 'timed-out') return;
  }
}

it('beats while the main thread is blocked for many periods, and stops when the session closes', async () => {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const server = new Worker(SERVER, { eval: true, workerData: beats });
  try {
    const port = await new Promise<number>((resolve) => server.once('message', resolve));
    const heartbeatMs = 50;
    const session = await Session.open({ baseUrl: `http://127.0.0.1:${port}`, heartbeatMs });
    // until its thread is up
    while (beats[0] === 0) await sleep(20);
    const first = Atomics.load(beats, 0);
    blockUntil(first + 20, beats);
    expect(beats[0]).toBeGreaterThanOrEqual(first + 20);

    await session.close();
    await sleep(heartbeatMs);
    const last = beats[0];
    await sleep(4 * heartbeatMs);
    expect(beats[0]).toBe(last);
  } finally {
    await server.terminate();
  }
});
