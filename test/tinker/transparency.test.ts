/** A whole run through HTTP is the same run: what a fake engine gives directly, and what it gives behind a server of the protocol. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeEngine } from '../../src/engine/fake.ts';
import type { ProfileName } from '../../src/engine/tinker/profile.ts';
import { connect, SERVER_PROFILES } from '../tinker-server/connect.ts';
import { drawingLikeTheServer } from '../tinker-server/drawing.ts';
import type { ServerProfile } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';
import {
  countdown,
  differences,
  echo,
  fromDemonstrations,
  runTraining,
  type Setting,
  type Written,
} from './training.ts';

let directory: string;
let server: TinkerServer | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'transparency-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

/** @param state where the first weights lie, if they are not the seed's */
async function direct(setting: Setting, state?: string): Promise<Written> {
  const engine = createFakeEngine(setting.policy);
  if (state !== undefined) await engine.loadState(state);
  return runTraining(setting, drawingLikeTheServer(engine), directory, 'direct');
}

interface Way {
  readonly kind: ProfileName;
  readonly wire: 'json' | 'protobuf';
  readonly quirks?: Partial<ServerProfile>;
  readonly state?: string;
}

async function overHttp(setting: Setting, { kind, wire, quirks, state }: Way): Promise<Written> {
  server = await startTinkerServer({
    policy: { ...setting.policy, state },
    profile: { ...SERVER_PROFILES[kind], ...quirks },
  });
  const engine = await connect(server, kind, { wire });
  try {
    return await runTraining(setting, engine, directory, 'http');
  } finally {
    await engine.close();
  }
}

const rewards = ({ metrics }: Written): number[] =>
  metrics.map((line) => (line as Record<string, number>)['rollout/reward/mean']!);

/** `differences` without the metric that this server does not have. */
const withoutNorms = ({ metrics, evaluations }: Written): Written => ({
  metrics: metrics.map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => !name.startsWith('optim/grad_norm'))),
  ),
  evaluations,
});

// log-probabilities travel as float32, both ways are float64 behind them
const TOLERANCE = 1e-6;

describe('the echo task', () => {
  for (const wire of ['json', 'protobuf'] as const)
    it(`by ${wire} trains to the same metrics`, async () => {
      const expected = await direct(echo(15));
      expect(rewards(expected).at(-1)).toBeGreaterThan(0.8);
      const quirks = { reportsGradNorm: true };
      expect(differences(expected, await overHttp(echo(15), { kind: 'hosted', wire, quirks }), TOLERANCE)).toEqual([]);
    });

  it('on a server that says no gradient norms lacks those metrics alone', async () => {
    const [expected, found] = [await direct(echo(5)), await overHttp(echo(5), { kind: 'hosted', wire: 'json' })];
    expect(differences(withoutNorms(expected), withoutNorms(found), TOLERANCE)).toEqual([]);
  });

  it('on a server that takes means and keeps one copy of the weights trains to the same metrics', async () => {
    // its gradients are divided and multiplied again, in float32
    const setting = echo(15, { training: { maxGradNorm: 0 } });
    const found = await overHttp(setting, { kind: 'skyrl-jax', wire: 'json' });
    expect(differences(await direct(setting), found, 1e-4)).toEqual([]);
  });

  it('with an objective that no server has goes the exact route to the same metrics', async () => {
    const setting = echo(8, { objective: { recipe: 'gspo' } });
    const quirks = { reportsGradNorm: true };
    const found = await overHttp(setting, { kind: 'hosted', wire: 'protobuf', quirks });
    expect(differences(await direct(setting), found, 1e-4)).toEqual([]);
  });
});

describe("the quickstart's task and objective", () => {
  it('train to the same metrics, two minibatches a step', async () => {
    const setting = countdown(25);
    const state = await mkdtemp(join(directory, 'state-'));
    await fromDemonstrations(setting, state);
    const expected = await direct(setting, state);
    expect(rewards(expected).filter((reward) => reward > 0).length).toBeGreaterThan(10);
    const way = { kind: 'hosted', wire: 'protobuf', quirks: { reportsGradNorm: true }, state } as const;
    expect(differences(expected, await overHttp(setting, way), TOLERANCE)).toEqual([]);
  });
});
