/** `polarity train` on a server that dies in the middle: the command opens another engine and the run ends as if nothing had been. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { trainCommand } from '../../src/cli/commands/train.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { loadTokenizer } from '../../src/text/load-tokenizer.ts';
import { hosted } from '../tinker-server/profile.ts';
import { startTinkerServer } from '../tinker-server/server.ts';

const POLICY = fileURLToPath(new URL('../../assets/countdown-base', import.meta.url));

let directory: string;
const cacheBefore = process.env['XDG_CACHE_HOME'];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polarity-command-'));
  process.env['XDG_CACHE_HOME'] = directory;
});
afterEach(() => {
  if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cacheBefore;
  rmSync(directory, { recursive: true, force: true });
});

async function command(name: string, diesAt: number): Promise<{ metrics: string[]; events: string; requests: number }> {
  const { vocabularySize } = loadTokenizer(POLICY);
  const policy = { vocabularySize, maxContext: 128, seed: 1 };
  const server = await startTinkerServer({ policy, profile: hosted });
  let restarted: Promise<void> | undefined;
  server.setFaults((request) => {
    if (request === diesAt) restarted = server.die().then(() => server.listen());
    return undefined;
  });
  const file = join(directory, 'run.yaml');
  const lines = [
    'task: { name: countdown, numberCount: 2, testSize: 4 }',
    `policy: ${POLICY}`,
    `engine: { tinker: { baseUrl: "${server.baseUrl}", model: fake/table, profile: hosted } }`,
    'sampling: { groupSize: 8, maxTokens: 8 }',
    // every rollout has an advantage, so that a policy which solves nothing still trains
    'objective: { recipe: grpo, baseline: { kind: constant, positive: 0, negative: 1 } }',
    'training: { steps: 4, problemsPerStep: 4, learningRate: 0.1 }',
    'evaluation: { atStart: false, atEnd: false, problems: 4, samples: 1, passAt: [1] }',
    'journal: { checkpointsEvery: 2 }',
  ];
  writeFileSync(file, lines.join('\n'));
  const screen = { write: () => true };
  try {
    const terminal = new Terminal({ stdout: screen, stderr: screen, json: false });
    expect(await trainCommand(file, { set: [], name, runs: directory }, terminal)).toBe(0);
    await restarted;
  } finally {
    await server.close();
  }
  const read = (path: string) => readFileSync(join(directory, name, path), 'utf8');
  const withoutTime = (line: string) => line.replace(/"time\/\w+":[^,}]+,?/g, '');
  const metrics = read('metrics.jsonl').trim().split('\n').map(withoutTime);
  return { metrics, events: read('events.jsonl'), requests: server.requests };
}

it('goes on after the server was restarted', async () => {
  const clean = await command('clean', -1);
  expect(clean.metrics).toHaveLength(4);
  expect(JSON.parse(`${clean.metrics[3]?.replace(/,?}$/, '}')}`)['policy/version']).toBe(4);
  const disturbed = await command('disturbed', Math.floor(0.75 * clean.requests));
  expect(disturbed.events).toContain('"kind":"engine-recovered"');
  expect(disturbed.metrics).toEqual(clean.metrics);
});
