/** What the dashboard's server refuses, asked over real HTTP. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMON_ROUTES, removeFolder, routesOf, type Served, served, temporaryFolder, trainedRun } from './served.ts';

const SECRET = 'the-content-of-a-file-outside';
let folder: string;
let root: string;
let server: Served;

beforeAll(async () => {
  folder = temporaryFolder();
  root = join(folder, 'runs');
  fs.mkdirSync(root);
  await trainedRun(root, 'echo');
  await trainedRun(join(root, 'group'), 'inner');
  fs.writeFileSync(join(folder, 'secret.txt'), SECRET);
  fs.mkdirSync(join(folder, 'elsewhere'));
  fs.writeFileSync(join(folder, 'elsewhere', 'run.yaml'), `name: ${SECRET}`);
  server = await served(root);
});

afterAll(async () => {
  await server.close();
  removeFolder(folder);
});

describe('who is answered', () => {
  it.each([
    ['a name that was made to lead here', 'evil.example', 403],
    ['the same with the port', 'evil.example:PORT', 403],
    ['another address of this machine', '0.0.0.0:PORT', 403],
    ['a name that only begins like ours', '127.0.0.1.evil.example:PORT', 403],
    ['ours', '127.0.0.1:PORT', 200],
    ['ours by name', 'localhost:PORT', 200],
    ['ours of the other kind', '[::1]:PORT', 200],
  ])('Host: %s', async (_, host, status) => {
    const { status: found, json } = await server.ask('/api/runs', {
      headers: { host: host.replace('PORT', String(server.port)) },
    });
    expect(found).toBe(status);
    if (status === 403) expect(json).toMatchObject({ error: 'refused', message: expect.stringContaining('Host') });
  });

  it.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['http://127.0.0.1:1', 403],
    ['http://127.0.0.1:PORT', 200],
  ])('Origin: %s', async (origin, status) => {
    const headers = { origin: origin.replace('PORT', String(server.port)) };
    expect((await server.ask('/api/runs', { headers })).status).toBe(status);
  });

  it('pages of other sites, and of other ports of this machine, may link here but not ask', async () => {
    for (const site of ['cross-site', 'same-site']) {
      const from = (mode: string) => ({ headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode } });
      expect((await server.ask('/api/runs', from('cors'))).status).toBe(403);
      expect((await server.ask('/files/echo/run.yaml', from('no-cors'))).status).toBe(403);
      expect((await server.ask('/', from('navigate'))).status).toBe(200);
    }
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('%s changes nothing', async (method) => {
    for (const path of ['/api/runs', '/files/echo/run.yaml', '/nowhere']) {
      const { status, json } = await server.ask(path, { method });
      expect(status).toBe(405);
      expect(json.message).toContain('GET and HEAD');
    }
  });

  it('HEAD is GET without the content', async () => {
    const [got, headed] = [await server.ask('/api/glossary'), await server.ask('/api/glossary', { method: 'HEAD' })];
    expect([headed.status, headed.text]).toEqual([got.status, '']);
  });
});

it('every answer forbids sniffing and framing by others, allows the page its own scripts alone, and lets no other site read', async () => {
  const paths = [...COMMON_ROUTES, ...routesOf('echo'), '/nowhere', '/api/runs/nobody', '/api/runs?limit=1'];
  for (const path of paths) {
    const { headers } = await server.ask(path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(path === '/' ? /^default-src 'self'/ : /^default-src 'none'/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

describe('no path leads out of a run', () => {
  beforeAll(() => {
    fs.symlinkSync(join(folder, 'secret.txt'), join(root, 'echo', 'link.txt'));
    fs.symlinkSync(folder, join(root, 'echo', 'linked'));
    fs.symlinkSync(join(folder, 'elsewhere'), join(root, 'linked-run'));
    fs.writeFileSync(join(root, 'echo', '.hidden'), SECRET);
    execFileSync('mkfifo', [join(root, 'echo', 'pipe.txt')]);
    fs.symlinkSync(join(folder, 'secret.txt'), join(root, 'echo', 'discarded'));
  });

  it.each([
    '/files/echo/../../secret.txt',
    '/files/echo/%2e%2e/%2e%2e/secret.txt',
    '/files/echo/..%2f..%2fsecret.txt',
    '/files/echo/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/files/echo/..%5c..%5csecret.txt',
    '/files/echo/%252e%252e%252fsecret.txt',
    '/files/echo//../../secret.txt',
    '/files/echo/run.yaml%00.txt',
    '/files/echo/%00',
    '/files/echo/%ff%fe',
    '/files/echo/%',
    '/files/echo/.hidden',
    '/files/echo/link.txt',
    '/files/echo/linked/secret.txt',
    '/files/echo/linked/elsewhere/run.yaml',
    '/files/echo/discarded',
    '/files/echo/pipe.txt',
    '/files/echo/',
    '/files/echo/checkpoints',
    '/files/linked-run/run.yaml',
    '/files/../secret.txt',
    '/files/%2e%2e/secret.txt',
    '/files/..%2f/secret.txt',
    '/files/group%2f..%2f..%2f/secret.txt',
    '/files/group%2finner%2f..%2f..%2f../secret.txt',
    '/files/%2fetc/passwd',
    '/files/echo%00/run.yaml',
    '/files/group/inner/run.yaml',
    '/api/runs/..%2felsewhere',
    '/api/runs/%2e%2e%2felsewhere',
    '/api/runs/linked-run',
    '/api/runs/echo%00',
    '/api/runs/echo%2fcheckpoints%2fstep-000003%2fx',
    '/api/runs/echo/rollouts/..%2f..%2f/0',
    '/api/compare?runs=../elsewhere,echo',
    '/api/stream?runs=../elsewhere',
    '/api/studies/..%2felsewhere',
    '/api/studies/..%2felsewhere/report',
    '/static/../../secret.txt',
    '/%2e%2e/%2e%2e/etc/passwd',
  ])('%s', async (path) => {
    const { status, text } = await server.ask(path);
    expect([400, 403, 404]).toContain(status);
    expect(text).not.toContain(SECRET);
    expect(server.bugs).toEqual([]);
  });

  it('nor does one that is very long', async () => {
    for (const path of [`/files/echo/${'a/'.repeat(3000)}b`, `/api/runs/${'a'.repeat(10_000)}`])
      expect((await server.ask(path)).status).toBe(404);
  });

  it('links are said to be links', async () => {
    expect((await server.ask('/files/echo/link.txt')).json.message).toContain('a link that leads out of the run');
    expect((await server.ask('/api/runs/linked-run')).json.message).toContain('a link that leads out of');
    expect((await server.ask('/api/runs')).json.notes).toContainEqual('"linked-run" is a link, left out');
  });

  it('a run’s own files are given as downloads, never as pages', async () => {
    fs.writeFileSync(join(root, 'echo', 'page.html'), '<script>alert(1)</script>');
    const { status, headers } = await server.ask('/files/echo/page.html');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="page.html"',
    });
    const inner = await server.ask('/files/group%2Finner/checkpoints/step-000003/state.json');
    expect([inner.status, inner.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    const { files } = (await server.ask('/api/runs/echo')).json;
    const paths = files.map((file: { path: string }) => file.path);
    expect(paths).toContain('metrics.jsonl');
    for (const unsafe of ['link.txt', '.hidden', 'pipe.txt', 'discarded']) expect(paths).not.toContain(unsafe);
  });
});

it.each([
  ['rollouts?limit=1e9', 'limit must be a whole number from 1 to 500, got "1e9"'],
  ['rollouts?limit=1000000000', 'limit must be'],
  ['rollouts?limit=-1', 'limit must be'],
  ['rollouts?limit=0', 'limit must be'],
  ['rollouts?limit=NaN', 'limit must be'],
  ['rollouts?limit=Infinity', 'limit must be'],
  ['rollouts?limit=1.5', 'limit must be'],
  ['rollouts?limit=0x10', 'limit must be'],
  ['rollouts?limit=99999999999999999999', 'limit must be'],
  ['rollouts?limit=1&limit=2', 'limit is given 2 times'],
  ['rollouts?offset=-5', 'offset must be a whole number from 0'],
  ['rollouts?minTokens=many', 'minTokens must be'],
  ['rollouts?truncated=perhaps', 'truncated must be one of true, false'],
  ['rollouts?sort=tokens;drop', 'sort must be one of step, -step'],
  ['rollouts?outcome=good', 'outcome must be one of correct, incorrect, unknown'],
  ['rollouts?step=9-3', 'step must be a number or a range like 2-5'],
  ['rollouts?step=1.5', 'step must be a whole number'],
  ['rollouts?reward=a..b', 'reward must be a number or a range like 2..5'],
  ['rollouts?reward=NaN', 'reward must be'],
  ['rollouts?problem=%00', 'problem holds a NUL character'],
  ['rollouts?colour=red', 'colour is unknown'],
  ['rollouts?__proto__=1', '__proto__ is unknown'],
  ['rollouts/1e3/0', 'step must be a whole number'],
  ['rollouts/2/-1', 'row must be a whole number'],
  ['metrics?from=NaN', 'from must be'],
  ['metrics?from=-1', 'from must be'],
  ['events?all=1', 'all is unknown; there is none here'],
])('an impossible query is refused by name: %s', async (query, message) => {
  const { status, json } = await server.ask(`/api/runs/echo/${query}`);
  expect(status).toBe(400);
  expect(json.error).toBe('bad-query');
  expect(json.message).toContain(message);
});

it('so is one that is too long', async () => {
  const said = async (query: string) => (await server.ask(`/api/runs/echo/${query}`)).json.message;
  expect(await said(`rollouts?text=${'a'.repeat(201)}`)).toBe('text may have 200 characters, got 201');
  expect(await said(`metrics?keys=${'a,'.repeat(201)}`)).toBe('keys may name 200, got 202');
});

it('names of folders that no run has are left out and said, whatever they are', async () => {
  const names = [
    '<img src=x onerror=alert(1)>',
    '-rf',
    'a b',
    "it's",
    '$(reboot)',
    'new\nline',
    'x'.repeat(200),
    'ends.',
  ];
  for (const name of names) {
    fs.mkdirSync(join(root, name));
    fs.writeFileSync(join(root, name, 'run.yaml'), 'name: x');
  }
  const { status, json } = await server.ask('/api/runs');
  expect(status).toBe(200);
  const runs = json.runs.map((run: { run: string }) => run.run);
  for (const name of names) {
    expect(runs).not.toContain(name);
    expect(json.notes).toContainEqual(`${JSON.stringify(name.slice(0, 100))} is no name of a run, left out`);
    expect((await server.ask(`/api/runs/${encodeURIComponent(name)}`)).status).toBe(404);
    fs.rmSync(join(root, name), { recursive: true });
  }
});

it('a whole session leaves every file as it was, names and times included', async () => {
  const before = listing(root);
  for (const path of [...COMMON_ROUTES, ...routesOf('echo'), ...routesOf('group/inner')])
    expect((await server.ask(path)).status).toBe(200);
  expect(listing(root)).toEqual(before);
});

it('the environment is served nowhere', async () => {
  process.env['POLARITY_TEST_SECRET'] = SECRET;
  const paths = COMMON_ROUTES.concat(routesOf('echo'));
  for (const path of paths) expect((await server.ask(path)).text).not.toContain(SECRET);
});

describe('an address that other machines reach', () => {
  it('is refused unless an option says so', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.0.7', 'example.com'])
      await expect(served(root, { host })).rejects.toThrow('--open-to-network');
  });

  it('then takes addresses of digits and this machine’s name, and no other name', async () => {
    const open = await served(root, { host: '0.0.0.0', isOpenToNetwork: true });
    try {
      const statusOf = async (host: string) => (await open.ask('/api/runs', { headers: { host } })).status;
      expect(await statusOf(`192.168.0.7:${open.port}`)).toBe(200);
      expect(await statusOf(`evil.example:${open.port}`)).toBe(403);
    } finally {
      await open.close();
    }
  });
});

/** Every path with size, time of change and mode. */
function listing(directory: string): string[] {
  return fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { size, mtimeMs, ctimeMs, mode } = fs.lstatSync(join(directory, name));
      return `${name} ${size} ${mtimeMs} ${ctimeMs} ${mode}`;
    })
    .sort();
}
