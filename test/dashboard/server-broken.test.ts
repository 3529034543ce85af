/** What the dashboard's server says of runs that are broken: always a state, never an error of its own, never silence. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeFolder, routesOf, type Served, served, temporaryFolder, trainedRun } from './served.ts';

let folder: string;
let whole: string;
let root: string;
let server: Served;
/** Of the run under test. */
const at = (...path: string[]) => join(root, 'echo', ...path);

beforeAll(async () => {
  folder = temporaryFolder();
  whole = join(folder, 'whole');
  await trainedRun(whole, 'echo');
});
afterAll(() => removeFolder(folder));

beforeEach(async () => {
  root = fs.mkdtempSync(join(folder, 'runs-'));
  fs.cpSync(join(whole, 'echo'), at(), { recursive: true });
  server = await served(root);
});
afterEach(() => server.close());

interface Looks {
  /** Reading them takes a process, which takes time. */
  readonly rollouts?: boolean;
}

/** Asks every route; none may fail or be silent. @returns the run's summary with all that is known to be broken */
async function looked({ rollouts = false }: Looks = {}): Promise<{ status: string; damage: string[]; step: number }> {
  const paths = [...routesOf('echo'), '/api/runs'].filter((path) => rollouts || !path.includes('/rollouts'));
  for (const path of paths) {
    const answer = await Promise.race([server.ask(path), silence(path)]);
    expect([200, 403, 404, 409], `${path}: ${answer.text.slice(0, 300)}`).toContain(answer.status);
  }
  expect(server.bugs).toEqual([]);
  return (await server.ask('/api/runs/echo')).json.summary;
}

const silence = (path: string): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error(`${path} has no answer`)), 30_000).unref());

it('a whole run has no damage', async () => {
  expect(await looked({ rollouts: true })).toMatchObject({ status: 'finished', step: 6, damage: [] });
});

it('a torn last line is left out and said', async () => {
  const torn = fs.statSync(at('metrics.jsonl')).size - 10;
  fs.truncateSync(at('metrics.jsonl'), torn);
  const { status, step, damage } = await looked();
  expect({ status, step }).toEqual({ status: 'stopped', step: 5 });
  expect(damage).toEqual([expect.stringMatching(/^metrics.jsonl ends in a torn line of \d+ bytes$/)]);
  const { steps, damaged, tornBytes } = (await server.ask('/api/runs/echo/metrics')).json;
  expect({ steps, damaged }).toEqual({ steps: [1, 2, 3, 4, 5], damaged: 0 });
  expect(tornBytes).toBeGreaterThan(100);
});

it('damaged lines are counted, the others read', async () => {
  for (const file of ['metrics.jsonl', 'events.jsonl', 'evaluations.jsonl']) {
    const lines = fs.readFileSync(at(file), 'utf8').split('\n');
    fs.writeFileSync(
      at(file),
      [lines[0], '{"step": 2, "broken', '\u0000\u0001\ufffd', '[]', ...lines.slice(1)].join('\n'),
    );
  }
  const { damage } = await looked();
  for (const file of ['metrics.jsonl', 'events.jsonl', 'evaluations.jsonl'])
    expect(damage).toContain(`${file} has 3 lines that cannot be read, left out`);
  expect((await server.ask('/api/runs/echo/metrics')).json).toMatchObject({ steps: [1, 2, 3, 4, 5, 6], damaged: 3 });
});

it.each([
  ['missing', () => fs.rmSync(at('manifest.json')), 'manifest.json is missing'],
  ['empty', () => fs.writeFileSync(at('manifest.json'), ''), 'manifest.json cannot be read'],
  ['cut', () => fs.truncateSync(at('manifest.json'), 20), 'manifest.json cannot be read'],
  [
    'another file',
    () => fs.writeFileSync(at('manifest.json'), '{"a":1}'),
    'manifest.json cannot be read: manifest.json is not a run',
  ],
  [
    'of a later version',
    () => replace('manifest.json', /"journalVersion": 1/, '"journalVersion": 99'),
    'upgrade polarity',
  ],
  ['a folder', () => folderAt('manifest.json'), 'manifest.json is missing'],
])('a manifest that is %s makes the run broken, the rest is shown', async (_, harm, message) => {
  harm();
  const { status, step, damage } = await looked();
  expect({ status, step }).toEqual({ status: 'broken', step: 6 });
  expect(damage.join()).toContain(message);
});

