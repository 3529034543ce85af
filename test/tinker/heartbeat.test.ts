/** The session stays alive while this thread computes, and ends with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { Session } from '../../src/engine/tinker/session.ts';

/** A server in a thread of its own: the test's own thread is about to be blocked. Tells when heartbeats came. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
const beats = [];
const server = createServer((request, response) => {
  const isBeat = request.url.endsWith('session_heartbeat');
  if (isBeat) beats.push(performance.timeOrigin + performance.now());
  const body = request.url.endsWith('create_session') ? { session_id: 'one' } : {};
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => parentPort.postMessage(beats.splice(0)));
`;

const message = <Content>(worker: Worker): Promise<Content> =>
  new Promise((resolve) => worker.once('message', resolve));

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('beats while the main thread is blocked for many periods, and stops when the session closes', async () => {
  const server = new Worker(SERVER, { eval: true });
  try {
    const port = await message<number>(server);
    const heartbeatMs = 50;
    const session = await Session.open({ baseUrl: `http://127.0.0.1:${port}`, heartbeatMs });
    // until its thread is up
    for (let beats: number[] = []; beats.length === 0; ) {
      await sleep(20);
      server.postMessage('beats');
      beats = await message<number[]>(server);
    }
    const began = performance.timeOrigin + performance.now();
    block(20 * heartbeatMs);
    const ended = performance.timeOrigin + performance.now();
    server.postMessage('beats');
    const beats = (await message<number[]>(server)).filter((at) => at > began && at < ended);
    expect(beats.length).toBeGreaterThanOrEqual(10);
    const gaps = beats.slice(1).map((at, i) => at - beats[i]!);
    expect(Math.max(...gaps)).toBeLessThan(4 * heartbeatMs);

    await session.close();
    server.postMessage('beats');
    await message(server);
    await sleep(4 * heartbeatMs);
    server.postMessage('beats');
    expect(await message(server)).toEqual([]);
  } finally {
    await server.terminate();
  }
});
