import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { echoConfig, engineFor, finish, runsIn, stoppedAfter } from '../../test/training-run.ts';
import { EngineError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { recipes } from '../objectives/recipes/catalogue.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polarity-loop-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const { started, resumed, lines, metricsOf, checksTold, rewardsOf } = runsIn(() => directory);

describe('the training loop', () => {
  it('raises the reward on the fake engine within 20 steps, on held-out problems too', async () => {
    await finish(await started('learns'));
    const rewards = rewardsOf('learns');
    expect(rewards).toHaveLength(20);
    expect(rewards.at(0)).toBeLessThan(0.2);
    expect(rewards.at(-1)).toBeGreaterThan(0.6);
    const [before, after] = lines('learns', 'evaluations.jsonl').map(
      ({ metrics }) => (metrics as Record<string, number>)['evaluate/pass_at_1'] ?? Number.NaN,
    );
    expect(after).toBeGreaterThan((before ?? 1) + 0.4);
  });

  it.each([1, 4, 64])('writes the same metrics at concurrency %d', async (concurrency) => {
    await finish(await started('default', { training: { steps: 3 } }));
    await finish(await started('other', { training: { steps: 3 }, sampling: { concurrency } }));
    expect(metricsOf('other')).toEqual(metricsOf('default'));
    expect(lines('other', 'evaluations.jsonl')).toEqual(lines('default', 'evaluations.jsonl'));
  });

  it('goes on bit for bit from a checkpoint: 3 + resume + 3 = 6 steps', async () => {
    const settings = {
      training: { steps: 6, minibatches: 2, decay: 'linear' },
      journal: { checkpointsEvery: 2 },
      evaluation: { every: 4 },
    };
    await finish(await started('whole', settings));
    await finish(stoppedAfter(3, await started('halves', settings)));
    expect(metricsOf('halves')).toHaveLength(3);
    await finish(await resumed('halves', settings));
    expect(metricsOf('halves')).toEqual(metricsOf('whole'));
    expect(lines('halves', 'evaluations.jsonl')).toEqual(lines('whole', 'evaluations.jsonl'));
    const state = (name: string) =>
      readFileSync(join(directory, name, 'checkpoints/step-000006/fake-policy.json'), 'utf8');
    expect(state('halves')).toBe(state('whole'));
  });

  it('begins again when it was stopped before its first checkpoint', async () => {
    const settings = { training: { steps: 2 } };
    await finish(await started('whole', settings));
    const early = await started('early', settings);
    early.stopping.abort();
    await finish(early);
    expect(existsSync(join(directory, 'early', 'checkpoints'))).toBe(false);
    await finish(await resumed('early', settings));
    expect(metricsOf('early')).toEqual(metricsOf('whole'));
  });

  it('leaves a finished run as it is when resumed', async () => {
    await finish(await started('done', { training: { steps: 2 } }));
    const before = readdirSync(join(directory, 'done', 'checkpoints'));
    const again = await finish(await resumed('done', { training: { steps: 2 } }));
    expect(again.reports).toEqual([]);
    expect(readdirSync(join(directory, 'done', 'checkpoints'))).toEqual(before);
  });

  it('takes an optimizer step for each minibatch and reports off-policy ratios from the second on', async () => {
    await finish(await started('minibatches', { training: { steps: 8, minibatches: 4 } }));
    const last = metricsOf('minibatches').at(-1) ?? {};
    expect(last['policy/version']).toBeGreaterThan(8);
    expect(last['loss/first_ratio_deviation/max']).toBeLessThan(1e-6);
    expect(last['loss/ratio_deviation/max']).toBeGreaterThan(1e-3);
  });

  it('skips the update of a step without signal, says so once, and writes its metrics', async () => {
    // two tokens from seven at random hit the letter and stop almost never, so groups agree: all wrong
    await finish(await started('nothing', { training: { steps: 3, problemsPerStep: 1 }, sampling: { groupSize: 2 } }));
    expect(metricsOf('nothing').map((line) => line['optim/steps'])).toEqual([0, 0, 0]);
    expect(metricsOf('nothing').at(-1)?.['policy/version']).toBe(0);
    expect(Object.keys(metricsOf('nothing')[0] ?? {}).filter((key) => key.startsWith('loss/'))).toEqual([]);
    expect(metricsOf('nothing').map((line) => line['health/update_made'])).toEqual([0, 0, 1]);
    expect(checksTold('nothing').filter((told) => told === 'update_made amber')).toHaveLength(1);
  });

  it('trains a sentence that no stock loss expresses by its closed-form gradient, equal to the stock one where both exist', async () => {
    const settings = { training: { steps: 4, minibatches: 2 } };
    await finish(await started('stock', { ...settings, objective: { recipe: 'grpo' } }));
    await finish(await started('closed', { ...settings, objective: { recipe: 'grpo', oldPolicy: 'trainer' } }));
    const [stock, closed] = [rewardsOf('stock'), rewardsOf('closed')];
    expect(closed).toEqual(stock);
    const norm = (name: string) => metricsOf(name).at(-1)?.['optim/grad_norm/mean'] as number;
    expect(norm('closed')).toBeCloseTo(norm('stock'), 5);
  });

  describe('with dynamic sampling', () => {
    const settings = {
      objective: { recipe: 'dapo' },
      sampling: { groupSize: 4, maxBatches: 5 },
      training: { steps: 6, problemsPerStep: 4, minibatches: 2 },
      journal: { checkpointsEvery: 2, rolloutsEvery: 1 },
    };

    it('trains on groups that disagree, and measures everything that was sampled', async () => {
      await finish(await started('dynamic', settings));
      const steps = metricsOf('dynamic');
      const batches = steps.map((line) => line['rollout/generated_batches'] as number);
      expect(Math.max(...batches)).toBeGreaterThan(1);
      expect(steps.map((line) => line['rollout/rollouts'])).toEqual(batches.map((count) => count * 16));
      expect(steps.at(-1)?.['train/epoch']).toBeCloseTo((4 * batches.reduce((a, b) => a + b, 0)) / 40, 12);
      for (const [i, line] of steps.entries()) {
        const mixed = line['rollout/groups_mixed'] as number;
        expect(line['train/rollouts'] ?? 0).toBe(4 * Math.min(4, mixed));
        expect(mixed >= 4 || batches[i] === 5).toBe(true);
        expect(line['rollout/filtered_groups_frac']).toBeCloseTo(1 - mixed / (4 * (batches[i] ?? 1)), 12);
      }
    });

    it('goes on bit for bit from a checkpoint, the place in the order of problems included', async () => {
      await finish(await started('whole', settings));
      await finish(stoppedAfter(3, await started('halves', settings)));
      await finish(await resumed('halves', settings));
      expect(metricsOf('halves')).toEqual(metricsOf('whole'));
      const file = (name: string, path: string) => readFileSync(join(directory, name, path));
      for (const path of ['checkpoints/step-000006/fake-policy.json', 'rollouts/step-000006.parquet'])
        expect(file('halves', path).equals(file('whole', path))).toBe(true);
    });

    it.each([1, 3])('writes the same metrics at concurrency %d', async (concurrency) => {
      await finish(await started('default', settings));
      await finish(await started('other', { ...settings, sampling: { ...settings.sampling, concurrency } }));
      expect(metricsOf('other')).toEqual(metricsOf('default'));
    });

    it('without an objective that leaves groups out is refused', async () => {
      await expect(started('grpo', { ...settings, objective: { recipe: 'grpo' } })).rejects.toThrow(
        'sampling.maxBatches has no effect with an objective that keeps groups which agree, got 5',
      );
    });
  });

  it('keeps the last checkpoints and the rollouts it was asked for', async () => {
    await finish(
      await started('kept', {
        training: { steps: 6 },
        journal: { checkpointsEvery: 2, keepCheckpoints: 2, rolloutsEvery: 3 },
      }),
    );
    expect(readdirSync(join(directory, 'kept', 'checkpoints'))).toEqual(['step-000004', 'step-000006']);
    expect(readdirSync(join(directory, 'kept', 'rollouts'))).toEqual(['step-000003.parquet', 'step-000006.parquet']);
  });
});

describe('every recipe', () => {
  it.each(recipes.map(({ name }) => name))('%s trains, at the same bits when repeated', async (name) => {
    const settings = {
      objective: { recipe: name },
      training: { steps: 3, minibatches: 2 },
      evaluation: { atStart: false, atEnd: false },
    };
    await finish(await started('first', settings));
    await finish(await started('second', settings));
    expect(metricsOf('second')).toEqual(metricsOf('first'));
    expect(metricsOf('first').some((line) => (line['optim/steps'] as number) > 0)).toBe(true);
  });

  it('that looks at entropies is refused on an engine that reports none, other recipes are not', async () => {
    const engine = engineFor(echoConfig());
    const blind = Object.create(engine, { capabilities: { value: { ...engine.capabilities, entropies: false } } });
    for (const recipe of ['negative-low-entropy', 'dapo-fork-tokens', 'less', 'entropic'])
      await expect(started(recipe, { objective: { recipe } }, blind)).rejects.toThrow('needs token entropies');
    const run = await started('a3po', {}, blind);
    run.journal.close();
  });

  it('with a penalty pulls towards the reference policy', async () => {
    const penalised = (coefficient: number) => ({
      objective: { recipe: 'grpo', penalties: [{ penalty: 'kl', estimator: 'k3', coefficient }] },
      training: { steps: 10 },
    });
    const reference = () => ({ reference: engineFor(echoConfig()) });
    await finish(await started('weak', penalised(0.001), undefined, reference()));
    await finish(await started('strong', penalised(30), undefined, reference()));
    expect(rewardsOf('weak').at(-1)).toBeGreaterThan((rewardsOf('strong').at(-1) ?? 1) + 0.2);
  });

  it('with a penalty is refused without a reference policy', async () => {
    const settings = {
      objective: { recipe: 'grpo', penalties: [{ penalty: 'kl', estimator: 'k3', coefficient: 0.1 }] },
    };
    await expect(started('none', settings)).rejects.toThrow('a penalty towards a reference policy');
  });
});

describe('a gradient that is not finite', () => {
  /** An engine whose optimizer refuses the steps named. */
  function refusing(
    inner: Engine,
    isRefused: (call: number) => boolean,
    failure = new EngineError('the gradient is not finite (norm NaN)', { isGradientFault: true }),
  ): Engine {
    let calls = 0;
    return {
      capabilities: inner.capabilities,
      get policyVersion() {
        return inner.policyVersion;
      },
      sampler: () => inner.sampler(),
      forward: (...args) => inner.forward(...args),
      forwardBackward: (...args) => inner.forwardBackward(...args),
      optimStep: async (adam) => {
        if (isRefused(calls++)) throw failure;
        return inner.optimStep(adam);
      },
      saveState: (into) => inner.saveState(into),
      loadState: (from) => inner.loadState(from),
      exportWeights: (into) => inner.exportWeights(into),
      close: () => inner.close(),
    };
  }

  it('costs the step, not the run', async () => {
    const config = echoConfig();
    const run = await started(
      'once',
      { training: { steps: 4 } },
      refusing(engineFor(config), (call) => call === 1),
    );
    await finish(run);
    expect(metricsOf('once').map((line) => line['optim/steps'])).toEqual([1, 0, 1, 1]);
    expect(metricsOf('once').map((line) => line['policy/version'])).toEqual([1, 1, 2, 3]);
    expect(checksTold('once')).toContain('finite_numbers amber');
    expect(metricsOf('once').map((line) => line['health/finite_numbers'])).toEqual([0, 1, 0, 0]);
  });

  it('is not what every failed optimizer step is taken for: another failure ends the run at once', async () => {
    const failure = new EngineError('the disk of the weights is gone');
    const run = await started(
      'broken',
      {},
      refusing(engineFor(echoConfig()), (call) => call === 1, failure),
    );
    await expect(finish(run)).rejects.toBe(failure);
    expect(checksTold('broken')).not.toContain('finite_numbers amber');
  });

  it('stops the run at the third step in a row', async () => {
    const config = echoConfig();
    const run = await started(
      'thrice',
      {},
      refusing(engineFor(config), (call) => call >= 2),
    );
    await expect(finish(run)).rejects.toThrow(
      /^3 steps in a row had a gradient that is not finite: the gradient is not finite/,
    );
    expect(metricsOf('thrice')).toHaveLength(5);
  });
});
