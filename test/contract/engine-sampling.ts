/**
 * The contract's promises about samplers.
 */
import { expect } from 'vitest';
import { UserError } from '../../src/core/errors.ts';
import { childKey, RandomStream, randomKey, uniform } from '../../src/core/random.ts';
import type { Completion } from '../../src/core/rollout.ts';
import type { Engine, SampleRequest } from '../../src/engine/engine.ts';
import type { Promises, Trial } from './engine-contract.ts';
import { ADAM, datumOf, nextLogprobs, randomData, randomTokens } from './engine-material.ts';

const KEY = randomKey(11, 'contract');

function request(engine: Engine, changes: Partial<SampleRequest> = {}): SampleRequest {
  const prompt = randomTokens(new RandomStream(randomKey(3)), 5, engine.capabilities.vocabularySize);
  return { prompt, count: 6, maxTokens: 9, temperature: 1, stopTokens: [], key: KEY, ...changes };
}

async function sample(engine: Engine, changes: Partial<SampleRequest> = {}): Promise<Completion[]> {
  return (await engine.sampler()).sample(request(engine, changes));
}

const tokensOf = (completions: readonly Completion[]) => completions.map(({ tokens }) => [...tokens]);

/** Sampled log-probabilities and entropies against those of a forward pass over the same sequences. */
async function expectEqualToForward(
  trial: Trial,
  engine: Engine,
  changes: Partial<SampleRequest>,
  temperature: number,
) {
  const completions = await sample(engine, changes);
  const { prompt } = request(engine, changes);
  const data = completions.map((completion) => datumOf(prompt, completion, 1));
  const result = await engine.forward(data, temperature === 1 ? {} : { temperature });
  for (const [i, completion] of completions.entries()) {
    const expectClose = (sampled: Float32Array, forward: Float32Array) => {
      for (let t = 0; t < completion.tokens.length; t++) {
        expect(Math.abs(sampled[t]! - forward[prompt.length - 1 + t]!)).toBeLessThanOrEqual(trial.tolerance);
      }
    };
    expect(completion.logprobs.length).toBe(completion.tokens.length);
    expectClose(completion.logprobs, result.logprobs[i]!);
    if (!engine.capabilities.entropies) continue;
    expect(completion.entropies.length).toBe(completion.tokens.length);
    expectClose(completion.entropies, result.entropies[i]!);
  }
}

