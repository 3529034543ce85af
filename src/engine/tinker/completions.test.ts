import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomKey } from '../../core/random.ts';
import type { SampleRequest } from '../engine.ts';
import { completionsOf, wireSampling } from './completions.ts';
import { seedOf } from './seed.ts';
import type { SampledSequence } from './wire.ts';

const REQUEST: SampleRequest = {
  prompt: Int32Array.of(1),
  count: 1,
  maxTokens: 4,
  temperature: 0.5,
  stopTokens: [7],
  key: randomKey(1),
};

test('seeds leave room below 2^31 for a request of a million completions, and differ with the key', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const drawn = seedOf(randomKey(seed));
      expect(Number.isInteger(drawn) && drawn >= 0 && drawn + 2 ** 20 <= 2 ** 31).toBe(true);
    }),
  );
  expect(seedOf(randomKey(1))).not.toBe(seedOf(randomKey(2)));
});

test('no topK is -1 on the wire', () => {
  const { params } = wireSampling(REQUEST);
  expect(params).toEqual({ maxTokens: 4, seed: seedOf(REQUEST.key), stop: [7], temperature: 0.5, topK: -1, topP: 1 });
  expect(wireSampling({ ...REQUEST, topK: 3, topP: 0.9 }).params).toMatchObject({ topK: 3, topP: 0.9 });
});

test('sequences become completions; what nobody could train on is refused', () => {
  const good: SampledSequence = { tokens: Int32Array.of(5, 7), logprobs: Float32Array.of(-1, -2), stopReason: 'stop' };
  const read = (...sequences: SampledSequence[]) => completionsOf(REQUEST, { sequences, promptLogprobs: undefined }, 3);
  expect(read(good)).toEqual([
    {
      tokens: good.tokens,
      logprobs: good.logprobs,
      entropies: new Float32Array(0),
      stopReason: 'stop',
      policyVersion: 3,
    },
  ]);
  expect(() => read({ ...good, logprobs: undefined })).toThrow('log-probabilities');
  expect(() => read({ ...good, logprobs: Float32Array.of(-1, Number.NaN) })).toThrow('log-probabilities');
  expect(() => read({ ...good, tokens: new Int32Array(0), logprobs: new Float32Array(0) })).toThrow('0 tokens');
  expect(() => read({ ...good, tokens: new Int32Array(5), logprobs: new Float32Array(5) })).toThrow('5 tokens');
});
