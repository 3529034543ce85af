import { expect, test } from 'vitest';
import { NotedClock, type Scripted, scriptedServer, transportTo } from '../../../test/tinker/scripted-server.ts';
import { retrieve } from './futures.ts';
import { Gate } from './gate.ts';
import type { Answer } from './http.ts';
import type { Patience } from './retry.ts';

const DONE = { body: { value: 42 } };

const decode = ({ bytes }: Answer): number => {
  const { value } = JSON.parse(new TextDecoder().decode(bytes)) as { value?: unknown };
  if (typeof value !== 'number') throw new Error('no value');
  return value;
};

async function outcomeOf(
  answers: readonly Scripted[],
  options: { pollMs?: number; patience?: Partial<Patience> } = {},
) {
  const server = await scriptedServer(...answers);
  const clock = new NotedClock();
  const transport = transportTo(server, clock, options.patience);
  const queue: string[] = [];
  const settings = { downloads: new Gate(1000), pollMs: options.pollMs ?? 5000, onQueue: (s: string) => queue.push(s) };
  const said = await retrieve(transport, settings, { requestId: '7', type: 'OptimStep', decode }).catch(
    (error: unknown) => error,
  );
  return { said, server, clock, queue, requests: server.asked.length };
}

test.each<[string, readonly Scripted[]]>([
  ['408', [408, DONE]],
  ['try_again', [{ body: { type: 'try_again', request_id: '7', queue_state: 'active' } }, DONE]],
  ['429', [429, DONE]],
  ['500 and 503', [500, 503, DONE]],
  ['402', [402, DONE]],
  ['an empty 400', [400, DONE]],
  ['a cut connection', ['reset', DONE]],
  ['half a result', [{ body: '{"val', type: 'application/json' }, DONE]],
])('after %s it is asked for again', async (_, answers) => {
  const { said, requests } = await outcomeOf(answers);
  expect([said, requests]).toEqual([42, answers.length]);
});

test.each<[string, Scripted, string]>([
  ['a failed operation, as the hosted server says it', { body: { error: 'no', category: 'server' } }, 'failed'],
  ['our fault, as the hosted server says it', { body: { error: 'too long', category: 'user' } }, 'request'],
  ['a failed operation, as SkyRL says it', { status: 400, body: { detail: 'no' } }, 'failed'],
  ['a model that died with its server', { status: 400, body: { detail: 'Model model_1 not loaded (likely)' } }, 'lost'],
  ['an unknown result', { status: 404, body: { detail: 'Future not found' } }, 'lost'],
  ['a forgotten result', { status: 410, body: '' }, 'gone'],
  ['a refused key', { status: 403, body: '' }, 'auth'],
  ['something that is no result', { body: { other: 1 } }, 'failed'],
])('%s ends it', async (_, answer, kind) => {
  expect((await outcomeOf([answer])).said).toMatchObject({ kind });
});

test('a poll that ends in our own time limit is not ready as long as the server answers others', async () => {
  const server = await scriptedServer('silence', 'silence', 'silence', DONE);
  const clock = new NotedClock();
  const transport = transportTo(server, clock, { totalMs: 15 });
  const settings = { downloads: new Gate(1000), pollMs: 30 };
  // another request of the client is answered all the while
  const heartbeat = setInterval(() => transport.http.noteAnswer(), 5);
  const passing = setInterval(() => clock.pass(10), 10);
  const value = await retrieve(transport, settings, { requestId: '7', type: 'OptimStep', decode });
  clearInterval(heartbeat);
  clearInterval(passing);
  expect(value).toBe(42);
  // and is asked for again at once
  expect(clock.sleeps).toEqual([]);
});

test('a server that says nothing to anyone is lost after our patience', async () => {
  const server = await scriptedServer('silence');
  const clock = new NotedClock();
  const transport = transportTo(server, clock, { totalMs: 50 });
  const passing = setInterval(() => clock.pass(10), 10);
  const asked = retrieve(transport, { downloads: new Gate(1), pollMs: 20 }, { requestId: '7', type: 'Sample', decode });
  await expect(asked).rejects.toMatchObject({ kind: 'lost' });
  clearInterval(passing);
  expect(server.asked.length).toBeGreaterThan(1);
});

test('an announced result is fetched whole, within the bytes that may be on their way', async () => {
  const announced = { body: { status: 'complete_metadata', response_payload_size: 700 } };
  const { said, server } = await outcomeOf([announced, DONE]);
  expect(said).toBe(42);
  expect(server.asked.map(({ body }) => JSON.parse(body).allow_metadata_only)).toEqual([true, false]);
});

test('a server that does not hold polls is asked less and less often, up to once a second', async () => {
  const { clock } = await outcomeOf([...new Array<Scripted>(10).fill(408), DONE]);
  expect(clock.sleeps).toEqual([10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000]);
});

test('why the server keeps us waiting is told when it changes', async () => {
  const waiting = (state: string) => ({ body: { type: 'try_again', queue_state: state } });
  const { queue } = await outcomeOf([waiting('active'), waiting('active'), waiting('paused_capacity'), DONE]);
  expect(queue).toEqual(['active', 'paused_capacity']);
});

test('requests say which and what kind of result they are for', async () => {
  const { server } = await outcomeOf([408, DONE]);
  expect(server.asked.map(({ headers }) => headers['x-tinker-request-iteration'])).toEqual(['0', '1']);
  expect(server.asked[0]!.headers['x-tinker-request-type']).toBe('OptimStep');
  expect(JSON.parse(server.asked[0]!.body).request_id).toBe('7');
});