/** softmax(logits / temperature) from log-probabilities at temperature 1, which are logits but for a constant. */
function tempered(logprobs: readonly number[], temperature: number): number[] {
  const powers = logprobs.map((logprob) => Math.exp(logprob / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

async function expectArgmax(trial: Trial, changes: Partial<SampleRequest>) {
  const engine = await trial.engine();
  const [greedy] = await sample(engine, { count: 1, temperature: 0 });
  for (const completion of await sample(engine, { count: 4, ...changes })) {
    expect([...completion.tokens]).toEqual([...greedy!.tokens]);
  }
}

export const sampling: Promises = {
  'log-probabilities and entropies reported while sampling are those of forward': async (trial) => {
    await expectEqualToForward(trial, await trial.engine(), {}, 1);
  },

  'at temperature 0.7 they are those of forward at temperature 0.7': async (trial) => {
    const engine = await trial.engine();
    if (!engine.capabilities.temperature) trial.skip('forward knows temperature 1 only');
    await expectEqualToForward(trial, engine, { temperature: 0.7 }, 0.7);
  },

  'with topK and topP they are still those of the whole distribution': async (trial) => {
    const engine = await trial.engine();
    if (!engine.capabilities.filteredSampling) trial.skip('sampling cannot be restricted');
    await expectEqualToForward(trial, engine, { topK: 3 }, 1);
    await expectEqualToForward(trial, engine, { topP: 0.6 }, 1);
  },

  'temperature 0 takes the likeliest token, whatever the key, and reports temperature 1': async (trial) => {
    const engine = await trial.engine();
    const completions = await sample(engine, { temperature: 0, count: 3, key: randomKey(1) });
    expect(tokensOf(completions)).toEqual(
      tokensOf(await sample(engine, { temperature: 0, count: 3, key: randomKey(2) })),
    );
    await expectEqualToForward(trial, engine, { temperature: 0 }, 1);
    const { prompt } = request(engine);
    const tokens = [...completions[0]!.tokens];
    for (const t of [0, 1, tokens.length - 1]) {
      const logprobs = await nextLogprobs(engine, [...prompt, ...tokens.slice(0, t)]);
      expect(logprobs[tokens[t]!]).toBeGreaterThanOrEqual(Math.max(...logprobs) - trial.tolerance);
    }
  },

  'topK 1 equals temperature 0': async (trial) => {
    if (!(await trial.engine()).capabilities.filteredSampling) trial.skip('sampling cannot be restricted');
    await expectArgmax(trial, { topK: 1 });
  },

  'a tiny topP equals temperature 0': async (trial) => {
    if (!(await trial.engine()).capabilities.filteredSampling) trial.skip('sampling cannot be restricted');
    await expectArgmax(trial, { topP: 1e-6 });
  },

  'topK and topP draw from the likeliest tokens only, and from all of those': async (trial) => {
    const engine = await trial.engine();
    if (!engine.capabilities.filteredSampling) trial.skip('sampling cannot be restricted');
    const logprobs = await nextLogprobs(engine, request(engine).prompt);
    const byRank = [...logprobs.keys()].sort((a, b) => logprobs[b]! - logprobs[a]!);
    // hot enough that 400 draws surely show the third token
    const temperature = [1, 2, 4, 8, 16, 32].find((hot) => tempered(logprobs, hot)[byRank[2]!]! > 0.05)!;
    const probabilities = tempered(logprobs, temperature);
    const mass = (count: number) => byRank.slice(0, count).reduce((sum, token) => sum + probabilities[token]!, 0);
    const firsts = async (changes: Partial<SampleRequest>) => {
      const completions = await sample(engine, { maxTokens: 1, count: 400, temperature, ...changes });
      return new Set(completions.map(({ tokens }) => tokens[0]!));
    };
    expect(await firsts({ topK: 2 })).toEqual(new Set(byRank.slice(0, 2)));
    // half way through the third token's mass: three tokens are needed to hold it
    expect(await firsts({ topP: (mass(2) + mass(3)) / 2 })).toEqual(new Set(byRank.slice(0, 3)));
  },

  'token t of completion i is drawn by uniform(childKey(key, i), t) through the inverse CDF in order of token id':
    async (trial) => {
      const engine = await trial.engine();
      const { prompt } = request(engine);
      const completions = await sample(engine, { count: 40, maxTokens: 1 });
      const logprobs = await nextLogprobs(engine, prompt);
      for (const [i, { tokens }] of completions.entries()) {
        const u = uniform(childKey(KEY, i), 0);
        const below = logprobs.slice(0, tokens[0]!).reduce((sum, logprob) => sum + Math.exp(logprob), 0);
        expect(u).toBeGreaterThanOrEqual(below - trial.tolerance);
        expect(u).toBeLessThanOrEqual(below + Math.exp(logprobs[tokens[0]!]!) + trial.tolerance);
      }
    },

  'a stop token ends a completion, is its last token, and changes nothing before it': async (trial) => {
    const engine = await trial.engine();
    const free = await sample(engine, { count: 12 });
    // tokens that come late in the first completion; they may come early in others
    const stopTokens = [...free[0]!.tokens.slice(4, 6)];
    const stopped = await sample(engine, { count: 12, stopTokens });
    for (const [i, { tokens, stopReason }] of stopped.entries()) {
      const end = free[i]!.tokens.findIndex((token) => stopTokens.includes(token));
      expect(stopReason).toBe(end === -1 ? 'length' : 'stop');
      expect([...tokens]).toEqual([...free[i]!.tokens.slice(0, end === -1 ? undefined : end + 1)]);
    }
    expect(new Set(stopped.map(({ stopReason }) => stopReason))).toContain('stop');
    expect(free.every(({ tokens, stopReason }) => tokens.length === 9 && stopReason === 'length')).toBe(true);
  },

  'samples do not depend on what else is in flight, bit for bit': async (trial) => {
    const engine = await trial.engine();
    const sampler = await engine.sampler();
    const requests = Array.from({ length: 7 }, (_, i) => ({
      ...request(engine, { count: 1 + (i % 4), maxTokens: 3 + i, key: childKey(KEY, 'request', i) }),
      prompt: randomTokens(new RandomStream(randomKey(i)), 1 + i, engine.capabilities.vocabularySize),
    }));
    const alone: Completion[][] = [];
    for (const each of requests) alone.push(await sampler.sample(each));
    const together = await Promise.all(requests.map((each) => sampler.sample(each)));
    const reversed = await Promise.all([...requests].reverse().map((each) => sampler.sample(each)));
    expect(together).toEqual(alone);
    expect(reversed.reverse()).toEqual(alone);
    // and the count of a request changes none of its completions
    const [first] = await sampler.sample({ ...requests[3]!, count: 1 });
    expect(first).toEqual(alone[3]![0]);
  },

  'different keys give different samples': async (trial) => {
    const engine = await trial.engine();
    // hot, so that a peaked policy differs as well
    const drawn = (seed: number) => sample(engine, { key: randomKey(seed), temperature: 8 });
    const [a, b] = [await drawn(1), await drawn(2)];
    expect(tokensOf(a)).not.toEqual(tokensOf(b));
    expect(new Set(tokensOf(a).map(String)).size).toBeGreaterThan(1);
  },

  'an old sampler stays frozen while the engine learns': async (trial) => {
    const engine = await trial.engine();
    const old = await engine.sampler();
    const before = await old.sample(request(engine));
    await engine.forwardBackward(await randomData(engine, 5), { kind: 'cross_entropy' });
    await engine.optimStep({ ...ADAM, learningRate: 0.3 });
    expect(await old.sample(request(engine))).toEqual(before);
    expect(old.policyVersion).toBe(0);
    const young = await engine.sampler();
    expect(young.policyVersion).toBe(1);
    const after = await young.sample(request(engine));
    expect(after.map(({ policyVersion }) => policyVersion)).toEqual(before.map(() => 1));
    expect(after.map(({ logprobs }) => [...logprobs])).not.toEqual(before.map(({ logprobs }) => [...logprobs]));
  },

  'a prompt that leaves no room is refused with both lengths, one that just fits is served': async (trial) => {
    const engine = await trial.engine();
    const { maxContext, vocabularySize } = engine.capabilities;
    const prompt = randomTokens(new RandomStream(randomKey(1)), maxContext - 3, vocabularySize);
    const fitting = await sample(engine, { prompt, maxTokens: 3, count: 1 });
    expect(fitting[0]!.tokens.length).toBe(3);
    const refusal = await sample(engine, { prompt, maxTokens: 4, count: 1 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UserError);
    expect((refusal as Error).message).toContain(String(prompt.length));
    expect((refusal as Error).message).toContain(String(maxContext));
  },

  'requests that make no sense are refused': async (trial) => {
    const engine = await trial.engine();
    const nonsense: Partial<SampleRequest>[] = [
      { prompt: new Int32Array(0) },
      { prompt: Int32Array.of(engine.capabilities.vocabularySize) },
      { count: 0 },
      { maxTokens: 0 },
      { temperature: -1 },
      { topP: 0 },
      { topK: -1 },
    ];
    for (const changes of nonsense) await expect(sample(engine, changes)).rejects.toBeInstanceOf(UserError);
  },
};
