import fc from 'fast-check';
import { expect, test } from 'vitest';
import { distribution, drawToken } from './fake-policy.ts';

const P = Float64Array.of(0.2, 0.5, 0.3);
const draws = (topK: number, topP: number) =>
  [0, 0.19, 0.21, 0.62, 0.64, 0.69, 0.71, 0.999].map((u) => drawToken(P, topK, topP, u));

test('the inverse CDF runs in order of token id', () => {
  expect(draws(0, 1)).toEqual([0, 0, 1, 1, 1, 1, 2, 2]);
});

test('topK and topP keep the likeliest tokens and renormalise', () => {
  // tokens 1 and 2 with .625 and .375
  expect(draws(2, 1)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  expect(draws(0, 0.7)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  // exactly half is held by token 1 alone
  expect(draws(0, 0.5)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  // of what topK left, .625 >= .6
  expect(draws(2, 0.6)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  // more than there are tokens: all of them
  expect(draws(9, 1)).toEqual(draws(0, 1));
});

test('of equally likely tokens the lower id counts as likelier', () => {
  expect(drawToken(Float64Array.of(0.25, 0.25, 0.25, 0.25), 2, 1, 0.99)).toBe(1);
});

test('a token of probability 0 is never drawn, at either end of the unit interval', () => {
  const p = Float64Array.of(0, 0.5, 0.5, 0);
  expect(drawToken(p, 0, 1, 0)).toBe(1);
  expect(drawToken(p, 0, 1, 1 - 2 ** -53)).toBe(2);
});

test('a distribution sums to 1 and its entropy lies between 0 and ln V, also for logits far apart', () => {
  const logit = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(-1e4, 1e4));
  fc.assert(
    fc.property(
      fc.array(logit, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(0.1, 0.7, 1, 3),
      (logits, temperature) => {
        const { probabilities, logprobs, entropy } = distribution(Float64Array.from(logits), temperature);
        expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        expect(logprobs.every((logprob) => logprob <= 0)).toBe(true);
        expect(entropy).toBeGreaterThanOrEqual(0);
        expect(entropy).toBeLessThanOrEqual(Math.log(logits.length) + 1e-12);
      },
    ),
  );
});
