/** What lies on the server when a state is saved, and what is left when the engine dies. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { TinkerError } from '../../src/engine/tinker/failure.ts';
import { ADAM, probe, randomData } from '../contract/engine-material.ts';
import { connect } from '../tinker-server/connect.ts';
import { HastyClock } from '../tinker-server/hasty-clock.ts';
import { hosted, skyrlJax } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';

const POLICY = { vocabularySize: 9, maxContext: 32, seed: 1 };

let directory: string;
const servers: TinkerServer[] = [];
const engines: Engine[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'states-'));
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await rm(directory, { recursive: true });
});

async function start(profile = hosted): Promise<TinkerServer> {
  const server = await startTinkerServer({ policy: POLICY, profile });
  servers.push(server);
  return server;
}

async function open(server: TinkerServer, kind: 'hosted' | 'skyrl-jax' = 'hosted'): Promise<Engine> {
  const engine = await connect(server, kind, {
    clock: new HastyClock(),
    patience: { totalMs: 60_000, refusedMs: 5_000 },
  });
  engines.push(engine);
  return engine;
}

async function folder(name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(path);
  return path;
}

async function train(engine: Engine, from: number, to: number): Promise<void> {
  for (let step = from; step < to; step++) {
    const data = await randomData(engine, step);
    await Promise.all([engine.forwardBackward(data, { kind: 'cross_entropy' }), engine.optimStep(ADAM)]);
  }
}

it('a state is what it was when saveState was called, whatever follows', async () => {
  const server = await start();
  const engine = await open(server);
  await train(engine, 0, 2);
  const before = await probe(engine);
  const path = await folder('late');
  const saving = engine.saveState(path);
  const learning = train(engine, 2, 4);
  await Promise.all([saving, learning]);
  const other = await open(server);
  await other.loadState(path);
  expect([other.policyVersion, await probe(other)]).toEqual([2, before]);
});

for (const [kind, profile] of [
  ['hosted', hosted],
  ['skyrl-jax', skyrlJax],
] as const)
  it(`a dead ${kind} engine fails what is asked as lost; a new one goes on from the saved state to the same weights`, async () => {
    const quiet = await open(await start(profile), kind);
    await train(quiet, 0, 6);

    const server = await start(profile);
    const engine = await open(server, kind);
    await train(engine, 0, 3);
    const state = await folder('state');
    await engine.saveState(state);
    await train(engine, 3, 5);

    // in the middle of step 6: nothing of it may count
    const interrupted = train(engine, 5, 6).catch((error: unknown) => error);
    await server.die();
    const failure = await interrupted;
    expect(failure).toBeInstanceOf(TinkerError);
    expect(failure).toMatchObject({ kind: 'lost', retryable: true });
    await engine.close();

    await server.listen();
    const rebuilt = await open(server, kind);
    await rebuilt.loadState(state);
    expect(rebuilt.policyVersion).toBe(3);
    await train(rebuilt, 3, 6);
    expect(await probe(rebuilt)).toEqual(await probe(quiet));
  });

it('a server that restarts behind our back has lost the model: calls say so at once', async () => {
  const server = await start();
  const engine = await open(server);
  await train(engine, 0, 1);
  await server.die();
  await server.listen();
  const refusal = await engine.optimStep(ADAM).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: 'lost', status: 404 });
});
