import { describe, expect, it } from 'vitest';
import { randomKey } from '../core/random.ts';
import type { Group } from '../core/rollout.ts';
import { createFakeEngine } from '../engine/fake.ts';
import { concurrencyOf } from '../rollout/roll-out.ts';
import { createTask } from '../tasks/catalogue.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { initialState, type TrainState } from './checkpoint-state.ts';
import { resolveConfig } from './config.ts';
import { groupOutcome } from './metrics.ts';
import type { Report } from './run.ts';
import { beginStep, samplingMetrics } from './sample-step.ts';

const KEY = randomKey(5);

/** 24 words to train on, 4 a batch; two rollouts of two tokens agree most of the time. */
function runWith(maxBatches: number, sampling: object = {}) {
  const config = resolveConfig(
    {
      task: { name: 'echo', letters: 3, testSize: 3 },
      engine: { fake: { initialLogitStd: 0.5 } },
      sampling: { groupSize: 2, maxTokens: 2, maxBatches, ...sampling },
      training: { problemsPerStep: 4, learningRate: 1 },
    },
    'test',
  );
  const task = createTask(config.task);
  const tokenizer = createCharacterTokenizer(task.alphabet ?? '');
  const engine = createFakeEngine({
    vocabularySize: tokenizer.vocabularySize,
    maxContext: 16,
    seed: 1,
    conditioning: { lastTokens: 1, positions: 1 },
    initialLogitStd: 0.5,
  });
  const reports: Report[] = [];
  const report = (each: Report) => {
    reports.push(each);
  };
  return { config, task, tokenizer, engine, report, reports };
}

async function sampleStep(run: ReturnType<typeof runWith>, { step, problems = 0 }: TrainState) {
  const concurrency = concurrencyOf(run.config.sampling.concurrency);
  return beginStep(run, { step, problems, sampler: await run.engine.sampler(), concurrency, key: KEY }).whole;
}
const sampledAt = (maxBatches: number, state: TrainState = initialState, sampling: object = {}) =>
  sampleStep(runWith(maxBatches, sampling), state);
const ids = (groups: readonly Group[]) => groups.map(({ problem }) => problem.id);
const isMixed = (group: Group) => groupOutcome(group) === 'mixed';

describe('a step’s rollouts', () => {
  it('are one batch, whatever it holds, by default', async () => {
    const { sampled, groups, batches, problems } = await sampledAt(1);
    expect([sampled.length, batches, problems]).toEqual([4, 1, 4]);
    expect(groups).toEqual(sampled);
    expect(samplingMetrics({ sampled, groups, batches, problems }, 1)).toEqual({});
  });

  it('go on until enough groups disagree, take those in the order of their problems, and leave the surplus', async () => {
    const { sampled, groups, batches, problems } = await sampledAt(100);
    const mixed = sampled.filter(isMixed);
    expect(batches).toBeGreaterThan(1);
    expect(mixed.length).toBeGreaterThanOrEqual(4);
    expect(sampled.slice(0, -4).filter(isMixed).length).toBeLessThan(4);
    expect(ids(groups)).toEqual(ids(mixed).slice(0, 4));
    expect(problems).toBe(4 * batches);
    expect(samplingMetrics({ sampled, groups, batches, problems }, 100)).toEqual({
      'rollout/generated_batches': batches,
      'rollout/filtered_groups_frac': (sampled.length - mixed.length) / sampled.length,
    });
  });

  it('stop at maxBatches with what was found', async () => {
    const { sampled, groups, batches } = await sampledAt(2);
    expect([sampled.length, batches]).toEqual([8, 2]);
    expect(ids(groups)).toEqual(ids(sampled.filter(isMixed)));
    expect(groups.length).toBeLessThan(4);
  });

  it('need one batch when all its groups disagree', async () => {
    const { batches, sampled, groups } = await sampledAt(100, initialState, { groupSize: 512 });
    expect([batches, sampled.length, groups.length]).toEqual([1, 4, 4]);
  });

  it('meet no problem twice in an epoch, within a step and from step to step', async () => {
    const met: string[] = [];
    let state: TrainState = initialState;
    for (let step = 0; step < 6; step++) {
      const { sampled, problems } = await sampledAt(3, state);
      met.push(...ids(sampled));
      expect(problems).toBe(met.length);
      state = { ...state, step: step + 1, problems };
    }
    expect(met.length).toBeGreaterThan(48);
    for (const epoch of [met.slice(0, 24), met.slice(24, 48)]) expect(new Set(epoch).size).toBe(24);
  });

  it('draw anew when a problem comes again in the same step', async () => {
    // one token leaves no room to stop, so nothing is correct and two epochs are sampled
    const { sampled, groups, batches } = await sampledAt(12, initialState, { maxTokens: 1, groupSize: 8 });
    expect([sampled.length, groups.length, batches]).toEqual([48, 0, 12]);
    const texts = (group: Group | undefined) => group?.rollouts.map(({ text }) => text).join();
    const again = sampled.slice(24);
    const first = again.map(({ problem }) => sampled.find((group) => group.problem.id === problem.id));
    expect(again.filter((group, i) => texts(group) === texts(first[i])).length).toBeLessThan(4);
  });

  it.each([1, 3])('are the same at concurrency %d', async (concurrency) => {
    expect(await sampledAt(6, initialState, { concurrency })).toEqual(await sampledAt(6));
  });

  it('report progress over all batches of the step', async () => {
    const run = runWith(2);
    await sampleStep(run, initialState);
    const progress = run.reports.flatMap((report) =>
      report.kind === 'progress' ? [[report.done, report.planned]] : [],
    );
    expect(progress.at(0)).toEqual([2, 8]);
    expect(progress.at(-1)).toEqual([16, 16]);
  });
});
