import { expect, it } from 'vitest';
import { childKey, randomKey, uniform } from '../../core/random.ts';
import type { SampleRequest } from '../engine.ts';
import { advance, beginRow, completionOf, nextUniform } from './rows.ts';

const KEY = randomKey(3, 'rows');
const request: SampleRequest = {
  prompt: Int32Array.of(5, 6, 7),
  count: 2,
  maxTokens: 3,
  temperature: 0.5,
  stopTokens: [1],
  key: KEY,
};
const settled = { finish: () => {}, fail: () => {} };
const row = (changes: Partial<SampleRequest> = {}, index = 0) =>
  beginRow({ ...request, ...changes }, { tokens: request.prompt, cache: undefined }, index, settled);

it('a row begins with the prompt cached but for its last token, which is fed next', () => {
  const { position, pending, inverseTemperature } = row();
  expect({ position, pending, inverseTemperature }).toEqual({ position: 2, pending: 7, inverseTemperature: 2 });
  expect(row({ temperature: 0 }).inverseTemperature).toBe(1);
});

it('token t of completion i is drawn with uniform(childKey(key, i), t), below 1 in float32', () => {
  const second = row({}, 1);
  expect(nextUniform(second)).toBe(uniform(childKey(KEY, 1), 0));
  advance(second, 4, -1, 1);
  expect(nextUniform(second)).toBe(uniform(childKey(KEY, 1), 1));
  for (let i = 0; i < 1000; i++) expect(Math.fround(nextUniform(row({}, i)))).toBeLessThan(1);
});

it('a completion ends at a stop token, which is its last, or at maxTokens', () => {
  const stopped = row();
  expect(advance(stopped, 4, -0.5, 1)).toBeUndefined();
  expect(stopped).toMatchObject({ position: 3, pending: 4 });
  expect(advance(stopped, 1, -0.25, 2)).toBe('stop');
  expect(completionOf(stopped, 'stop', 7)).toEqual({
    tokens: Int32Array.of(4, 1),
    logprobs: Float32Array.of(-0.5, -0.25),
    entropies: Float32Array.of(1, 2),
    stopReason: 'stop',
    policyVersion: 7,
  });
  const long = row();
  expect([4, 5, 6].map((token) => advance(long, token, 0, 0))).toEqual([undefined, undefined, 'length']);
  // a stop token that comes last is a stop
  const both = row();
  expect([4, 5, 1].map((token) => advance(both, token, 0, 0))).toEqual([undefined, undefined, 'stop']);
});
