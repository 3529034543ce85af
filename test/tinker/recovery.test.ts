/** A server that dies and comes back in the middle of a run: the run goes on from its last checkpoint as if nothing had been. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import type { ProfileName } from '../../src/engine/tinker/profile.ts';
import { connect, SERVER_PROFILES } from '../tinker-server/connect.ts';
import { HastyClock } from '../tinker-server/hasty-clock.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';
import { echo, runTraining, type Setting } from './training.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'recovery-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function weightsOf(server: TinkerServer): Promise<string> {
  const model = [...server.world.models.values()].at(-1);
  const { directory: state } = await model!.policy.snapshot();
  return readFile(join(state, 'fake-policy.json'), 'utf8');
}

/** @param deaths numbers of requests at which the server dies, to come back at once without its models */
async function outcome(setting: Setting, kind: ProfileName, name: string, deaths: readonly number[]) {
  const server = await startTinkerServer({ policy: setting.policy, profile: SERVER_PROFILES[kind] });
  const restarts: Promise<void>[] = [];
  const restart = async () => {
    await server.die();
    await server.listen();
  };
  server.setFaults((request) => {
    if (deaths.includes(request)) restarts.push(restart());
    return undefined;
  });
  let engine: Engine | undefined;
  const open = async () => {
    await Promise.all(restarts);
    engine = await connect(server, kind, {
      wire: kind === 'hosted' ? 'protobuf' : 'json',
      clock: new HastyClock(),
      patience: { totalMs: 60_000, refusedMs: 5_000 },
    });
    return { engine };
  };
  try {
    const reopen = { open, wait: async () => {} };
    const written = await runTraining(setting, (await open()).engine, directory, name, reopen);
    return { written, weights: await weightsOf(server), restarts: restarts.length, requests: server.requests };
  } finally {
    await engine?.close();
    await server.close();
  }
}

describe('a server that is restarted', () => {
  it.each<[string, ProfileName, Record<string, object>]>([
    ['hosted', 'hosted', {}],
    ['hosted, sampling ahead and streaming', 'hosted', { training: { maxStepsOffPolicy: 2, stream: true } }],
    ['SkyRL', 'skyrl-jax', { training: { maxGradNorm: 0 } }],
  ])('three times leaves no trace: %s', async (_, kind, more) => {
    const setting = echo(8, { sampling: { groupSize: 32 }, journal: { checkpointsEvery: 2 }, ...more });
    const clean = await outcome(setting, kind, 'clean', []);
    expect(clean.restarts).toBe(0);
    const deaths = [0.3, 0.6, 0.9].map((share) => Math.floor(share * clean.requests));
    const disturbed = await outcome(setting, kind, 'disturbed', deaths);
    expect(disturbed.restarts).toBe(3);
    expect(disturbed.written).toEqual(clean.written);
    expect(disturbed.weights).toBe(clean.weights);
    const events = await readFile(join(directory, 'disturbed', 'events.jsonl'), 'utf8');
    const recoveries = events.match(/"kind":"engine-recovered"/g)?.length ?? 0;
    expect(recoveries).toBeGreaterThanOrEqual(1);
    expect(recoveries).toBeLessThanOrEqual(3);
  });
});
