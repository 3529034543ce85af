import { describe, expect, it } from 'vitest';
import type { GradedRollout, Group, Verdict } from '../core/rollout.ts';
import { objectiveAt, parseObjective, shapeGroups } from '../objectives/objective.ts';
import { hasSignal, minibatches } from './minibatches.ts';
import { shapingMetrics } from './shaping-metrics.ts';
import { updateMetrics } from './update-metrics.ts';

const correct: Verdict = { outcome: 'correct', reward: 1, explanation: '' };
const incorrect: Verdict = { outcome: 'incorrect', reward: 0, explanation: '' };
const unknown: Verdict = { outcome: 'unknown', reason: 'timeout', explanation: '' };

function rollout(verdict: Verdict, probabilities: readonly number[]): GradedRollout {
  const tokens = Int32Array.from(probabilities, () => 5);
  const logprobs = Float32Array.from(probabilities, Math.log);
  const completion = {
    tokens,
    logprobs,
    entropies: new Float32Array(0),
    stopReason: 'stop' as const,
    policyVersion: 0,
  };
  return { problem: { id: 'p', data: null }, promptTokens: Int32Array.of(1), completion, text: '', verdict };
}

const group = (...rollouts: GradedRollout[]): Group => ({ problem: { id: 'p', data: null }, rollouts });

/** Advantages r - mean, over all tokens of a minibatch: numbers to check by hand. */
const plain = (rules: object[] = []) =>
  parseObjective({
    baseline: { kind: 'group-mean' },
    rules,
    surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
    aggregation: 'token-mean',
  });

const prepared = (groups: readonly Group[], count: number, rules: object[] = []) => {
  const at = objectiveAt(plain(rules), { step: 0, totalSteps: 1 });
  const shaped = shapeGroups(at, groups);
  return { at, shaped, parts: minibatches(groups, shaped, at, count) };
};

const mixed = group(rollout(correct, [0.5, 0.5]), rollout(incorrect, [0.5, 0.5, 0.5]));
const solved = group(rollout(correct, [0.9]), rollout(correct, [0.9, 0.9]));
const ungraded = group(rollout(unknown, [0.5]), rollout(correct, [0.5]));

describe('minibatches', () => {
  it('scale by the tokens of the part, groups without signal included', () => {
    // 2 + 3 tokens with signal, 1 + 2 without: 1/8 each
    const { parts } = prepared([mixed, solved], 1);
    expect(parts[0]?.map(({ scale }) => scale)).toEqual([1 / 8, 1 / 8, 1 / 8, 1 / 8]);
    expect(parts[0]?.map(hasSignal)).toEqual([true, true, false, false]);
  });

  it('never split a group', () => {
    const { parts } = prepared([mixed, solved, mixed], 2);
    expect(parts.map((part) => part.length)).toEqual([4, 2]);
    expect(parts[1]?.map(({ scale }) => scale)).toEqual([1 / 5, 1 / 5]);
  });

  it('leave out rollouts without a verdict', () => {
    expect(prepared([ungraded], 1).parts[0]?.map((term) => term.rollout.verdict.outcome)).toEqual(['correct']);
  });
});

describe('shapingMetrics', () => {
  it('sums |advantage| over tokens before and after rules, and tells what each rule touched', () => {
    const rule = {
      name: 'negative-low',
      polarity: 'negative',
      statistic: 'probability',
      side: 'low',
      amount: { ratio: 0.34 },
      operation: 'multiply',
      scale: 3,
    };
    const groups = [group(rollout(correct, [0.5, 0.5]), rollout(incorrect, [0.9, 0.2, 0.8]))];
    const { at, shaped } = prepared(groups, 1, [rule]);
    // advantages +-0.5 on 2 + 3 tokens; one incorrect token tripled, carrying 1.5 * 0.8 of .25 + .25 + .05 + 1.2 + .1
    expect(shapingMetrics(groups, shaped, at)).toEqual({
      'objective/advantage_mass/before': 2.5,
      'objective/advantage_mass/after': 3.5,
      'objective/positive/advantage_mass/before': 1,
      'objective/positive/advantage_mass/after': 1,
      'objective/negative/advantage_mass/before': 1.5,
      'objective/negative/advantage_mass/after': 2.5,
      'objective/advantage_mass_ratio/before': expect.closeTo(1 / 1.5, 12),
      'objective/advantage_mass_ratio/after': expect.closeTo(1 / 2.5, 12),
      'objective/positive/gradient_frac': expect.closeTo(0.5 / 1.85, 6),
      'objective/negative/gradient_frac': expect.closeTo(1.35 / 1.85, 6),
      'objective/positive/shaped_tokens': 0,
      'objective/positive/shaped_frac': 0,
      'objective/positive/unshaped/probability/mean': expect.closeTo(0.5, 6),
      'objective/negative/shaped_tokens': 1,
      'objective/negative/shaped_frac': expect.closeTo(1 / 3, 12),
      'objective/negative/shaped/probability/mean': expect.closeTo(0.2, 6),
      'objective/negative/unshaped/probability/mean': expect.closeTo(0.85, 6),
      'objective/negative_low/touched_frac': 0.2,
      'objective/negative_low/unlikelihood/mean': expect.closeTo(0.8, 6),
      'objective/negative_low/gradient_frac': expect.closeTo(1.2 / 1.85, 6),
      'objective/negative/negative_low/gradient_frac': expect.closeTo(1.2 / 1.35, 6),
    });
  });

  it('tells a rule for both polarities apart by polarity, and leaves out a polarity it did not touch', () => {
    const fork = { name: 'fork', polarity: 'both', statistic: 'probability', side: 'low' };
    const groups = [group(rollout(correct, [0.5, 0.5]), rollout(incorrect, [0.75, 0.75]))];
    const keys = (scope: string) => {
      const rule = { ...fork, amount: { count: 1 }, scope, operation: 'multiply', scale: 3 };
      const { at, shaped } = prepared(groups, 1, [rule]);
      const shares = Object.entries(shapingMetrics(groups, shaped, at)).filter(([key]) =>
        key.endsWith('fork/gradient_frac'),
      );
      return Object.fromEntries(shares);
    };
    // |A| = .5: correct .75 + .25, incorrect .375 + .125
    expect(keys('response')).toEqual({
      'objective/fork/gradient_frac': expect.closeTo(1.125 / 1.5, 6),
      'objective/positive/fork/gradient_frac': expect.closeTo(0.75, 6),
      'objective/negative/fork/gradient_frac': expect.closeTo(0.75, 6),
    });
    expect(Object.keys(keys('group'))).toEqual([
      'objective/fork/gradient_frac',
      'objective/positive/fork/gradient_frac',
    ]);
  });

  it('has no mass where nothing was graded', () => {
    const groups = [group(rollout(unknown, [0.5]))];
    const { at, shaped } = prepared(groups, 1);
    expect(Object.keys(shapingMetrics(groups, shaped, at))).toEqual([]);
  });
});

