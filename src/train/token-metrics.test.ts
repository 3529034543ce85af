import { describe, expect, it } from 'vitest';
import type { GradedRollout, Group, Verdict } from '../core/rollout.ts';
import { solveHistogram, tokenMetrics } from './token-metrics.ts';

const correct: Verdict = { outcome: 'correct', reward: 1, explanation: '' };
const incorrect: Verdict = { outcome: 'incorrect', reward: 0, explanation: '' };
const unknown: Verdict = { outcome: 'unknown', reason: 'timeout', explanation: '' };
const problem = { id: 'train/0', data: null };

function rollout(verdict: Verdict, probabilities: number[], entropies: number[] = []): GradedRollout {
  const completion = {
    tokens: Int32Array.from(probabilities, (_, t) => t),
    logprobs: Float32Array.from(probabilities, Math.log),
    entropies: Float32Array.from(entropies),
    stopReason: 'stop' as const,
    policyVersion: 0,
  };
  return { problem, promptTokens: Int32Array.of(1), completion, text: '', verdict };
}

const group = (...rollouts: GradedRollout[]): Group => ({ problem, rollouts });

describe('tokenMetrics', () => {
  it('gives means and nearest-rank percentiles by polarity', () => {
    const ten = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
    const metrics = tokenMetrics([group(rollout(correct, ten), rollout(incorrect, [0.5], [2]))]);
    expect(metrics['policy/positive/probability/mean']).toBeCloseTo(0.55, 6);
    expect(metrics['policy/positive/probability/p10']).toBeCloseTo(0.1, 6);
    expect(metrics['policy/positive/probability/p50']).toBeCloseTo(0.5, 6);
    expect(metrics['policy/positive/probability/p90']).toBeCloseTo(0.9, 6);
    expect(metrics['policy/negative/logprob_nats/mean']).toBeCloseTo(Math.log(0.5), 6);
    expect(metrics['policy/negative/entropy_nats/p90']).toBe(2);
    expect(metrics['policy/probability/mean']).toBeCloseTo(6 / 11, 6);
  });

  it('has no key of an empty stratum, and none of entropies that the engine did not give', () => {
    const keys = Object.keys(tokenMetrics([group(rollout(incorrect, [0.5, 0.25]))]));
    expect(keys.filter((key) => key.includes('positive') || key.includes('entropy'))).toEqual([]);
    expect(keys).toContain('policy/negative/probability/p50');
  });
});

describe('solveHistogram', () => {
  it('counts groups by how many of their rollouts are correct, zeros included', () => {
    const [right, wrong] = [rollout(correct, [1]), rollout(incorrect, [1])];
    expect(solveHistogram([group(right, right), group(wrong, wrong), group(wrong, wrong)])).toEqual({
      'rollout/groups_with_correct/0': 2,
      'rollout/groups_with_correct/1': 0,
      'rollout/groups_with_correct/2': 1,
    });
  });

  it('counts no group of which nothing is known: none of its rollouts is known to be incorrect', () => {
    const [right, lost] = [rollout(correct, [1]), rollout(unknown, [1])];
    expect(solveHistogram([group(lost, lost), group(right, lost)])).toEqual({
      'rollout/groups_with_correct/0': 0,
      'rollout/groups_with_correct/1': 1,
      'rollout/groups_with_correct/2': 0,
    });
    expect(solveHistogram([group(lost, lost)])).toEqual({});
  });
});
