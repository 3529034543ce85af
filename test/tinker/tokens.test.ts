/** Where a server exchanges the key for a short-lived token, the token travels in the key's place and is as secret as the key. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { loadTokenizer } from '../../src/text/load-tokenizer.ts';
import { polarity, removeFolder, temporaryFolder } from '../e2e/polarity.ts';
import { hosted } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';

const POLICY = fileURLToPath(new URL('../../assets/countdown-base', import.meta.url));
const KEY = 'tml-secret-4f1c9e';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  vi.stubEnv('TINKER_API_KEY', KEY);
  vi.stubEnv('TINKER_CREDENTIAL_CMD', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  removeFolder(folder);
});

/** @param onRequest called at each request, before it is answered */
async function training(onRequest: (request: number, server: TinkerServer) => void = () => undefined) {
  const { vocabularySize } = loadTokenizer(POLICY);
  const server = await startTinkerServer({
    policy: { vocabularySize, maxContext: 128, seed: 1 },
    profile: { ...hosted, apiKey: KEY, exchangesJwt: true },
  });
  onTestFinished(() => server.close());
  server.setFaults((request) => {
    onRequest(request, server);
    return undefined;
  });
  const lines = [
    'task: { name: countdown, numberCount: 2, testSize: 4 }',
    `policy: ${POLICY}`,
    `engine: { tinker: { baseUrl: "${server.baseUrl}", model: fake/table, profile: hosted } }`,
    'sampling: { groupSize: 4, maxTokens: 8 }',
    'objective: { recipe: grpo, baseline: { kind: constant, positive: 0, negative: 1 } }',
    'training: { steps: 3, problemsPerStep: 4, learningRate: 0.1 }',
    'evaluation: { problems: 4, samples: 1, passAt: [1] }',
    'journal: { checkpointsEvery: 1, rolloutsEvery: 1 }',
  ];
  writeFileSync(join(folder, 'run.yaml'), lines.join('\n'));
  const { exitCode, stdout, stderr } = await polarity(['train', 'run.yaml', '--name', 'run'], folder);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const written = files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
  return { server, exitCode, output: stdout + stderr, everything: [stdout, stderr, ...written].join('\n') };
}

it('it is what every request but the exchange carries, and stands in no file or output', async () => {
  const { server, exitCode, output, everything } = await training();
  expect(exitCode, output).toBe(0);
  const [token, ...more] = server.world.tokens;
  expect(more).toEqual([]);
  const keys = new Map(server.seen.map(({ path, headers }) => [path, headers['x-api-key']]));
  expect(new Set([keys.get('client/config'), keys.get('auth/token')])).toEqual(new Set([KEY]));
  for (const path of ['create_session', 'asample', 'forward_backward', 'retrieve_future', 'unload_model'])
    expect([path, keys.get(path)]).toEqual([path, token]);
  expect([KEY, token!].filter((secret) => everything.includes(secret))).toEqual([]);
});

it('a server that takes it back in the middle and quotes it is quoted without it', async () => {
  const takenBack = new Set<string>();
  const { exitCode, output, everything } = await training((request, { world }) => {
    if (request < 60) return;
    for (const token of world.tokens) takenBack.add(token);
    world.tokens.clear();
  });
  expect(exitCode).not.toBe(0);
  expect(output).toContain('the API key [key] is not valid');
  expect(takenBack.size).toBeGreaterThan(0);
  expect([KEY, ...takenBack].filter((secret) => everything.includes(secret))).toEqual([]);
});
