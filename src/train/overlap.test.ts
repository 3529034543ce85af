import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hookedEngine } from '../../test/hooked-engine.ts';
import { echoConfig, engineFor, finish, runsIn, type Settings, stoppedAfter } from '../../test/training-run.ts';
import type { Engine } from '../engine/engine.ts';
import { RolloutFile } from '../journal/rollout-file.ts';
import { createTask } from '../tasks/catalogue.ts';
import type { Task } from '../tasks/task.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polarity-overlap-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const { started, resumed, lines, metricsOf, checksTold, rewardsOf } = runsIn(() => directory);
const file = (name: string, path: string) => readFileSync(join(directory, name, path), 'utf8');
const weights = (name: string, step: number) =>
  file(name, `checkpoints/step-${String(step).padStart(6, '0')}/fake-policy.json`);

/** Waits a different while at every call, the same in every run of it. */
function erratic(inner: Engine): Engine {
  let calls = 0;
  return hookedEngine(inner, { before: () => setTimeout((calls++ * 7) % 5) });
}

/** Has no verdict about what begins with the letter b. */
function forgetful(): Task {
  const task = createTask({ name: 'echo' });
  return {
    ...task,
    verify: (problem, text) =>
      text.startsWith('b')
        ? { outcome: 'unknown', reason: 'timeout', explanation: 'too slow' }
        : task.verify(problem, text),
  };
}

/** Every number within the relative tolerance, everything else equal. */
function expectClose(actual: unknown, expected: unknown, tolerance: number): void {
  if (typeof expected === 'number' && typeof actual === 'number')
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(1e-3, Math.abs(expected)));
  else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(actual as object)).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected))
      expectClose((actual as Record<string, unknown>)[key], value, tolerance);
  } else expect(actual).toEqual(expected);
}

describe('streaming', () => {
  const streaming = (settings: Settings = {}): Settings => ({
    ...settings,
    training: { steps: 5, ...settings['training'], stream: true },
  });
  const whole = (settings: Settings = {}): Settings => ({
    ...settings,
    training: { steps: 5, ...settings['training'] },
  });

  it.each<[string, Settings]>([
    ['A3PO', {}],
    ['three minibatches', { training: { minibatches: 3 } }],
    ['a constant denominator', { objective: { recipe: 'dr-grpo' } }],
    ['a closed-form loss', { objective: { recipe: 'gspo', aggregation: 'seq-mean-token-mean' } }],
    ['the trainer’s pi_old', { objective: { recipe: 'grpo', oldPolicy: 'trainer' } }],
    ['a mismatch schedule', { objective: { recipe: 'a3po', decay: 'H6', mismatchBound: 0.1 } }],
  ])('gives the numbers of the whole batch: %s', async (_, settings) => {
    await finish(await started('whole', whole(settings)));
    await finish(await started('streamed', streaming(settings)));
    expectClose(metricsOf('streamed'), metricsOf('whole'), 1e-12);
    expectClose(JSON.parse(weights('streamed', 5)), JSON.parse(weights('whole', 5)), 1e-12);
  });

  it('is the same bit for bit whatever comes first', async () => {
    await finish(await started('even', streaming({ training: { minibatches: 2 } })));
    const uneven = erratic(engineFor(echoConfig()));
    await finish(
      await started('uneven', streaming({ training: { minibatches: 2 }, sampling: { concurrency: 3 } }), uneven),
    );
    expect(metricsOf('uneven')).toEqual(metricsOf('even'));
    expect(weights('uneven', 5)).toBe(weights('even', 5));
  });

  it.each([{}, { recipe: 'gspo', aggregation: 'seq-mean-token-mean' }])(
    'makes up for rollouts that turn out to have no verdict: %j',
    async (objective) => {
      const sampling = { truncated: 'verify' };
      // the probe looks at differences of log-probabilities after several such steps
      const journal = { probedRollouts: 0 };
      const settings: Settings = { sampling, journal, ...('recipe' in objective ? { objective } : {}) };
      await finish(await started('whole', whole(settings), undefined, { task: forgetful() }));
      await finish(await started('streamed', streaming(settings), undefined, { task: forgetful() }));
      expect(metricsOf('whole')[0]?.['rollout/unknown_frac']).toBeGreaterThan(0.1);
      // weights of datums are float32, theirs are rounded twice, Adam amplifies what tiny gradients differ by, and percentiles jump
      expectClose(metricsOf('streamed'), metricsOf('whole'), 2e-3);
    },
  );

  it('submits a group’s gradient while later groups are sampled, and the optimizer step before any gradient is there', async () => {
    const order: string[] = [];
    let samples = 0;
    const engine = hookedEngine(engineFor(echoConfig()), {
      made: (verb) => order.push(verb),
      before: (verb) => verb === 'sample' && setTimeout(samples++ === 0 ? 0 : 30),
      after: (verb) => order.push(`${verb} done`),
    });
    const settings = {
      training: { steps: 1 },
      evaluation: { atStart: false, atEnd: false },
      sampling: { groupSize: 32 },
    };
    await finish(await started('order', streaming(settings), engine));
    const at = (what: string) => order.indexOf(what);
    expect(at('forwardBackward')).toBeLessThan(order.lastIndexOf('sample done'));
    expect(at('optimStep')).toBeLessThan(order.lastIndexOf('forwardBackward done'));
  });

  it.each<[string, string, Settings]>([
    ['token-mean', 'tokens of the whole minibatch', { objective: { recipe: 'dapo', filters: [] } }],
    ['whitening', 'whiten', { objective: { recipe: 'a3po', whiten: true } }],
    ['an entropy schedule', 'entropy schedule', { objective: { recipe: 'a3po', decay: 'H5', entropyTarget: 1 } }],
    ['dynamic sampling', 'sampling.maxBatches', { sampling: { maxBatches: 2 }, objective: { recipe: 'dapo' } }],
    ['truncated completions without a verdict', 'truncated: unknown', { sampling: { truncated: 'unknown' } }],
    [
      'the trainer’s pi_old with minibatches',
      'before the first update',
      { objective: { recipe: 'grpo', oldPolicy: 'trainer' }, training: { minibatches: 2 } },
    ],
  ])('is refused with %s', async (_, reason, settings) => {
    await expect(started('refused', streaming(settings))).rejects.toThrow(reason);
  });
});

