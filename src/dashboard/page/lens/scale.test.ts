import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RolloutDetail, TokenColumns } from '../../api.ts';
import { type Colouring, roundCeiling, rulesOf, scaleOf } from './scale.ts';

const rollout = (tokens: Partial<TokenColumns>, rules: readonly string[] = []): RolloutDetail =>
  ({
    rules,
    tokens: { ids: [], logprobs: [], entropies: null, advantages: null, rules: null, logprobChanges: null, ...tokens },
  }) as unknown as RolloutDetail;

const tones = (colouring: Colouring, tokens: Partial<TokenColumns>, rules?: readonly string[]) =>
  scaleOf(colouring, rollout(tokens, rules)).tones;

describe('the scale of a colouring', () => {
  it('ends at a round number that is not below the largest', () => {
    expect([0.03, 0.2, 0.21, 1, 1.01, 7, 0].map(roundCeiling)).toEqual([0.05, 0.2, 0.5, 1, 2, 10, 1]);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), (value) => {
        const ceiling = roundCeiling(value);
        expect(ceiling).toBeGreaterThanOrEqual(value * (1 - 1e-8));
        expect(ceiling).toBeLessThanOrEqual(value * 2.6);
      }),
    );
  });

  it('probability: the less likely the stronger', () => {
    expect(tones('probability', { logprobs: [1, 0.96, 0.5, 0.3, 0.009, 1e-9].map(Math.log) })).toEqual([
      's0',
      's0',
      's2',
      's3',
      's6',
      's7',
    ]);
  });

  it('entropy: eight equal parts of 0 to a round end', () => {
    const scale = scaleOf('entropy', rollout({ entropies: [0, 0.3, 1.6, 0.9] }));
    expect(scale.tones).toEqual(['s0', 's1', 's6', 's3']);
    expect(scale.legend.map(({ label }) => label).slice(0, 2)).toEqual(['< 0.25', '≥ 0.25']);
  });

  it('advantage: both sides of 0 to the same end, 0 apart', () => {
    expect(tones('advantage', { advantages: [0, 0.01, -0.01, 2, -1.1, 1] })).toEqual([
      'zero',
      'p1',
      'n1',
      'p4',
      'n3',
      'p2',
    ]);
  });

  it('rules: one colour each, and one for several', () => {
    expect(tones('rules', { rules: [0, 1, 2, 3] }, ['up', 'down'])).toEqual(['zero', 'r0', 'r1', 'many']);
    expect(rulesOf(0b101)).toEqual([0, 2]);
  });

  it.each<[Colouring, string]>([
    ['entropy', 'gave no entropies'],
    ['advantage', 'not trained on'],
    ['change', 'not probed'],
    ['rules', 'no token rules'],
  ])('%s that was not measured has no colours and a reason', (colouring, reason) => {
    const scale = scaleOf(colouring, rollout({ logprobs: [-1] }));
    expect(scale.tones).toEqual([]);
    expect(scale.note).toContain(reason);
  });

  it('a single number that is missing is not drawn as 0, and that is said', () => {
    const scale = scaleOf('change', rollout({ logprobChanges: [0.5, null, 0] }));
    expect(scale.tones).toEqual(['p4', undefined, 'zero']);
    expect(scale.note).toBe('1 of 3 tokens have no finite number and are not coloured.');
  });

  it('the legend counts every token that has a tone', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true })), (advantages) => {
        const { legend } = scaleOf('advantage', rollout({ advantages }));
        expect(legend.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(advantages.length);
      }),
    );
  });
});
