import { expect, test } from 'vitest';
import { NotedClock, scriptedServer, transportTo } from '../../../test/tinker/scripted-server.ts';
import { Http, isUnprotected } from './http.ts';
import { Session } from './session.ts';

test.each([
  ['tinker', 'must be an http(s) address'],
  ['ftp://a', 'must start with http:// or https://'],
  ['https://me:secret@a', 'must not hold a password'],
  ['https://a/x?key=1', 'without ? or #'],
])('%s is refused', (address, message) => {
  expect(() => new Http(address)).toThrow(message);
});

test('a trailing slash changes nothing', () => {
  expect(new Http('https://a/services/x/').baseUrl).toBe('https://a/services/x');
});

test('a key goes nowhere it can be read on the way', async () => {
  expect(['http://localhost:1', 'http://127.0.0.1', 'http://[::1]:8', 'https://a'].map(isUnprotected)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(isUnprotected('http://10.0.0.1')).toBe(true);
  const opening = Session.open({ baseUrl: 'http://10.0.0.1:1', credentials: { apiKey: 'tml-secret' } });
  await expect(opening).rejects.toThrow('not encrypted');
});

test('answers come with status, type, and where a redirection leads, which is not followed', async () => {
  const server = await scriptedServer({
    status: 302,
    body: { detail: 'there' },
    headers: { location: '/elsewhere' },
    type: 'application/json; charset=utf-8',
  });
  const { http } = transportTo(server, new NotedClock());
  const outcome = await http.attempt({ path: 'x', pool: 'session', body: { a: 'ü' }, timeoutMs: 20_000 });
  expect(outcome).toMatchObject({ answer: { status: 302, contentType: 'application/json', location: '/elsewhere' } });
  expect(server.asked.length).toBe(1);
  expect(http.traffic).toMatchObject({ requests: 1, bytesSent: 10, bytesReceived: 18 });
});

test('what cannot be answered is a fault, told apart: time, refusal, a cut', async () => {
  const faultOf = async (script: 'silence' | 'reset') => {
    const { http } = transportTo(await scriptedServer(script), new NotedClock());
    return http.attempt({ path: 'x', pool: 'session', timeoutMs: script === 'silence' ? 50 : 20_000 });
  };
  expect(await faultOf('silence')).toMatchObject({ fault: { isTimeout: true, isRefused: false } });
  expect(await faultOf('reset')).toMatchObject({ fault: { isTimeout: false, isRefused: false } });
  const nobody = new Http('http://127.0.0.1:1');
  expect(await nobody.attempt({ path: 'x', pool: 'session', timeoutMs: 20_000 })).toMatchObject({
    fault: { isTimeout: false, isRefused: true },
  });
  await nobody.close();
  await expect(nobody.attempt({ path: 'x', pool: 'session', timeoutMs: 20_000 })).rejects.toThrow('closed');
});
