/** What is measured of a server is what the server is, and decides what may be asked of it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Connected, type ConnectSettings, connect } from '../../src/engine/tinker/connect.ts';
import { PROFILES } from '../../src/engine/tinker/profile.ts';
import { hosted, type ServerProfile, skyrlJax, skyrlTrain } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';

let cacheDirectory: string;
beforeAll(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'conformance-'));
});
afterAll(() => rm(cacheDirectory, { recursive: true }));

async function start(profile: ServerProfile): Promise<TinkerServer> {
  const server = await startTinkerServer({ policy: { vocabularySize: 9, maxContext: 64, seed: 1 }, profile });
  onTestFinished(() => server.close());
  return server;
}

async function open({ baseUrl }: TinkerServer, settings: Partial<ConnectSettings> = {}): Promise<Connected> {
  const connected = await connect({
    baseUrl,
    model: 'fake/table',
    rank: 8,
    seed: 1,
    vocabularySize: 9,
    maxContext: 64,
    ...settings,
  });
  onTestFinished(() => connected.engine.close());
  return connected;
}

describe('a measured server', () => {
  it('of sums, frozen samplers and all of AdamW is like the hosted one', async () => {
    const server = await start({ ...hosted, reportsGradNorm: true });
    const { profile, report } = await open(server);
    expect({ ...profile, losses: [...profile.losses].sort() }).toEqual({
      ...PROFILES.hosted,
      losses: [...PROFILES.hosted.losses].sort(),
    });
    expect(report?.mismatchNats).toBeLessThan(1e-6);
    // the scratch model is gone, the engine's is there
    expect(server.world.models.size).toBe(1);
  });

  it('of means, one copy of the weights and no clipping is SkyRL on JAX', async () => {
    const { profile, engine } = await open(await start(skyrlJax));
    expect(profile).toEqual(PROFILES['skyrl-jax']);
    expect(engine.capabilities).toMatchObject({ snapshots: 'live', fixedAdam: { maxGradNorm: 0 } });
  });

  it('that takes the learning rate alone is SkyRL-Train, whatever losses it has', async () => {
    const { profile } = await open(await start(skyrlTrain));
    expect(profile).toMatchObject({
      name: 'skyrl-train',
      reduction: 'sum',
      mergesLosses: true,
      fixedAdam: PROFILES['skyrl-train'].fixedAdam,
    });
  });

  it('that says no gradient norms must be named', async () => {
    const server = await start(hosted);
    await expect(open(server)).rejects.toThrow('engine.tinker.profile');
    expect(server.world.models.size).toBe(0);
    expect((await open(server, { profile: 'hosted' })).profile).toEqual(PROFILES.hosted);
  });

  it('is measured once, unless asked for again', async () => {
    const server = await start(skyrlJax);
    await expect(open(server, { probe: 'never', cacheDirectory })).rejects.toThrow('nothing is known');
    const requestsOf = async (probe: 'cached' | 'always' | 'never') => {
      const before = server.requests;
      await open(server, { probe, cacheDirectory });
      return server.requests - before;
    };
    const first = await requestsOf('cached');
    expect((await readdir(join(cacheDirectory, 'tinker'))).length).toBe(1);
    const second = await requestsOf('cached');
    expect(second).toBeLessThan(first / 3);
    expect(await requestsOf('never')).toBe(second);
    expect(await requestsOf('always')).toBeGreaterThan(second * 3);
  });
});

describe('what a server cannot do is refused with the reason', () => {
  it.each<[string, Partial<ConnectSettings>, string]>([
    ['all parameters where there are adapters alone', { profile: 'skyrl-jax', rank: 0 }, 'rank must be at least 1'],
    [
      'parts of the model where the server chooses them',
      { profile: 'skyrl-jax', trainMlp: false },
      'chooses by itself',
    ],
    ['a context nobody knows', { profile: 'skyrl-jax', model: 'other', maxContext: undefined }, 'maxContext'],
  ])('%s', async (_, settings, message) => {
    const refused = open(await start(skyrlJax), settings).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
    expect(await refused).toContain(message);
  });
});
