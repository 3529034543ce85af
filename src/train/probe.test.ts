import { describe, expect, it } from 'vitest';
import type { GradedRollout, Verdict } from '../core/rollout.ts';
import type { Term } from './minibatches.ts';
import { probeMetrics, spread } from './probe.ts';
import type { Update } from './update.ts';

function term(outcome: 'correct' | 'incorrect', rules: number[], mask = rules.map(() => 1)): Term {
  const verdict: Verdict = { outcome, reward: outcome === 'correct' ? 1 : 0, explanation: '' };
  const T = rules.length;
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
    advantages: new Float32Array(T).fill(1),
    rules: Uint32Array.from(rules),
    mask: Uint8Array.from(mask),
  };
  return { rollout, shaped, scale: 1 };
}

const update = (...terms: Term[]): Update => ({ terms, logprobs: [], loss: 0 });

describe('probeMetrics', () => {
  it('tells tokens that a rule touched from the others, by polarity, and leaves out what is masked', () => {
    const right = term('correct', [1, 0, 2, 1], [1, 1, 1, 0]);
    const wrong = term('incorrect', [0, 0]);
    const changes = new Map([
      [right.rollout, Float32Array.of(0.5, 0.25, 0.75, 9)],
      [wrong.rollout, Float32Array.of(-1, -0.5)],
    ]);
    expect(probeMetrics(changes, [update(right, wrong)])).toEqual({
      'probe/rollouts': 2,
      'probe/positive/logprob_change_nats/mean': 0.5,
      'probe/positive/shaped/logprob_change_nats/mean': 0.625,
      'probe/positive/unshaped/logprob_change_nats/mean': 0.25,
      'probe/negative/logprob_change_nats/mean': -0.75,
      'probe/negative/unshaped/logprob_change_nats/mean': -0.75,
    });
  });

  it('has no keys when nothing was probed', () => {
    expect(probeMetrics(new Map(), [update(term('correct', [0]))])).toEqual({});
  });
});

describe('spread', () => {
  it('takes places evenly, and all of them when there are fewer than asked for', () => {
    expect(spread(7, 3)).toEqual([0, 2, 4]);
    expect(spread(2, 16)).toEqual([0, 1]);
    expect(spread(0, 4)).toEqual([]);
  });
});
