/** What continuous batching must not change: a completion is the same whatever shares its lane, and whatever happened there before. */
import { afterEach, expect, it } from 'vitest';
import { EngineError } from '../../core/errors.ts';
import { randomKey } from '../../core/random.ts';
import type { Completion } from '../../core/rollout.ts';
import type { ModelConfig } from '../../model/config.ts';
import { initialParameters } from '../../model/initialise.ts';
import { toDatum } from '../../train/datums.ts';
import type { SampleRequest } from '../engine.ts';
import { createOnnxEngine, type OnnxEngine, type OnnxEngineOptions } from './engine.ts';

const CONFIG: ModelConfig = {
  family: 'llama',
  vocabularySize: 12,
  hiddenSize: 32,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headSize: 16,
  feedForwardSize: 24,
  maxContext: 160,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: false,
  queryKeyNorm: false,
  tiedHead: true,
};

const engines: OnnxEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function start(config = CONFIG, options: Partial<OnnxEngineOptions> = {}): Promise<OnnxEngine> {
  const parameters = initialParameters(config, randomKey(2), { embedding: 0.5, linear: 0.3 });
  const engine = await createOnnxEngine(config, parameters, {
    backend: 'koffi',
    threads: 1,
    rows: 4,
    tokenBudget: 256,
    ...options,
  });
  engines.push(engine);
  return engine;
}

const request = (number: number, changes: Partial<SampleRequest> = {}): SampleRequest => ({
  prompt: Int32Array.from({ length: 2 + number }, (_, i) => (5 * number + i) % 12),
  count: 3,
  maxTokens: 12,
  temperature: 1,
  stopTokens: [],
  key: randomKey(9, number),
  ...changes,
});

async function alone(requests: readonly SampleRequest[], config = CONFIG): Promise<Completion[][]> {
  const all: Completion[][] = [];
  for (const each of requests) all.push(await (await (await start(config)).sampler()).sample(each));
  return all;
}

it('temperatures share a lane and stay apart', async () => {
  const requests = [0.3, 1, 2.5].map((temperature, i) => request(i, { temperature }));
  const sampler = await (await start()).sampler();
  expect(await Promise.all(requests.map((each) => sampler.sample(each)))).toEqual(await alone(requests));
});

it('a cache that grows while rows are being written keeps what they have written', async () => {
  // 64 positions, then 128, then 160; the first is still running when the others come
  const requests = [request(0, { maxTokens: 60 }), request(1, { maxTokens: 100 }), request(2, { maxTokens: 150 })];
  const sampler = await (await start()).sampler();
  expect(await Promise.all(requests.map((each) => sampler.sample(each)))).toEqual(await alone(requests));
});

it.each([1, 3, 64])('%d rows give the rollouts of 4, bit for bit', async (rows) => {
  const requests = [0, 1, 2, 3, 4].map((i) => request(i, { stopTokens: [3], maxTokens: 10 + 7 * i }));
  const [few, four] = [await (await start(CONFIG, { rows })).sampler(), await (await start()).sampler()];
  const all = (sampler: typeof few) => Promise.all(requests.map((each) => sampler.sample(each)));
  expect(await all(few)).toEqual(await all(four));
});

it('a vocabulary that is summed in two levels is sampled as it is scored, by either plan', async () => {
  const config = { ...CONFIG, vocabularySize: 5003 };
  for (const plan of ['whole', 'segmented'] as const) {
    const engine = await start(config, { plan });
    const { prompt, ...rest } = request(3, { count: 6 });
    const completions = await (await engine.sampler()).sample({ prompt, ...rest });
    const data = completions.map(({ tokens, logprobs }) =>
      toDatum(prompt, tokens, new Float32Array(tokens.length), logprobs),
    );
    const { logprobs, entropies } = await engine.forward(data);
    expect(new Set(completions.flatMap(({ tokens }) => [...tokens])).size).toBeGreaterThan(40);
    for (const [d, { mask, samplingLogprob }] of data.entries())
      for (let i = 0; i < mask.length; i++) {
        if (mask[i] === 0) continue;
        expect(Math.abs(logprobs[d]![i]! - samplingLogprob[i]!)).toBeLessThan(1e-4);
        const entropy = completions[d]!.entropies[i - prompt.length + 1]!;
        expect(Math.abs(entropies[d]![i]! - entropy)).toBeLessThan(1e-4);
      }
  }
});

it('a request that no memory can hold is refused, all of it, and those after it are served', async () => {
  // 4096 rows of 262,144 positions are more floats than an array can have
  const config = { ...CONFIG, maxContext: 2 ** 18 };
  const sampler = await (await start(config, { rows: 4096 })).sampler();
  const tooLong = sampler.sample(request(0, { maxTokens: 2 ** 18 - 2 }));
  const waiting = sampler.sample(request(1));
  await expect(tooLong).rejects.toBeInstanceOf(EngineError);
  // it was in the same queue: it may have failed with it, but it was answered
  await waiting.catch((error: unknown) => expect(error).toBeInstanceOf(EngineError));
  expect(await sampler.sample(request(1))).toEqual((await alone([request(1)]))[0]);
});

it('a sampler that is retired while it works answers every request', async () => {
  const engine = await start();
  const sampler = await engine.sampler();
  const working = sampler.sample(request(0, { maxTokens: 150 }));
  await engine.close();
  const outcome = await working.catch((error: unknown) => error);
  expect(Array.isArray(outcome) || outcome instanceof EngineError).toBe(true);
});