it.each([
  ['missing', () => fs.rmSync(at('run.yaml')), 'run.yaml is missing'],
  ['not YAML', () => fs.writeFileSync(at('run.yaml'), 'a: [1, 2'), 'run.yaml is not YAML'],
  ['a list', () => fs.writeFileSync(at('run.yaml'), '- a'), 'run.yaml holds no settings'],
  ['of 100 MB', () => fs.truncateSync(at('run.yaml'), 100_000_000), 'run.yaml has 100000000 bytes: more than a run'],
  ['a bomb of references', () => fs.writeFileSync(at('run.yaml'), BOMB), 'run.yaml is not YAML: Excessive alias'],
  [
    'nested without end',
    () => fs.writeFileSync(at('run.yaml'), `a: ${'['.repeat(9_000)}`),
    'run.yaml is not YAML: it is nested',
  ],
  ['a named pipe', () => pipeAt('run.yaml'), 'run.yaml is missing'],
])('a run.yaml that is %s makes the run broken, the rest is shown', async (_, harm, message) => {
  harm();
  const { status, step, damage } = await looked();
  expect({ status, step }).toEqual({ status: 'broken', step: 6 });
  expect(damage.join()).toContain(message);
});

it.each([
  [
    'settings of strange kinds',
    'task: 7\nobjective: [1]\nengine: null\ntraining: nothing\npolicy: {a: 1}\nseed: .nan\n',
  ],
  ['an objective nobody has', 'task: {name: echo}\nobjective: {recipe: magic}\ntraining: {steps: -1}\n'],
  ['a policy that is a device', 'policy: /dev\nobjective: grpo\n'],
  ['prototypes', '__proto__: {polluted: true}\nconstructor: 1\nobjective: {__proto__: 1}\n'],
])('%s in run.yaml are passed over', async (_, text) => {
  fs.writeFileSync(at('run.yaml'), text);
  await looked();
  expect((await server.ask('/api/runs/echo/rollouts/2/0')).status).toBe(200);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

describe('rollouts', () => {
  const file = () => at('rollouts', 'step-000002.parquet');

  it('of a file that was cut are said to be unreadable, those of others are shown', async () => {
    fs.truncateSync(file(), Math.floor(fs.statSync(file()).size / 2));
    await looked({ rollouts: true });
    const { rows, damage, scanned, complete } = await scannedAll('');
    expect(new Set(rows.map((row: { step: number }) => row.step))).toEqual(new Set([4, 6]));
    expect({ scanned, complete }).toEqual({ scanned: { files: 3, of: 3 }, complete: true });
    expect(damage).toEqual([expect.stringMatching(/^rollouts\/step-000002\.parquet is not a readable file/)]);
    const one = await server.ask('/api/runs/echo/rollouts/2/0');
    expect(one.status).toBe(409);
    expect(one.json.message).toMatch(/^rollouts\/step-000002\.parquet is not a readable file/);
  });

  it('of files with single bytes changed end in an answer', { timeout: 120_000 }, async () => {
    const bytes = fs.readFileSync(file());
    for (const share of [0.05, 0.35, 0.65, 0.95, 0.995]) {
      const harmed = Buffer.from(bytes);
      const place = Math.floor(share * bytes.length);
      harmed[place] = (harmed[place] ?? 0) ^ 0xff;
      fs.writeFileSync(file(), harmed);
      const asked = [server.ask('/api/runs/echo/rollouts/2/0'), server.ask('/api/runs/echo/rollouts?step=2')];
      for (const { status } of await Promise.all(asked)) expect([200, 409]).toContain(status);
    }
    expect(server.bugs).toEqual([]);
  });

  it('that are not there are said not to be', async () => {
    const none = await server.ask('/api/runs/echo/rollouts/3/0');
    expect([none.status, none.json.message]).toEqual([404, expect.stringContaining('no rollouts of step 3')]);
    const beyond = await server.ask('/api/runs/echo/rollouts/2/99999');
    expect([beyond.status, beyond.json.message]).toEqual([404, 'step 2 of echo has no rollout in row 99999']);
  });

  it('of a folder that is a file are none', async () => {
    fs.rmSync(at('rollouts'), { recursive: true });
    fs.writeFileSync(at('rollouts'), '');
    await looked({ rollouts: true });
  });
});

it.each(['metrics.jsonl', 'events.jsonl', 'evaluations.jsonl', 'lock.json'])(
  '%s that is a folder, a pipe or a device is passed over',
  async (name) => {
    for (const harm of [folderAt, pipeAt, deviceAt]) {
      harm(name);
      await looked();
    }
  },
);

it('what is no run is no run, and an empty folder has none', async () => {
  fs.mkdirSync(join(root, 'notes'));
  fs.writeFileSync(join(root, 'notes', 'todo.txt'), '');
  expect((await server.ask('/api/runs')).json.runs).toHaveLength(1);
  const { status, json } = await server.ask('/api/runs/notes');
  expect(status).toBe(404);
  expect(json.message).toBe('notes is no run: it has none of manifest.json, run.yaml, metrics.jsonl');
  fs.rmSync(at(), { recursive: true });
  expect((await server.ask('/api/runs')).json).toMatchObject({ runs: [], studies: [], notes: [] });
  fs.rmSync(root, { recursive: true });
  expect((await server.ask('/api/runs')).json).toMatchObject({ runs: [], notes: [expect.stringContaining('ENOENT')] });
});

it('a run that lies too deep is not listed, and that is said', async () => {
  fs.mkdirSync(join(root, 'a', 'b', 'c', 'd'), { recursive: true });
  fs.writeFileSync(join(root, 'a', 'b', 'c', 'd', 'run.yaml'), '');
  const { notes } = (await server.ask('/api/runs')).json;
  expect(notes).toEqual([expect.stringMatching(/^folders in "a\/b\/c" lie too deep/)]);
});

it('a run that has only begun is a run', async () => {
  fs.rmSync(at(), { recursive: true });
  fs.mkdirSync(at());
  fs.copyFileSync(join(whole, 'echo', 'manifest.json'), at('manifest.json'));
  fs.copyFileSync(join(whole, 'echo', 'run.yaml'), at('run.yaml'));
  expect(await looked()).toMatchObject({ status: 'stopped', step: 0, damage: [], passRate: null, started: null });
});

it('a study whose record is damaged is listed with the reason, its runs as they are', async () => {
  fs.mkdirSync(join(root, 'study'));
  fs.cpSync(at(), join(root, 'study', 'grpo-s1'), { recursive: true });
  fs.writeFileSync(join(root, 'study', 'study.yaml'), 'polarityStudy: 1');
  const { runs, studies } = (await server.ask('/api/runs')).json;
  expect(studies).toMatchObject([
    { study: 'study', damage: [expect.stringContaining('study.yaml of study cannot be read')] },
  ]);
  expect(runs.find((run: { run: string }) => run.run === 'study/grpo-s1')).toMatchObject({ study: 'study' });
  for (const path of ['/api/studies/study', '/api/studies/study/report'])
    expect((await server.ask(path)).json.error).toBe('damaged');
  expect((await server.ask('/api/studies/echo')).status).toBe(404);
});

/** Each alias holds ten of the one before. */
const BOMB = ['a0: &a0 [x]', ...range(12).map((i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]`)].join('\n');

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function replace(name: string, pattern: RegExp, by: string): void {
  fs.writeFileSync(at(name), fs.readFileSync(at(name), 'utf8').replace(pattern, by));
}

function folderAt(name: string): void {
  fs.rmSync(at(name), { recursive: true, force: true });
  fs.mkdirSync(at(name));
}

function pipeAt(name: string): void {
  fs.rmSync(at(name), { recursive: true, force: true });
  execFileSync('mkfifo', [at(name)]);
}

function deviceAt(name: string): void {
  fs.rmSync(at(name), { recursive: true, force: true });
  fs.symlinkSync('/dev/zero', at(name));
}

/** Asks until the scan is complete. */
async function scannedAll(query: string) {
  for (;;) {
    const { json } = await server.ask(`/api/runs/echo/rollouts?limit=500${query}`);
    if (json.complete) return json;
  }
}
