/** The dashboard through the built command. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CopyCommand, RunDetail } from '../../src/dashboard/api.ts';
import { COMMON_ROUTES, routesOf } from '../dashboard/served.ts';
import { MAIN, type Process, polarity, ROOT, removeFolder, start, temporaryFolder } from './polarity.ts';

const ECHO = join(ROOT, 'examples', 'echo.yaml');
const SHORT = [
  'training.steps=8',
  'journal.checkpointsEvery=3',
  'journal.rolloutsEvery=2',
  'journal.keepCheckpoints=3',
];

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  const { exitCode } = await polarity(['train', ECHO, ...SHORT.flatMap((set) => ['--set', set])], folder);
  expect(exitCode).toBe(0);
});
afterAll(() => removeFolder(folder));

/** `http://127.0.0.1:1234/#/run/echo/charts` as soon as it is said. */
const addressOf = async ({ seen }: Process): Promise<URL> => new URL(await seen(/http:\/\/\S+(?=\n)/));

// biome-ignore lint/suspicious/noExplicitAny: the replies' shapes are what the tests assert
const json = async (address: URL, path: string): Promise<any> => (await fetch(new URL(path, address))).json();

describe('polarity ui', () => {
  it('serves the page and every route, tells the address, and ends with Ctrl-C', async () => {
    const ui = start(['ui', '--port', '0'], folder);
    const address = await addressOf(ui);
    expect(address.hostname).toBe('127.0.0.1');
    for (const path of [...COMMON_ROUTES, ...routesOf('echo')])
      expect([path, (await fetch(new URL(path, address))).status]).toEqual([path, 200]);
    const page = await (await fetch(address)).text();
    for (const [, path = ''] of page.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      expect([path, (await fetch(new URL(path, address))).status]).toEqual([path, 200]);
    expect(Object.keys(await json(address, '/api/glossary')).length).toBeGreaterThan(50);
    ui.kill('SIGINT');
    expect((await ui.outcome).exitCode).toBe(0);
  });

  it('of a run shows that run, among its neighbours', async () => {
    const ui = start(['ui', join('runs', 'echo'), '--port', '0'], folder);
    const address = await addressOf(ui);
    expect(address.hash).toBe('#/run/echo/charts');
    expect((await json(address, '/api/runs')).runs).toMatchObject([{ run: 'echo', status: 'finished' }]);
    ui.kill('SIGTERM');
    expect((await ui.outcome).exitCode).toBe(0);
  });

  it('needs no right to write anything: all routes answer in a process that has none', async (context) => {
    const flag = ['--experimental-permission', '--permission'].find((each) =>
      process.allowedNodeEnvironmentFlags.has(each),
    );
    if (flag === undefined) return context.skip('this Node cannot forbid writing');
    // the flags go on to the processes that read rollouts
    const rights = [flag, '--allow-fs-read=*', '--allow-child-process', '--allow-worker', '--no-warnings'];
    const ui = start(['ui', '--port', '0'], folder, rights);
    const address = await addressOf(ui);
    for (const path of [...COMMON_ROUTES, ...routesOf('echo')])
      expect([path, (await fetch(new URL(path, address))).status]).toEqual([path, 200]);
    ui.kill('SIGINT');
    expect((await ui.outcome).stderr).not.toContain('ERR_ACCESS_DENIED');
  });

  it('says what is wrong with a port, a host and a folder', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const port = String((other.address() as AddressInfo).port);
    const failure = async (...args: string[]) => {
      const { exitCode, stderr } = await polarity(['ui', ...args], folder);
      return [exitCode, stderr.trim()];
    };
    expect(await failure('--port', port)).toEqual([2, expect.stringContaining(`port ${port} is taken`)]);
    expect(await failure('--host', '0.0.0.0')).toEqual([2, expect.stringContaining('add --open-to-network')]);
    expect(await failure('--port', '70000')).toEqual([2, expect.stringContaining('from 0 to 65535')]);
    expect(await failure('nowhere')).toEqual([2, expect.stringContaining('there is no folder')]);
    expect(await failure(join('runs', 'echo', 'run.yaml'))).toEqual([2, expect.stringContaining('is a file')]);
    other.close();
  });
});

describe('train --ui', () => {
  it('tells the address of the run’s charts and ends with training', async () => {
    const steps = ['--set', 'training.steps=100000', '--set', 'journal.checkpointsEvery=0'];
    const training = start(['train', ECHO, '--name', 'watched', '--ui', ...steps], folder);
    const address = await training.seen(/http:\/\/127.0.0.1:\d+\S*(?=\n)/);
    expect(new URL(address).hash).toBe('#/run/watched/charts');
    const run = async () => (await json(new URL(address), '/api/runs/watched')).summary;
    expect(await run()).toMatchObject({ run: 'watched', status: 'running' });
    training.kill('SIGINT');
    expect((await training.outcome).exitCode).toBe(130);
    await expect.poll(() => fetch(address).catch(() => 'gone'), { timeout: 10_000 }).toBe('gone');
  });
});

describe('commands to copy', () => {
  it('do what they say, in the shell they are pasted into', async () => {
    const ui = start(['ui', '--port', '0'], folder);
    const address = await addressOf(ui);
    const bin = join(folder, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(join(bin, 'polarity'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`, { mode: 0o755 });
    const detail: RunDetail = await json(address, '/api/runs/echo');
    const said = new Map<CopyCommand['kind'], string>();
    const last = (a: CopyCommand) => (a.kind === 'resume' ? 1 : 0);
    for (const { kind, command } of detail.commands.toSorted((a, b) => last(a) - last(b))) {
      const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
      said.set(kind, execFileSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }));
    }
    expect([...said.keys()]).toEqual(['fork', 'replay', 'evaluate', 'sample', 'export', 'resume']);
    const summary = async (run: string) => (await json(address, `/api/runs/${run}`)).summary;
    expect(await summary('echo')).toMatchObject({ step: 16, status: 'finished' });
    expect(await summary('echo-fork')).toMatchObject({ step: 8, status: 'finished' });
    expect(await summary('echo-replay')).toMatchObject({ step: 7, status: 'stopped' });
    const rollout = async (run: string) =>
      (await json(address, `/api/runs/${run}/rollouts?step=7`)).rows[0]?.completion;
    expect(await rollout('echo-replay')).toEqual(expect.any(String));
    expect(fs.readdirSync(join(folder, 'runs', 'echo-policy'))).not.toEqual([]);
    const { differences } = await json(address, '/api/compare?runs=echo,echo-fork');
    expect(differences.map(({ path }: { path: string }) => path)).toEqual(['training.learningRate', 'training.steps']);
    ui.kill('SIGINT');
    await ui.outcome;
  });
});
