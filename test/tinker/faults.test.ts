/** A run that meets thousands of faults is the run without them: the same work in the same order, the same weights, and nothing left behind. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileName } from '../../src/engine/tinker/profile.ts';
import { connect, SERVER_PROFILES } from '../tinker-server/connect.ts';
import { type FaultPlan, randomFaults } from '../tinker-server/faults.ts';
import { HastyClock } from '../tinker-server/hasty-clock.ts';
import type { ServerProfile } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';
import type { LedgerLine } from '../tinker-server/world.ts';
import { echo, runTraining, type Setting, type Written } from './training.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'faults-'));
});
afterEach(() => rm(directory, { recursive: true }));

interface Outcome {
  readonly written: Written;
  /** What was done to weights, without what runs may differ in. */
  readonly work: readonly Omit<LedgerLine, 'modelId'>[];
  /** The table, the moments and the version, to the last bit. */
  readonly weights: string;
  readonly faults: number;
  readonly faultCounts: Readonly<Record<string, number>>;
  readonly requests: number;
  /** After the client closed, before the server did. */
  readonly socketsLeft: number;
  readonly modelsLeft: number;
}

interface Way {
  readonly kind: ProfileName;
  readonly wire: 'json' | 'protobuf';
  readonly quirks?: Partial<ServerProfile>;
  readonly faults?: FaultPlan;
}

const weightsOf = async (server: TinkerServer): Promise<string> => {
  const [model] = server.world.models.values();
  const { directory: state } = await model!.policy.snapshot();
  return readFile(join(state, 'fake-policy.json'), 'utf8');
};

async function outcome(setting: Setting, name: string, way: Way): Promise<Outcome> {
  const { kind, wire, quirks, faults } = way;
  const profile = { ...SERVER_PROFILES[kind], ...quirks };
  const server = await startTinkerServer({ policy: setting.policy, profile, ...(faults && { faults }) });
  const clock = new HastyClock();
  try {
    const patience = { totalMs: 24 * 3_600_000, refusedMs: 24 * 3_600_000 };
    const engine = await connect(server, kind, { wire, clock, patience });
    const written = await runTraining(setting, engine, directory, name);
    const weights = await weightsOf(server);
    await engine.close();
    expect(clock.sleeping).toBe(0);
    return {
      written,
      weights,
      work: server.ledger
        .filter(({ work }) => work === 'forward_backward' || work === 'optim_step')
        .map(({ work, digest, policyVersion }) => ({ work, digest, policyVersion })),
      faults: server.faultCount,
      faultCounts: server.faultCounts,
      requests: server.requests,
      socketsLeft: await settled(() => server.openSockets),
      modelsLeft: server.world.models.size,
    };
  } finally {
    await server.close();
  }
}

/** What a count comes to once closing connections have closed. */
async function settled(count: () => number): Promise<number> {
  for (let tries = 0; tries < 50 && count() > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  return count();
}

/** Sockets, timers, threads and the like that keep this process busy. */
const handles = (): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const usedMegabytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

describe('faults', () => {
  it('ten thousand of them change nothing', async () => {
    // slowly, so that groups disagree to the end
    const setting = echo(240, { sampling: { groupSize: 4 }, training: { problemsPerStep: 16, learningRate: 0.02 } });
    const way = { kind: 'hosted', wire: 'protobuf' } as const;
    const clean = await outcome(setting, 'clean', way);
    expect(clean.faults).toBe(0);

    const before = { handles: handles(), megabytes: usedMegabytes() };
    const faulty = await outcome(setting, 'faulty', { ...way, faults: randomFaults(7, 0.6) });
    expect(faulty.faults).toBeGreaterThanOrEqual(10_000);
    // 409 is met by passes and steps alone, of everything else there are hundreds
    expect(Object.keys(faulty.faultCounts).length).toBe(13);
    expect(Math.min(...Object.values(faulty.faultCounts))).toBeGreaterThan(10);

    expect(faulty.work).toEqual(clean.work);
    expect(faulty.weights).toBe(clean.weights);
    expect(faulty.written).toEqual(clean.written);
    expect([faulty.socketsLeft, faulty.modelsLeft]).toEqual([0, 0]);
    await settled(() => Object.values(handles()).length - Object.values(before.handles).length);
    expect(handles()).toEqual(before.handles);
    // of some 26 000 requests nothing of note is kept
    expect(usedMegabytes() - before.megabytes).toBeLessThan(8);
  }, 480_000);

  it('a thousand on SkyRL, which knows no idempotency keys, change nothing either', async () => {
    const setting = echo(48, { training: { learningRate: 0.02, maxGradNorm: 0 }, journal: { checkpointsEvery: 5 } });
    const way = { kind: 'skyrl-jax', wire: 'json' } as const;
    const clean = await outcome(setting, 'clean', way);
    const faulty = await outcome(setting, 'faulty', { ...way, faults: randomFaults(8, 0.6) });
    expect(faulty.faults).toBeGreaterThan(1_000);
    expect(faulty.work).toEqual(clean.work);
    expect(faulty.weights).toBe(clean.weights);
    expect(faulty.written).toEqual(clean.written);
    expect([faulty.socketsLeft, faulty.modelsLeft]).toEqual([0, 0]);
  }, 240_000);
});
