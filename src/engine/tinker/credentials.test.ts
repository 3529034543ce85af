import { expect, test } from 'vitest';
import { NotedClock } from '../../../test/tinker/scripted-server.ts';
import { Credentials, credentialsOf } from './credentials.ts';

/** A token that ends `seconds` from this moment. */
const tokenFor = (name: string, seconds: number): string => {
  const payload = Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + seconds })).toString('base64url');
  return `${name}.${payload}.signature`;
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

const nameIn = (headers: Readonly<Record<string, string>>) => headers['x-api-key']?.split('.')[0];

test('the environment says who we are, in the names of the official client', () => {
  const environment = {
    TINKER_API_KEY: 'tml-a',
    TINKER_CREDENTIAL_CMD: '',
    CLOUDFLARE_ACCESS_CLIENT_ID: 'id',
    CLOUDFLARE_ACCESS_CLIENT_SECRET: 'secret',
  };
  expect(credentialsOf(environment)).toEqual({
    apiKey: 'tml-a',
    command: undefined,
    access: { clientId: 'id', clientSecret: 'secret' },
  });
  expect(() => credentialsOf({ CLOUDFLARE_ACCESS_CLIENT_ID: 'id' })).toThrow('belong together');
});

test('a key travels in x-api-key, and is a secret', async () => {
  const credentials = new Credentials({ apiKey: 'tml-a' }, new NotedClock());
  expect(await credentials.headers()).toEqual({ 'x-api-key': 'tml-a' });
  expect(credentials.secrets()).toEqual(['tml-a']);
  expect(credentials.isSecret).toBe(true);
  expect(new Credentials({}, new NotedClock()).isSecret).toBe(false);
});

test('a command is asked once, and what it says is shown to nobody', async () => {
  const credentials = new Credentials({ command: 'echo tml-$((40 + 2))' }, new NotedClock());
  expect(await credentials.headers()).toEqual({ 'x-api-key': 'tml-42' });
  expect(credentials.secrets()).toContain('tml-42');
  const failing = new Credentials({ command: 'echo tml-secret; echo tml-secret >&2; exit 3' }, new NotedClock());
  const refusal = await failing.headers().catch((error: Error) => error.message);
  expect(refusal).toContain('ended with code 3');
  expect(refusal).not.toContain('tml-secret');
  await expect(new Credentials({ command: 'echo two words' }, new NotedClock()).headers()).rejects.toThrow(
    'nothing else',
  );
});

test('tokens are renewed five minutes before they end, in the background, and not twice a minute', async () => {
  const clock = new NotedClock();
  const credentials = new Credentials({ apiKey: 'tml-a' }, clock);
  const keys: string[] = [];
  await credentials.exchangeKey(async (headers) => {
    keys.push(headers['x-api-key'] ?? '');
    if (keys.length === 2) throw new Error('not now');
    return tokenFor(`token${keys.length}`, 600);
  });
  expect(nameIn(await credentials.headers())).toBe('token1');
  clock.pass(290_000);
  expect(nameIn(await credentials.headers())).toBe('token1');
  expect(keys.length).toBe(1);
  clock.pass(20_000);
  // in the last five minutes: asked for, which fails, and the old one is still good
  expect(nameIn(await credentials.headers())).toBe('token1');
  await credentials.headers();
  expect(keys.length).toBe(2);
  await settled();
  clock.pass(61_000);
  await credentials.headers();
  await settled();
  expect(nameIn(await credentials.headers())).toBe('token3');
  // the key itself is sent for tokens alone
  expect(new Set(keys)).toEqual(new Set(['tml-a']));
  expect(credentials.secrets().length).toBe(2);
});

test('a token that ends this minute is waited for', async () => {
  const clock = new NotedClock();
  const credentials = new Credentials({ apiKey: 'tml-a' }, clock);
  let count = 0;
  await credentials.exchangeKey(async () => tokenFor(`token${++count}`, 600));
  clock.pass(550_000);
  const both = await Promise.all([credentials.headers(), credentials.headers()]);
  expect(both.map(nameIn)).toEqual(['token2', 'token2']);
});
