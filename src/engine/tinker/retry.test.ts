import { expect, test } from 'vitest';
import { NotedClock, type Scripted, scriptedServer, transportTo } from '../../../test/tinker/scripted-server.ts';
import { TinkerError } from './failure.ts';
import { type InsistOptions, insist, waitMs } from './retry.ts';

const OUTGOING = { path: 'optim_step', pool: 'train', body: { a: 1 }, timeoutMs: 20_000 } as const;
const GOOD = { body: { request_id: '7' } };

async function outcomeOf(answers: readonly Scripted[], options: InsistOptions = {}) {
  const server = await scriptedServer(...answers);
  const clock = new NotedClock();
  const transport = transportTo(server, clock);
  const said = await insist(transport, OUTGOING, options).then(
    (answer) => answer.status,
    (error: unknown) => error,
  );
  return { said, requests: server.asked.length, server, clock, transport };
}

test.each<[string, readonly Scripted[]]>([
  ['408', [408, GOOD]],
  ['409, which passes for a sequence number', [409, GOOD]],
  ['425', [425, GOOD]],
  ['429', [429, GOOD]],
  ['500, 502, 503 and 504', [500, 502, 503, 504, GOOD]],
  ['402, until the bill is paid', [402, 402, GOOD]],
  ['an empty 400, which is a proxy', [400, GOOD]],
  ['a cut connection', ['reset', GOOD]],
  ['half an answer', [{ body: '{"request_i', type: 'application/json' }, GOOD]],
])('%s is repeated', async (_, answers) => {
  const { said, requests } = await outcomeOf(answers);
  expect([said, requests]).toEqual([200, answers.length]);
});

test.each<[number, string, InsistOptions]>([
  [400, 'request', {}],
  [401, 'auth', {}],
  [403, 'auth', {}],
  [404, 'lost', {}],
  [409, 'conflict', { isConflictFinal: true }],
  [410, 'gone', {}],
  [422, 'request', {}],
])('%i is final: %s', async (status, kind, options) => {
  const { said, requests } = await outcomeOf([{ status, body: { detail: 'so it is' } }, GOOD], options);
  expect(said).toBeInstanceOf(TinkerError);
  expect(said).toMatchObject({ kind, status, message: expect.stringContaining('so it is') });
  expect(requests).toBe(1);
});

test('repeats carry the same body and the same idempotency key, other requests another one', async () => {
  const { server, transport } = await outcomeOf([500, 'reset', GOOD]);
  await insist(transport, OUTGOING);
  const keys = server.asked.map(({ headers }) => headers['x-idempotency-key']);
  expect(new Set(keys.slice(0, 3)).size).toBe(1);
  expect(keys[3]).not.toBe(keys[0]);
  expect(new Set(server.asked.map(({ body }) => body))).toEqual(new Set(['{"a":1}']));
});

test('waits double from half a second, less up to a quarter, and heed what the server asks for', async () => {
  const { clock } = await outcomeOf([500, 500, 500, { status: 503, body: '', headers: { 'retry-after': '7' } }, GOOD]);
  const [first, second, third, asked] = clock.sleeps as [number, number, number, number];
  for (const [wait, most] of [
    [first, 500],
    [second, 1000],
    [third, 2000],
  ] as const) {
    expect(wait).toBeLessThanOrEqual(most);
    expect(wait).toBeGreaterThanOrEqual(0.75 * most);
  }
  expect(asked).toBe(7000);
  expect(waitMs(40, undefined, 'x')).toBeLessThanOrEqual(30_000);
  // a server may not stop us for longer than a minute
  expect(waitMs(0, 3_600_000, 'x')).toBeLessThanOrEqual(500);
  expect(waitMs(3, undefined, 'one')).not.toBe(waitMs(3, undefined, 'another'));
});

test('a server that only fails is given up as lost after its time, one that nobody answers at sooner', async () => {
  const failing = await outcomeOf([503]);
  expect(failing.said).toMatchObject({ kind: 'lost', retryable: true });
  expect(failing.clock.now()).toBeGreaterThan(300_000);
  expect(failing.clock.now()).toBeLessThan(340_000);

  const server = await scriptedServer(GOOD);
  const clock = new NotedClock();
  // a port that was free a moment ago
  const nobody = transportTo({ baseUrl: 'http://127.0.0.1:1' }, clock);
  await expect(insist(nobody, OUTGOING)).rejects.toMatchObject({ kind: 'lost' });
  expect(clock.now()).toBeLessThan(70_000);
  expect(server.asked).toEqual([]);
});

test('a bill is waited for as long as the server allows, then named', async () => {
  const server = await scriptedServer(402);
  const clock = new NotedClock();
  const transport = transportTo(server, clock, { billingMs: 20_000 });
  await expect(insist(transport, OUTGOING)).rejects.toMatchObject({ kind: 'billing' });
  expect(clock.sleeps).toEqual([5000, 5000, 5000, 5000, 5000]);
});

test('a busy server is waited for in the way of the caller, without end', async () => {
  let waits = 0;
  const onBusy = async () => {
    waits++;
  };
  const { said, clock } = await outcomeOf([...new Array<Scripted>(30).fill(429), GOOD], { onBusy });
  expect([said, waits, clock.sleeps.length]).toEqual([200, 30, 0]);
});

test('the key is in no message, whatever the server says', async () => {
  const body = { detail: 'bad key tml-secret\u001b[31m given' };
  const { said } = await outcomeOf([{ status: 401, body }]);
  expect((said as Error).message).not.toContain('tml-secret');
  expect((said as Error).message).toContain('bad key [key]');
  expect((said as Error).message).not.toContain('\u001b');
  expect((said as Error).message).toContain('TINKER_API_KEY');
});

test('an aborted request ends with the reason of its signal', async () => {
  const server = await scriptedServer('silence');
  const transport = transportTo(server, new NotedClock());
  const controller = new AbortController();
  const asked = insist(transport, { ...OUTGOING, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 20);
  await expect(asked).rejects.toThrow('enough');
});