describe('sampling ahead', () => {
  // groups so large that every step has an update: policy versions count steps
  const lagging = (k: number, settings: Settings = {}): Settings => ({
    ...settings,
    sampling: { groupSize: 64, ...settings['sampling'] },
    training: { steps: 8, ...settings['training'], maxStepsOffPolicy: k },
    journal: { rolloutsEvery: 1, ...settings['journal'] },
  });

  async function versionsOf(name: string, step: number): Promise<number[]> {
    const rollouts = await RolloutFile.open(join(directory, name, `rollouts/step-00000${step}.parquet`));
    const rows = await rollouts.columns(['policyVersion']);
    await rollouts.close();
    return [...new Set(rows.map(({ policyVersion }) => Number(policyVersion)))];
  }

  it.each([1, 2, 3])('trains step s on rollouts of the policy after max(0, s - %d) steps, and says so', async (k) => {
    await finish(await started('lagging', lagging(k)));
    for (let step = 1; step <= 8; step++) {
      const behind = Math.min(k, step - 1);
      expect(await versionsOf('lagging', step)).toEqual([step - 1 - behind]);
      const line = metricsOf('lagging')[step - 1] ?? {};
      expect([line['policy/staleness_steps/mean'], line['policy/staleness_steps/max']]).toEqual([behind, behind]);
      expect('loss/first_ratio_deviation/max' in line).toBe(behind === 0);
    }
    expect(checksTold('lagging').filter((told) => /importance_ratio|weights_in_sampler/.test(told))).toEqual([]);
  });

  it('still learns, and evaluates the policy of the moment', async () => {
    await finish(await started('learns', lagging(2, { training: { steps: 20 }, evaluation: { every: 5 } })));
    expect(rewardsOf('learns').at(-1)).toBeGreaterThan(0.5);
    expect(lines('learns', 'evaluations.jsonl').map(({ policyVersion }) => policyVersion)).toEqual([0, 5, 10, 15, 20]);
  });

  it.each([{}, { sampling: { groupSize: 4, maxBatches: 5 }, objective: { recipe: 'dapo' } }])(
    'is the same bit for bit whatever comes first: %j',
    async (settings) => {
      await finish(await started('even', lagging(2, settings)));
      const uneven = { ...settings, sampling: { ...settings.sampling, concurrency: 3 } };
      await finish(await started('uneven', lagging(2, uneven), erratic(engineFor(echoConfig()))));
      expect(metricsOf('uneven')).toEqual(metricsOf('even'));
      expect(weights('uneven', 8)).toBe(weights('even', 8));
    },
  );

  it('goes with streaming', async () => {
    await finish(await started('whole', lagging(2)));
    await finish(await started('streamed', lagging(2, { training: { stream: true } })));
    expectClose(metricsOf('streamed'), metricsOf('whole'), 1e-12);
  });

  it.each([1, 2, 3, 7])(
    'goes on bit for bit when stopped after step %d: its checkpoint holds what was sampled ahead',
    async (step) => {
      const settings = lagging(2, { journal: { checkpointsEvery: 3 } });
      await finish(await started('whole', settings));
      await finish(stoppedAfter(step, await started('halves', settings)));
      const ahead = readdirSync(join(directory, 'halves', `checkpoints/step-00000${step}/ahead`));
      expect(ahead).toEqual(
        [step + 1, step + 2].filter((next) => next <= 8).map((next) => `step-00000${next}.parquet`),
      );
      await finish(await resumed('halves', settings));
      expect(metricsOf('halves')).toEqual(metricsOf('whole'));
      expect(weights('halves', 8)).toBe(weights('whole', 8));
      for (let each = 1; each <= 8; each++)
        expect(file('halves', `rollouts/step-00000${each}.parquet`)).toBe(
          file('whole', `rollouts/step-00000${each}.parquet`),
        );
    },
  );

  it('goes on bit for bit with dynamic sampling, the place in the order of problems included', async () => {
    const dynamic = { sampling: { groupSize: 4, maxBatches: 5 }, objective: { recipe: 'dapo' } };
    const settings = lagging(2, { ...dynamic, training: { problemsPerStep: 4 } });
    await finish(await started('whole', settings));
    await finish(stoppedAfter(3, await started('halves', settings)));
    await finish(await resumed('halves', settings));
    expect(metricsOf('halves')).toEqual(metricsOf('whole'));
  });

  it('leaves what is too old when it is resumed with a smaller lag', async () => {
    await finish(stoppedAfter(4, await started('halves', lagging(2))));
    await finish(await resumed('halves', lagging(0)));
    expect(await versionsOf('halves', 5)).toEqual([4]);
    expect(await versionsOf('halves', 6)).toEqual([5]);
  });

  it('keeps no more problems sampling at once than sampling.concurrency, over all batches', async () => {
    let [running, most] = [0, 0];
    const engine = hookedEngine(engineFor(echoConfig()), {
      before: async (verb) => {
        if (verb !== 'sample') return;
        most = Math.max(most, ++running);
        await setTimeout(1);
        running--;
      },
    });
    await finish(
      await started(
        'bounded',
        lagging(3, { sampling: { concurrency: 5 }, evaluation: { atStart: false, atEnd: false } }),
        engine,
      ),
    );
    expect(most).toBe(5);
  });

  it.each<[string, string, object]>([
    ['no importance ratio', 'no importance ratio', { recipe: 'grpo', surrogate: { kind: 'reinforce' } }],
    ['pi_old of the trainer', 'oldPolicy: trainer', { recipe: 'grpo', oldPolicy: 'trainer' }],
  ])('is refused with %s', async (_, reason, objective) => {
    await expect(started('refused', lagging(1, { objective }))).rejects.toThrow(reason);
  });

  it('is refused where samplers follow the weights, and so is streaming into minibatches', async () => {
    const engine = engineFor(echoConfig());
    const live = Object.create(engine, { capabilities: { value: { ...engine.capabilities, snapshots: 'live' } } });
    await expect(started('lag', lagging(1), live)).rejects.toThrow('samplers follow the weights');
    const stream = { training: { stream: true, minibatches: 2 } };
    await expect(started('stream', stream, live)).rejects.toThrow('samplers follow the weights');
    const run = await started('one', { training: { stream: true } }, live);
    run.journal.close();
  });
});
