/** Whole runs: a sound one is green throughout, and each fault injected into one turns its own check red and no other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  echoConfig,
  engineFor,
  finish,
  runsIn,
  type Settings,
  stoppedAfter,
  type Watched,
} from '../../test/training-run.ts';
import type { Completion } from '../core/rollout.ts';
import type { Engine, SampleRequest, Sampler } from '../engine/engine.ts';
import { parseObjective } from '../objectives/objective.ts';
import type { Sentence } from '../objectives/schema.ts';
import { worstStates } from './health.ts';
import { train } from './loop.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polarity-health-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const { started, resumed, metricsOf, checksTold } = runsIn(() => directory);

/** Long enough that an untrained policy mostly stops by itself. */
const settings: Settings = {
  objective: { recipe: 'grpo' },
  sampling: { maxTokens: 8, groupSize: 32 },
  training: { steps: 4, learningRate: 0.05 },
  evaluation: { atStart: false, atEnd: false },
};

/** The same engine with other samplers. */
function withSamplers(inner: Engine, sampler: () => Promise<Sampler>): Engine {
  return {
    capabilities: inner.capabilities,
    get policyVersion() {
      return inner.policyVersion;
    },
    sampler,
    forward: (...args) => inner.forward(...args),
    forwardBackward: (...args) => inner.forwardBackward(...args),
    optimStep: (adam) => inner.optimStep(adam),
    saveState: (into) => inner.saveState(into),
    loadState: (from) => inner.loadState(from),
    exportWeights: (into) => inner.exportWeights(into),
    close: () => inner.close(),
  };
}

/** Each completion as a faulty sampler would hand it over; `undefined` loses it. */
const corrupting = (fault: (completion: Completion, i: number) => Completion | undefined) => (inner: Engine) =>
  withSamplers(inner, async () => {
    const sampler = await inner.sampler();
    return {
      policyVersion: sampler.policyVersion,
      sample: async (request) => (await sampler.sample(request)).flatMap((each, i) => fault(each, i) ?? []),
    };
  });

/** Samples with the weights it was made with, for ever. @param stamp whether it says that they are the latest */
const forgetful = (stamp: 'latest' | 'honest') => (inner: Engine) => {
  let first: Promise<Sampler> | undefined;
  return withSamplers(inner, async () => {
    first ??= inner.sampler();
    const old = await first;
    const { policyVersion } = stamp === 'latest' ? inner : old;
    const stamped = (completions: Completion[]) => completions.map((each) => ({ ...each, policyVersion }));
    return { policyVersion, sample: async (request: SampleRequest) => stamped(await old.sample(request)) };
  });
};

/** Says `group-mean` to whoever asks, and gives the plain reward to whoever takes it to compute with. */
function lyingSentence(): Sentence {
  const { sentence } = parseObjective('grpo');
  let isCopied = false;
  const baseline = new Proxy({ kind: 'none', discount: 1 } as const, {
    // a copy is made by the descriptors of the properties, each before its value
    getOwnPropertyDescriptor(target, key) {
      isCopied = true;
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    get(target, key) {
      const lie = key === 'kind' && !isCopied;
      isCopied = false;
      return lie ? 'group-mean' : Reflect.get(target, key);
    },
  });
  return { ...sentence, baseline };
}

const reds = (name: string) =>
  [
    ...new Set(
      metricsOf(name).flatMap((line) =>
        Object.entries(line).flatMap(([key, value]) => (key.startsWith('health/') && value === 2 ? [key] : [])),
      ),
    ),
  ].map((key) => key.slice('health/'.length));

describe('a sound run', () => {
  it('is green on every check at every step, and tells nothing', async () => {
    await finish(await started('sound', settings));
    for (const line of metricsOf('sound')) {
      const states = Object.entries(line).filter(([key]) => key.startsWith('health/'));
      expect(states.filter(([, value]) => value !== 0)).toEqual([]);
      // completions of 8 tokens are too short to repeat a run of 16
      expect(states).toHaveLength(13);
    }
    expect(checksTold('sound')).toEqual([]);
  });

  it.each([1, 2])('stays so %d steps off-policy, with minibatches', async (maxStepsOffPolicy) => {
    const training = { ...settings['training'], maxStepsOffPolicy, minibatches: 2 };
    await finish(await started('ahead', { ...settings, training }));
    expect(checksTold('ahead')).toEqual([]);
  });
});

describe('a fault', () => {
  it.each<[string, string, (inner: Engine) => Engine, Settings]>([
    ['weights that never reach the sampler', 'weights_in_sampler', forgetful('latest'), {}],
    ['a sampler that says it is old', 'weights_in_sampler', forgetful('honest'), {}],
    [
      'a sampler that is older than it may be',
      'weights_in_sampler',
      forgetful('honest'),
      { training: { ...settings['training'], maxStepsOffPolicy: 1 } },
    ],
    ['a completion too few', 'group_integrity', corrupting((each, i) => (i === 0 ? undefined : each)), {}],
    ['a stop that is none', 'completion_ends', corrupting((each) => ({ ...each, stopReason: 'stop' as const })), {}],
    [
      'log-probabilities of another temperature',
      'importance_ratio',
      corrupting((each) => ({ ...each, logprobs: each.logprobs.map((logprob) => logprob * 0.8) })),
      {},
    ],
  ])('%s turns %s red, and no other', async (_, check, faulty, more) => {
    const run = await started(
      'faulty',
      { ...settings, ...more },
      faulty(engineFor(echoConfig({ ...settings, ...more }))),
    );
    await finish(run);
    expect(reds('faulty')).toEqual([check]);
    expect(checksTold('faulty')).toEqual([`${check} red`]);
  });

  it('an objective whose advantages do not cancel though it says so turns advantage_sum red, and no other', async () => {
    const run = await started('faulty', settings);
    await finish({ ...run, objective: { ...run.objective, sentence: lyingSentence() } });
    expect(reds('faulty')).toEqual(['advantage_sum']);
  });

  it('a verifier that breaks on every other problem turns unknown_verdicts red, and no other', async () => {
    const run = await started('faulty', settings);
    const { task } = run;
    const isBroken = (id: string) => Number(id.slice(-1)) % 2 === 0;
    const verify: typeof task.verify = (problem, text) => {
      if (isBroken(problem.id)) throw new Error('out of memory');
      return task.verify(problem, text);
    };
    await finish({ ...run, task: { ...task, verify } });
    expect(reds('faulty')).toEqual(['unknown_verdicts']);
  });

  it('a tokenizer that loses letters turns token_round_trip red, and no other', async () => {
    const run = await started('faulty', settings);
    const { tokenizer } = run;
    const encode = (text: string) => tokenizer.encode(text.replaceAll(/[ab]/g, 'c'));
    await finish({ ...run, tokenizer: { ...tokenizer, encode } });
    expect(reds('faulty')).toEqual(['token_round_trip']);
  });
});

describe('health across an interruption', () => {
  it('is what it would have been: states, events and the worst of the run', async () => {
    const hot = { ...settings, training: { steps: 6, learningRate: 2 }, journal: { checkpointsEvery: 1 } };
    const ended = async (run: Watched) => {
      const { health } = await train(run).finally(() => run.journal.close());
      return health;
    };
    const whole = await ended(await started('whole', hot));
    await finish(stoppedAfter(3, await started('halves', hot)));
    const halves = await ended(await resumed('halves', hot));
    expect(worstStates(whole)).not.toEqual([]);
    expect(halves).toEqual(whole);
    expect(metricsOf('halves')).toEqual(metricsOf('whole'));
    expect(checksTold('halves')).toEqual(checksTold('whole'));
  });
});
