import { expect, it } from 'vitest';
import { sample } from '../../test/fixtures/samples.ts';
import { segmentWeights } from './segments.ts';

/** Tokens with entropy 0.1 except 91, 92, 94 (1) and 93 (2). */
const written = (reward: number, tokens: number[]) =>
  sample(
    reward,
    tokens.map(() => 0.5),
    {
      tokens: Int32Array.from(tokens),
      entropies: Float32Array.from(tokens, (token) => (token === 93 ? 2 : token > 90 ? 1 : 0.1)),
    },
  );

it('a segment shared by both polarities weighs 0, by one polarity its share, alone 1 / n', () => {
  const group = [
    written(1, [91, 1, 2, 3, 4, 5, 92, 11, 12, 13, 14, 15, 93]),
    written(1, [91, 21, 22, 23, 24, 25, 92, 11, 12, 13, 14, 15, 93]),
    written(0, [91, 1, 2, 3, 4, 5, 92, 31, 32, 33, 34, 35, 93]),
  ];
  const [first, second, third] = segmentWeights(group).map((row) => [...row]);
  // 91 and 92 lie at the threshold, 93 above it
  expect(first).toEqual([0.5, 0, 0, 0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1]);
  expect(second).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1, 1, 1]);
  expect(third).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
});

it('a segment inside a longer one is a core of the shorter length', () => {
  const group = [written(1, [91, 1, 2, 3, 4, 5, 92, 93, 94]), written(0, [91, 9, 1, 2, 3, 4, 5, 92, 93, 94])];
  const [first, second] = segmentWeights(group).map((row) => [...row]);
  expect(first).toEqual([1, 0, 0, 0, 0, 0, 1, 1, 1]);
  expect(second).toEqual([1, 1, 0, 0, 0, 0, 0, 1, 1, 1]);
});

it('rollouts without polarity weigh 0', () => {
  const unknown = { ...written(0, [1, 2]), polarity: undefined };
  expect(segmentWeights([unknown]).map((row) => [...row])).toEqual([[0, 0]]);
});
