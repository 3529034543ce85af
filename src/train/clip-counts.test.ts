import { describe, expect, it } from 'vitest';
import type { GradedRollout, Verdict } from '../core/rollout.ts';
import { clipMetrics, closedClips, joinedClips, stockClips } from './clip-counts.ts';
import type { Term } from './minibatches.ts';

function term(outcome: 'correct' | 'incorrect', advantages: number[], mask = advantages.map(() => 1)): Term {
  const verdict: Verdict = { outcome, reward: outcome === 'correct' ? 1 : 0, explanation: '' };
  const T = advantages.length;
  const completion = {
    tokens: new Int32Array(T),
    logprobs: new Float32Array(T),
    entropies: new Float32Array(0),
    stopReason: 'stop' as const,
    policyVersion: 0,
  };
  const problem = { id: 'train/0', data: null };
  const rollout: GradedRollout = { problem, promptTokens: Int32Array.of(1), completion, text: '', verdict };
  const shaped = {
    reward: verdict.reward,
    baseAdvantage: 1,
    advantages: Float32Array.from(advantages),
    rules: new Uint32Array(T),
    mask: Uint8Array.from(mask),
  };
  return { rollout, shaped, scale: 0.5 };
}

/** Sampled with log-probability 0, so that these are ratios. */
const ratios = (...rows: number[][]) => rows.map((row) => Float32Array.from(row, Math.log));

describe('stockClips', () => {
  const bounds = { ratioMin: 0.8, ratioMax: 1.2 };

  it('counts what ppo ignores: tokens gone far in the direction of their advantage, and negative ones beyond the dual bound', () => {
    const terms = [term('correct', [1, 1]), term('incorrect', [-1, -1, -1])];
    const logprobs = ratios([1.3, 0.7], [1.3, 0.7, 4]);
    const counts = stockClips({ kind: 'ppo', ...bounds, dualClip: 3 }, terms, logprobs);
    expect(counts).toEqual({
      positive: { tokens: 2, low: 0, high: 1 },
      negative: { tokens: 3, low: 1, high: 1 },
      unknown: { tokens: 0, low: 0, high: 0 },
    });
  });

  it('counts what cispo bounds: either side, whatever the advantage', () => {
    const counts = stockClips({ kind: 'cispo', ...bounds }, [term('correct', [1, 1, 1])], ratios([1.3, 0.7, 1]));
    expect(counts?.positive).toEqual({ tokens: 3, low: 1, high: 1 });
  });

  it('counts no token without an advantage as clipped, and no rollout without any at all', () => {
    const terms = [term('correct', [1, 0, 1], [1, 1, 0]), term('incorrect', [0, 0])];
    const counts = stockClips({ kind: 'cispo', ...bounds }, terms, ratios([2, 2, 2], [2, 2]));
    expect(counts?.positive).toEqual({ tokens: 2, low: 0, high: 1 });
    expect(counts?.negative.tokens).toBe(0);
  });

  it('says nothing of a loss without bounds', () => {
    expect(stockClips({ kind: 'importance_sampling' }, [term('correct', [1])], ratios([9]))).toBeUndefined();
  });
});

describe('clipMetrics', () => {
  it('weighs minibatches by their tokens, and has no key of a polarity without any', () => {
    const few = closedClips([term('correct', [1])], [Int8Array.of(1)]);
    const many = closedClips([term('correct', [1, 1, 1])], [Int8Array.of(0, -1, 0)]);
    expect(clipMetrics([few, many])).toEqual({
      'loss/ratio_clipped_frac': 2 / 4,
      'loss/ratio_clipped_low_frac': 1 / 4,
      'loss/ratio_clipped_high_frac': 1 / 4,
      'loss/positive/ratio_clipped_frac': 2 / 4,
      'loss/positive/ratio_clipped_low_frac': 1 / 4,
      'loss/positive/ratio_clipped_high_frac': 1 / 4,
    });
    expect(joinedClips([few, many]).positive).toEqual({ tokens: 4, low: 1, high: 1 });
    expect(clipMetrics([])).toEqual({});
  });
});
