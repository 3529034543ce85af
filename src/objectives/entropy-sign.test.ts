/**
 * The quadrant rule: raising A on likely tokens of correct rollouts, or on unlikely tokens of incorrect ones, lowers
 * entropy; the other two raise it. Checked on softmax policies without training.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sample, sentence } from '../../test/fixtures/samples.ts';
import { shape } from './shape.ts';

const softmax = (logits: readonly number[]) => {
  const top = Math.max(...logits);
  const exps = logits.map((x) => Math.exp(x - top));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((x) => x / sum);
};
const entropy = (logits: readonly number[]) => -softmax(logits).reduce((sum, p) => sum + p * Math.log(p), 0);

/** Logits after one step of gradient ascent on advantage * log pi(y). */
const stepped = (logits: readonly number[], y: number, advantage: number, rate: number) => {
  const p = softmax(logits);
  return logits.map((x, v) => x + rate * advantage * (Number(v === y) - p[v]!));
};

it('the entropy changes by -eta A [p_y (log p_y + H) - sum p^2 (log p + H)]', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 }),
      fc.nat(),
      fc.constantFrom(-1, 1),
      (logits, seed, advantage) => {
        const y = seed % logits.length;
        const p = softmax(logits);
        const h = entropy(logits);
        const slope = p[y]! * (Math.log(p[y]!) + h) - p.reduce((sum, q) => sum + q * q * (Math.log(q) + h), 0);
        const rate = 1e-4;
        const change = (entropy(stepped(logits, y, advantage, rate)) - h) / rate;
        expect(change).toBeCloseTo(-advantage * slope, 3);
      },
    ),
  );
});

/** Five choices: the sampled one with probability p, the others alike. */
const choice = (p: number) => [Math.log(p), ...Array(4).fill(Math.log((1 - p) / 4))];
const probabilities = [0.9, 0.05, 0.5, 0.85, 0.1];

it.each([
  ['positive-low', 1],
  ['positive-high', -1],
  ['negative-high', 1],
  ['negative-low', -1],
])('doubling %s moves the entropy by sign %d', (selector, sign) => {
  const group = [sample(1, probabilities), sample(0, probabilities)];
  const after = (scale: number) =>
    shape(sentence({ recipe: `${selector}-probability`, scale, ratio: 0.4 }), [group])[0]!
      .flatMap(({ advantages }) =>
        [...advantages].map((a, t) => entropy(stepped(choice(probabilities[t]!), 0, a, 0.05))),
      )
      .reduce((a, b) => a + b);
  expect(Math.sign(after(2) - after(1))).toBe(sign);
});
