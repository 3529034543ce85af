import { describe, expect, it } from 'vitest';
import type { GradedRollout, Group, Verdict } from '../core/rollout.ts';
import { groupOutcome, present, rolloutMetrics } from './metrics.ts';

const correct: Verdict = { outcome: 'correct', reward: 1, explanation: '' };
const incorrect: Verdict = { outcome: 'incorrect', reward: 0, explanation: '' };
const unknown: Verdict = { outcome: 'unknown', reason: 'timeout', explanation: '' };
const problem = { id: 'train/0', data: null };

function rollout(verdict: Verdict, entropies: number[], stopReason: 'stop' | 'length' = 'stop'): GradedRollout {
  const tokens = new Int32Array(entropies.length);
  const logprobs = new Float32Array(entropies.length);
  const completion = { tokens, logprobs, entropies: Float32Array.from(entropies), stopReason, policyVersion: 0 };
  return { problem, promptTokens: Int32Array.of(1), completion, text: '', verdict };
}

const group = (...rollouts: GradedRollout[]): Group => ({ problem, rollouts });

describe('rolloutMetrics', () => {
  it('measures rewards, lengths and entropies by polarity', () => {
    const groups = [
      group(rollout(correct, [1, 0.5]), rollout(incorrect, [2, 2, 2, 2], 'length')),
      group(rollout(correct, [0, 0.5]), rollout(correct, [0.5, 0.5])),
    ];
    expect(rolloutMetrics(groups)).toMatchInlineSnapshot(`
      {
        "policy/entropy_nats/mean": 1.1,
        "policy/negative/entropy_nats/mean": 2,
        "policy/positive/entropy_nats/mean": 0.5,
        "rollout/completion_tokens/mean": 2.5,
        "rollout/groups_all_correct": 1,
        "rollout/groups_all_incorrect": 0,
        "rollout/groups_mixed": 1,
        "rollout/negative/completion_tokens/mean": 4,
        "rollout/negative/reward/mean": 0,
        "rollout/negative/rollouts": 1,
        "rollout/negative/tokens": 4,
        "rollout/negative/truncated_frac": 1,
        "rollout/pass_rate": 0.75,
        "rollout/positive/completion_tokens/mean": 2,
        "rollout/positive/reward/mean": 1,
        "rollout/positive/rollouts": 3,
        "rollout/positive/tokens": 6,
        "rollout/positive/truncated_frac": 0,
        "rollout/reward/mean": 0.75,
        "rollout/rollouts": 4,
        "rollout/tokens": 10,
        "rollout/truncated_frac": 0.25,
        "rollout/unknown_frac": 0,
      }
    `);
  });

  it('leaves out every key of an empty stratum instead of writing 0', () => {
    const keys = Object.keys(rolloutMetrics([group(rollout(incorrect, [1]))]));
    expect(keys.filter((key) => key.includes('/positive/') || key.includes('/unknown/'))).toEqual([]);
    expect(keys).toContain('rollout/negative/rollouts');
  });

  it('has no pass rate and no reward when nothing could be graded', () => {
    const metrics = rolloutMetrics([group(rollout(unknown, [1]))]);
    expect(metrics['rollout/pass_rate']).toBeUndefined();
    expect(metrics['rollout/reward/mean']).toBeUndefined();
    expect(metrics['rollout/unknown_frac']).toBe(1);
  });

  it('counts the reasons for which verdicts are missing, and names none that was not given', () => {
    const failed: Verdict = { outcome: 'unknown', reason: 'verifier error', explanation: 'no memory' };
    const groups = [group(rollout(unknown, [1]), rollout(failed, [1]), rollout(failed, [1]), rollout(correct, [1]))];
    const reasons = Object.entries(rolloutMetrics(groups)).filter(([key]) => key.startsWith('rollout/unknown_frac/'));
    expect(Object.fromEntries(reasons)).toEqual({
      'rollout/unknown_frac/timeout': 0.25,
      'rollout/unknown_frac/verifier_error': 0.5,
    });
  });

  it('has no entropies when the engine gives none', () => {
    const silent = rollout(correct, [1]);
    const blind = { ...silent, completion: { ...silent.completion, entropies: new Float32Array(0) } };
    expect(Object.keys(rolloutMetrics([group(blind)])).filter((key) => key.includes('entropy'))).toEqual([]);
  });
});

describe('groupOutcome', () => {
  it.each([
    ['all_correct', [correct, correct]],
    ['all_correct', [correct, unknown]],
    ['all_incorrect', [incorrect, incorrect]],
    ['mixed', [correct, incorrect]],
    ['unknown', [unknown, unknown]],
  ] as const)('is %s', (outcome, verdicts) => {
    expect(groupOutcome(group(...verdicts.map((verdict) => rollout(verdict, [1]))))).toBe(outcome);
  });
});

describe('present', () => {
  it('drops what is absent and keeps zeros', () => {
    expect(present({ a: 0, b: undefined })).toEqual({ a: 0 });
  });
});
