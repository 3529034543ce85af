import { describe, expect, it } from 'vitest';
import type { GradedRollout, Group, Verdict } from '../core/rollout.ts';
import { objectiveAt, parseObjective, shapeGroups } from '../objectives/objective.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { invariantMetrics } from './health-invariants.ts';

const problem = { id: 'train/0', data: null };
const unknown: Verdict = { outcome: 'unknown', reason: 'timeout', explanation: '' };
const worth = (reward: number): Verdict => ({
  outcome: reward > 0.5 ? 'correct' : 'incorrect',
  reward,
  explanation: '',
});

function rollout(verdict: Verdict, policyVersion = 4): GradedRollout {
  const completion = {
    tokens: Int32Array.of(1, 0),
    logprobs: Float32Array.of(-1, -1),
    entropies: new Float32Array(0),
    stopReason: 'stop' as const,
    policyVersion,
  };
  return { problem, promptTokens: Int32Array.of(1), completion, text: 'a', verdict };
}

const group = (...rollouts: GradedRollout[]): Group => ({ problem, rollouts });

function measured(recipe: string, groups: readonly Group[], maxStepsOffPolicy = 0) {
  const objective = parseObjective(recipe);
  const shaped = shapeGroups(objectiveAt(objective, { step: 0, totalSteps: 1 }), groups);
  const config = {
    sampling: { groupSize: groups[0]?.rollouts.length ?? 0 },
    training: { maxStepsOffPolicy, minibatches: 2 },
  } as Parameters<typeof invariantMetrics>[0]['config'];
  const tokenizer = createCharacterTokenizer('a');
  return invariantMetrics({ config, objective, tokenizer }, { sampled: groups, groups, shaped, policyVersion: 4 });
}

describe('objective/advantage_imbalance/max', () => {
  const imbalance = (recipe: string, ...groups: Group[]) =>
    measured(recipe, groups)['objective/advantage_imbalance/max'];

  it('is rounding for groups of 0 and 1, rollouts without a verdict among them', () => {
    const [right, wrong, lost] = [rollout(worth(1)), rollout(worth(0)), rollout(unknown)];
    expect(imbalance('grpo', group(right, wrong, wrong), group(right, lost, wrong))).toBeLessThan(1e-6);
    expect(imbalance('grpo', group(right, lost, lost))).toBe(0);
  });

  it('is next to nothing where rewards differ by the rounding of their sums', () => {
    expect(imbalance('grpo', group(rollout(worth(0.3)), rollout(worth(0.1 + 0.2)), rollout(worth(0.3))))).toBeLessThan(
      1e-5,
    );
  });

  it('is absent where no baseline promises a sum of 0', () => {
    const mixed = group(rollout(worth(1)), rollout(worth(0)));
    expect(['psr', 'nsr', 'grpo'].map((recipe) => imbalance(recipe, mixed) === undefined)).toEqual([true, true, false]);
  });
});

describe('rollout/version_fault_frac', () => {
  const faults = (maxStepsOffPolicy: number, ...versions: number[]) =>
    measured('grpo', [group(...versions.map((version) => rollout(worth(1), version)))], maxStepsOffPolicy)[
      'rollout/version_fault_frac'
    ];

  it('counts versions of the future and those older than the lag allows, in optimizer steps', () => {
    // one step off-policy of two minibatches: 2 to 4
    expect(faults(0, 4, 4)).toBe(0);
    expect(faults(0, 4, 3)).toBe(0.5);
    expect(faults(1, 2, 3, 4, 5, 1)).toBe(2 / 5);
  });
});
