import { describe, expect, it } from 'vitest';
import { rows, sample, sentence } from '../../test/fixtures/samples.ts';
import { baselineAdvantages, passAtKAdvantages } from './baselines.ts';
import { discountedReturns } from './returns.ts';
import { transformReward } from './rewards.ts';
import { shape } from './shape.ts';

const input = { rewards: [1, 0, 0, 0], isCorrect: [true, false, false, false], lengths: [4, 2, 1, 1] };

describe('rewards 1,0,0,0 with 4,2,1,1 tokens', () => {
  it.each([
    [{ kind: 'none', discount: 1 }, [1, 0, 0, 0]],
    [{ kind: 'constant', positive: 0, negative: 1, discount: 1 }, [1, -1, -1, -1]],
    [{ kind: 'group-mean' }, [0.75, -0.25, -0.25, -0.25]],
    [{ kind: 'group-normalised', epsilon: 0 }, [1.5, -0.5, -0.5, -0.5]],
    [{ kind: 'leave-one-out' }, [1, -1 / 3, -1 / 3, -1 / 3]],
    [{ kind: 'length-weighted' }, [0.5, -0.5, -0.5, -0.5]],
    [{ kind: 'mean-normalised', epsilon: 0 }, [3, -1, -1, -1]],
    [{ kind: 'best-minus-second', epsilon: 0 }, [2, 0, 0, 0]],
    // k = 1: (R - .25) / sqrt(.25 * .75), the biased standard deviation
    [{ kind: 'pass-at-k', k: 1, epsilon: 0 }, [Math.sqrt(3), ...Array(3).fill(-1 / Math.sqrt(3))]],
  ] as const)('%j gives %j', (baseline, expected) => {
    for (const [i, a] of baselineAdvantages(baseline, input).entries()) expect(a).toBeCloseTo(expected[i]!, 12);
  });
});

it('pass@k is silent for all correct, none correct, and fewer than k incorrect', () => {
  for (const c of [0, 8, 7]) expect(passAtKAdvantages(8, c, 2)).toEqual({ correct: 0, incorrect: 0 });
});

it('returns are discounted from the last trained token and restart at holes', () => {
  expect([...discountedReturns(1, 0.5, Uint8Array.of(1, 1, 1, 0))]).toEqual([0.25, 0.5, 1, 0]);
  expect([...discountedReturns(1, 1, Uint8Array.of(1, 0, 1))]).toEqual([0, 1, 1]);
});

describe('reward transforms', () => {
  const input = { isCorrect: true, length: 95 };
  it.each([
    [{ transform: 'binary' }, 1],
    [{ transform: 'signed' }, -0.5],
    [{ transform: 'affine', factor: 2, offset: 0.125 }, 0.625],
    // 5 of the 10 buffer tokens used
    [{ transform: 'overlong', maxTokens: 100, bufferTokens: 10, factor: 0.5 }, 0],
  ] as const)('%j of 0.25 is %d', (transform, expected) => {
    expect(transformReward([transform], 0.25, input)).toBeCloseTo(expected, 12);
  });

  it('overlong leaves short completions alone', () => {
    const overlong = { transform: 'overlong', maxTokens: 100, bufferTokens: 10, factor: 1 } as const;
    expect(transformReward([overlong], 1, { isCorrect: true, length: 90 })).toBe(1);
  });
});

it('whitening is over tokens: a long rollout weighs more', () => {
  const whitened = shape(sentence('reinforce++'), [[sample(1, [0.5]), sample(0, [0.5, 0.5, 0.5])]]);
  // values 1,0,0,0: mean .25, unbiased std .5
  const expected = [[1.5], [-0.5, -0.5, -0.5]];
  for (const [i, row] of rows(whitened).entries())
    for (const [t, a] of row.entries()) expect(a).toBeCloseTo(expected[i]![t]!, 6);
});

describe('filters', () => {
  const group = [sample(1, [0.5]), sample(0, [0.5], { isTruncated: true }), sample(0, [0.5])];
  const rewards = (filters: object[]) =>
    shape(sentence({ recipe: 'grpo', baseline: { kind: 'group-mean' }, filters }), [group])[0]!.map(
      ({ advantages, reward }) => [reward, Number(advantages[0]!.toFixed(4))],
    );
  it('before the baseline a rollout leaves the mean, after it only the loss', () => {
    expect(rewards([{ filter: 'truncated', when: 'before-baseline' }])).toEqual([
      [1, 0.5],
      [undefined, 0],
      [0, -0.5],
    ]);
    expect(rewards([{ filter: 'truncated', when: 'after-baseline' }])).toEqual([
      [1, 0.6667],
      [0, 0],
      [0, -0.3333],
    ]);
  });
  it('one polarity after the baseline', () => {
    expect(rewards([{ filter: 'polarity', keep: 'negative', when: 'after-baseline' }])).toEqual([
      [1, 0],
      [0, -0.3333],
      [0, -0.3333],
    ]);
  });
});

it('weights by verdict and by the advantage’s sign differ for shaped rewards', () => {
  const group = [sample(1, [0.5]), sample(0.75, [0.5], { polarity: 'negative' }), sample(0, [0.5])];
  const weighted = (by: string) =>
    rows(
      shape(
        sentence({ recipe: 'grpo', baseline: { kind: 'group-mean' }, weights: [{ of: 'positive', by, weight: 4 }] }),
        [group],
      ),
    ).flat();
  const mean = 1.75 / 3;
  expect(weighted('verdict')[1]).toBeCloseTo(0.75 - mean, 6);
  expect(weighted('advantage')[1]).toBeCloseTo(4 * (0.75 - mean), 6);
  expect(weighted('verdict')[0]).toBeCloseTo(4 * (1 - mean), 6);
});
