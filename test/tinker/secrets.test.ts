/** The key of a server is in no file, line, error or process name of a run, whether the run ends well, in the middle, or before it began. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { loadTokenizer } from '../../src/text/load-tokenizer.ts';
import type { FaultPlan } from '../tinker-server/faults.ts';
import { hosted } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';

const KEY = 'tml-Sesame0penU';
const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const POLICY = fileURLToPath(new URL('../../assets/countdown-base', import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** A server that takes this key alone. */
async function start(faults?: FaultPlan): Promise<TinkerServer> {
  const policy = { vocabularySize: loadTokenizer(POLICY).vocabularySize, maxContext: 128, seed: 1 };
  const server = await startTinkerServer({
    policy,
    profile: { ...hosted, reportsGradNorm: true, apiKey: KEY },
    ...(faults && { faults }),
  });
  onTestFinished(() => server.close());
  return server;
}

/** Everything that a run leaves or says, and the names its process had. */
interface Traces {
  readonly exitCode: number | null;
  readonly said: string;
  readonly files: readonly string[];
  readonly written: string;
  readonly names: string;
}

async function run(baseUrl: string, environment: Readonly<Record<string, string>>): Promise<Traces> {
  const runFile = join(directory, 'run.yaml');
  const lines = [
    'task: { name: countdown, numberCount: 2, testSize: 4 }',
    `policy: ${POLICY}`,
    `engine: { tinker: { baseUrl: "${baseUrl}", model: fake/table, profile: auto } }`,
    'sampling: { groupSize: 4, maxTokens: 8 }',
    'objective: { recipe: grpo, baseline: { kind: constant, positive: 0, negative: 1 } }',
    'training: { steps: 3, problemsPerStep: 4, learningRate: 0.1 }',
    'evaluation: { problems: 4, samples: 1, passAt: [1] }',
    'journal: { checkpointsEvery: 1, rolloutsEvery: 1 }',
  ];
  await writeFile(runFile, lines.join('\n'));
  const child = spawn(process.execPath, [COMMAND, 'train', runFile, '--name', 'run', '--runs', directory], {
    // the cache of measured servers lies in the directory too
    env: { ...process.env, XDG_CACHE_HOME: join(directory, 'cache'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, names] = ['', ''];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text;
    });
  const looking = setInterval(() => {
    // process.title writes over the command line
    for (const file of ['cmdline', 'comm'].map((name) => `/proc/${child.pid}/${name}`))
      if (existsSync(file)) readFile(file, 'utf8').then((text) => (names += text), ignoreGone);
  }, 20);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(looking);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  return { exitCode, said, files: [...files, ...entries.map(({ name }) => name)], written: texts.join('\n'), names };
}

/** The process ended between two looks. */
const ignoreGone = (): void => {};

const DISGUISES = [
  KEY,
  encodeURIComponent(KEY),
  ...(['base64', 'hex'] as const).map((as) => Buffer.from(KEY).toString(as)),
];

function expectNoKey({ said, files, written, names }: Traces): void {
  for (const text of [said, files.join('\n'), written, names])
    for (const key of DISGUISES) expect(text).not.toContain(key);
}

it('a run that ends well leaves checkpoints, rollouts and a manifest, and no key', async () => {
  const server = await start();
  const traces = await run(server.baseUrl, { TINKER_API_KEY: KEY });
  expect(traces.exitCode, traces.said).toBe(0);
  expect(server.seen.every(({ headers }) => headers['x-api-key'] === KEY)).toBe(true);
  expect(
    traces.files.filter((file) => /manifest\.json|metrics\.jsonl|tinker\.json|\.parquet/.test(file)).length,
  ).toBeGreaterThan(4);
  if (process.platform === 'linux') expect(traces.names).toContain('train');
  expectNoKey(traces);
});

it('the same where the key is what a command prints', async () => {
  const server = await start();
  const script = join(await mkdtemp(join(tmpdir(), 'secret-command-')), 'key.sh');
  onTestFinished(() => rm(join(script, '..'), { recursive: true }));
  await writeFile(script, `echo ${KEY}`);
  const traces = await run(server.baseUrl, { TINKER_API_KEY: '', TINKER_CREDENTIAL_CMD: `sh ${script}` });
  expect(traces.exitCode, traces.said).toBe(0);
  expect(server.requests).toBeGreaterThan(0);
  expectNoKey(traces);
});

it('a run whose key is refused in the middle fails without it', async () => {
  let checkpoints = 0;
  const refused = await start((_, path) => {
    if (path === 'save_weights') checkpoints++;
    return path === 'optim_step' && checkpoints > 0 ? { kind: 'status', status: 401 } : undefined;
  });
  const traces = await run(refused.baseUrl, { TINKER_API_KEY: KEY });
  expect(traces.written).toContain('"step":1');
  expect(traces.exitCode).not.toBe(0);
  expect(traces.said).toContain('TINKER_API_KEY');
  expectNoKey(traces);
});

it('a server that says the key back is quoted without it', async () => {
  const server = createServer((request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ detail: `what is ${request.headers['x-api-key']} supposed to be?` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const traces = await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { TINKER_API_KEY: KEY });
  expect(traces.exitCode).not.toBe(0);
  expect(traces.said).toContain('supposed to be?');
  expectNoKey(traces);
});