describe('updateMetrics', () => {
  const { parts } = prepared([mixed], 1);
  const terms = parts[0] ?? [];
  const stock = { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 } as const;
  const at = (...ratios: number[][]) => ratios.map((row) => Float32Array.from(row, (ratio) => Math.log(0.5 * ratio)));

  it('counts the tokens whose ratio left the bounds on the side that moves further, by polarity', () => {
    // correct (A > 0): 1.3 is clipped, 0.5 is not; incorrect (A < 0): 0.7 is clipped, 1.3 and 1 are not
    const logprobs = at([1.3, 0.5], [0.7, 1.3, 1]);
    const metrics = updateMetrics([{ terms, logprobs, loss: 2, stock, optim: { gradNorm: 3, policyVersion: 1 } }]);
    expect(metrics).toMatchObject({
      'optim/steps': 1,
      'train/rollouts': 2,
      'loss/value/mean': 2,
      'optim/grad_norm/mean': 3,
      'loss/ratio_clipped_frac': 2 / 5,
      'loss/ratio_clipped_low_frac': 1 / 5,
      'loss/ratio_clipped_high_frac': 1 / 5,
      'loss/positive/ratio_clipped_frac': 1 / 2,
      'loss/positive/ratio_clipped_low_frac': 0,
      'loss/positive/ratio_clipped_high_frac': 1 / 2,
      'loss/negative/ratio_clipped_frac': 1 / 3,
      'loss/negative/ratio_clipped_low_frac': 1 / 3,
      'loss/ratio_deviation/max': expect.closeTo(0.5, 6),
      'loss/positive/ratio/mean': expect.closeTo(0.9, 6),
      'loss/negative/ratio/mean': expect.closeTo(1, 6),
      'loss/negative/ratio_deviation/max': expect.closeTo(0.3, 6),
      // (1.3 + 0.5)^2 / (2 (1.69 + 0.25))
      'loss/positive/effective_sample_frac': expect.closeTo(3.24 / 3.88, 6),
      'loss/first_ratio/mean': expect.closeTo((1.3 + 0.5 + 0.7 + 1.3 + 1) / 5, 6),
    });
  });

  it('takes mismatch and first ratio of the first update alone', () => {
    const first = { terms, logprobs: at([1, 1], [1, 1, 1]), loss: 0, stock };
    const second = { terms, logprobs: at([2, 1], [1, 1, 1]), loss: 0, stock };
    expect(updateMetrics([first, second])).toMatchObject({
      'loss/first_ratio_deviation/max': 0,
      'policy/mismatch_nats/max': 0,
      'loss/ratio_deviation/max': expect.closeTo(1, 6),
    });
  });

  it('has no key of a polarity without a trained token', () => {
    const positive = terms.filter(({ rollout: { verdict } }) => verdict.outcome === 'correct');
    const keys = Object.keys(updateMetrics([{ terms: positive, logprobs: at([1, 1]), loss: 0, stock }]));
    expect(keys.filter((key) => key.includes('negative'))).toEqual([]);
    expect(keys).toContain('loss/positive/ratio/mean');
  });

  it('gives the divergence of sampler and trainer, and from the reference by polarity, never below 0', () => {
    // r - 1 - log r: sampler to trainer r = 2; trainer to reference r = 1/2 on the correct one's tokens, 1 on the others
    const logprobs = at([2, 2], [2, 2, 2]);
    const referenceLogprobs = at([1, 1], [2, 2, 2]);
    const metrics = updateMetrics([{ terms, logprobs, referenceLogprobs, loss: 0 }]);
    expect(metrics['policy/mismatch_kl_nats/mean']).toBeCloseTo(1 - Math.log(2), 6);
    expect(metrics['policy/positive/reference_kl_nats/mean']).toBeCloseTo(-0.5 + Math.log(2), 6);
    expect(metrics['policy/negative/reference_kl_nats/mean']).toBeCloseTo(0, 12);
    expect(metrics['policy/reference_kl_nats/mean']).toBeCloseTo((2 / 5) * (-0.5 + Math.log(2)), 6);
  });

  it('says no more than that there was none when no update was made', () => {
    expect(updateMetrics([])).toEqual({ 'optim/steps': 0 });
  });

  it('has no gradient norm when the engine refused the gradient', () => {
    const metrics = updateMetrics([{ terms, logprobs: at([1, 1], [1, 1, 1]), loss: 0, stock, fault: 'NaN' }]);
    expect([metrics['optim/steps'], 'optim/grad_norm/mean' in metrics]).toEqual([0, false]);
  });
});
