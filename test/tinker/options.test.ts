/** Every option of `engine.tinker` changes what a server is asked, and the key is nowhere but in its header. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { openEngine } from '../../src/cli/engines.ts';
import { createTask } from '../../src/tasks/catalogue.ts';
import { createCharacterTokenizer } from '../../src/text/character-tokenizer.ts';
import { parseConfig } from '../../src/train/config.ts';
import { hosted, type ServerProfile } from '../tinker-server/profile.ts';
import { startTinkerServer } from '../tinker-server/server.ts';

const task = createTask({ name: 'echo', letters: 2, testSize: 3 });
const tokenizer = createCharacterTokenizer(task.alphabet ?? '');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tinker-options-'));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const profile: ServerProfile = { ...hosted, reportsGradNorm: true };

/** What a server is asked while an engine with these settings opens and closes; the engine's capabilities. */
async function observe(overrides: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const server = await startTinkerServer({
    policy: { vocabularySize: tokenizer.vocabularySize, maxContext: 64, seed: 1 },
    profile: { ...profile, apiKey: environment['TINKER_API_KEY'] },
  });
  onTestFinished(() => server.close());
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
  for (const name of ['TINKER_API_KEY', 'TINKER_CREDENTIAL_CMD']) vi.stubEnv(name, environment[name] ?? '');
  const text = `task: echo
policy: ${folder}
engine: { tinker: { baseUrl: '${server.baseUrl}', model: fake/table, profile: hosted } }
training: { steps: 1, learningRate: 0.1 }`;
  const config = parseConfig(text, 'run.yaml', overrides);
  const opened = await openEngine(config.engine, config.policy, task, config.seed);
  const { capabilities } = opened.engine;
  const [model] = server.world.models.values();
  const asked = server.seen.map(({ path, headers }) => `${path} ${headers['content-type'] ?? ''}`);
  const pass = { input: Int32Array.of(1), target: Int32Array.of(1), mask: Uint8Array.of(1) };
  await opened.engine.forward([{ ...pass, weight: new Float32Array(1), samplingLogprob: new Float32Array(1) }]);
  const sent = server.seen
    .filter(({ path }) => path.startsWith('forward'))
    .map(({ headers }) => headers['content-type']);
  await opened.engine.close();
  return { server, opened, capabilities, model, asked, sent };
}

it('rank and what is trained', async () => {
  const { model, opened, capabilities } = await observe(['engine.tinker.rank=4']);
  expect(model?.rank).toBe(4);
  expect(capabilities.trains).toBe('lora');
  expect(opened.description).toContain('LoRA rank 4');
  await expect(observe(['engine.tinker.rank=0'])).rejects.toThrow('rank must be at least 1');
});

it('model', async () => {
  const { model } = await observe(['engine.tinker.model=other', 'engine.tinker.maxContext=32']);
  expect(model?.baseModel).toBe('other');
});

it('wire', async () => {
  expect((await observe([])).sent).toEqual(['application/json']);
  expect((await observe(['engine.tinker.wire=protobuf'])).sent).toEqual(['application/x-protobuf']);
});

it('profile and probe', async () => {
  const known = await observe(['engine.tinker.profile=skyrl-jax']);
  expect(known.capabilities.snapshots).toBe('live');
  expect(known.asked.filter((path) => path.startsWith('create_model')).length).toBe(1);
  const measured = await observe(['engine.tinker.profile=auto']);
  expect(measured.capabilities.snapshots).toBe('immutable');
  expect(measured.asked.filter((path) => path.startsWith('create_model')).length).toBe(2);
  await expect(observe(['engine.tinker.profile=auto', 'engine.tinker.probe=never'])).rejects.toThrow(
    'nothing is known',
  );
});

it('maxContext, from the settings, the server or the policy folder', async () => {
  expect((await observe([])).capabilities.maxContext).toBe(64);
  expect((await observe(['engine.tinker.maxContext=20'])).capabilities.maxContext).toBe(20);
  await writeFile(join(folder, 'config.json'), JSON.stringify({ max_position_embeddings: 48 }));
  expect((await observe(['engine.tinker.model=other'])).capabilities.maxContext).toBe(48);
  await rm(join(folder, 'config.json'));
});

it('the parts that get adapters', async () => {
  await expect(observe(['engine.tinker.profile=skyrl-jax', 'engine.tinker.trainAttn=false'])).rejects.toThrow(
    'trainAttn',
  );
});

it('a key goes from the environment into its header and nowhere else', async () => {
  const { server, opened } = await observe(['engine.tinker.profile=auto'], { TINKER_API_KEY: 'tml-secret' });
  expect(new Set(server.seen.map(({ headers }) => headers['x-api-key']))).toEqual(new Set(['tml-secret']));
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8'));
  expect((await Promise.all(texts)).join('')).not.toContain('tml-secret');
  expect(JSON.stringify([opened.description, opened.environment, process.title, process.argv])).not.toContain(
    'tml-secret',
  );
});
