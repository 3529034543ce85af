import { expect, it } from 'vitest';
import { sentence } from '../../test/fixtures/samples.ts';
import { exampleSamples, explain } from './explain.ts';
import { parseObjective } from './objective.ts';
import { describeRule } from './words.ts';

it('A3PO on a correct and an incorrect rollout, token by token', () => {
  const objective = parseObjective({ recipe: 'a3po', baseline: { kind: 'group-mean' }, ratio: 0.4 });
  const group = exampleSamples({ rewards: [1, 0], probabilities: [[0.5, 0.25, 0.75, 1, 0.125]] });
  const explained = explain(objective, group, { step: 25, totalSteps: 100 });
  expect(explained.schedules).toEqual({ 'schedule/positive_low_scale': 1.5, 'schedule/negative_high_scale': 1.5 });
  expect(explained.rules.map(({ words, selectedTokens }) => [words, selectedTokens])).toEqual([
    [
      'the lowest 40 % by probability of each correct completion (probability exactly 0 is not ranked): advantage times 1.5',
      2,
    ],
    [
      'the highest 40 % by probability of each incorrect completion (probability exactly 0 is not ranked): advantage times 1.5',
      2,
    ],
  ]);
  expect(explained.rollouts[0]!.tokens.map(({ rules, advantage }) => [rules.join(), advantage])).toEqual([
    ['', 0.5],
    ['positive-low', 0.75],
    ['', 0.5],
    ['', 0.5],
    ['positive-low', 0.75],
  ]);
  const [third, fourth] = explained.rollouts[1]!.tokens.slice(2, 4);
  expect(third).toMatchObject({ rules: ['negative-high'], baseAdvantage: -0.5, advantage: -0.75, isCounted: true });
  expect(third!.coefficient).toBeCloseTo(-0.75 / 10, 12);
  expect(fourth!.rules).toEqual(['negative-high']);
  // |A|(1-p) on the negative side: .5*.5 + .5*.75 + .75*.25 + 0 + .5*.875; selected .75*.25
  const negative = 0.25 + 0.375 + 0.1875 + 0.4375;
  const positive = 0.25 + 0.5625 + 0.125 + 0.75 * 0.875;
  expect(explained.rules[1]!.gradientProxyShare).toBeCloseTo(0.1875 / (negative + positive), 6);
});

it('unknown verdicts are shown with zeros and not counted', () => {
  const explained = explain(parseObjective('grpo'), exampleSamples({ rewards: [1, 0, undefined] }), {
    step: 0,
    totalSteps: 1,
  });
  expect(explained.rollouts[2]).toMatchObject({
    outcome: 'unknown',
    transformedReward: undefined,
    baseAdvantage: 0,
    scale: 0,
  });
  expect(explained.rollouts[2]!.tokens.every(({ advantage, isCounted }) => advantage === 0 && !isCounted)).toBe(true);
});

it.each([
  [{ rewards: [] }, 'at least one reward'],
  [{ rewards: [1, 0, 0], probabilities: [[0.5], [0.5]] }, 'one list or one for each of the 3 rollouts, got 2'],
  [{ rewards: [1], probabilities: [[1.5]] }, 'at most 1, got 1.5'],
  [{ rewards: [1], probabilities: [[0.5, 0.5]], entropies: [[1]] }, '2 probabilities and 1 entropies'],
])('%j is refused', (example, message) => {
  expect(() => exampleSamples(example)).toThrow(message);
});

it('every operation, amount and scope has words', () => {
  const rule = { polarity: 'both', statistic: 'entropy', side: 'high' };
  const words = [
    { ...rule, amount: { ratio: 1 }, eligibility: 'all', operation: 'linear', scale: 2, offset: 1 },
    { ...rule, amount: { count: 3 }, operation: 'drop', scope: 'group' },
    { ...rule, amount: { threshold: 0.5 }, operation: 'keep', side: 'low' },
    { ...rule, amount: { quantile: 0.8 }, operation: 'keep-and-renormalise', scope: 'batch' },
  ].flatMap((written) => sentence({ recipe: 'grpo', rules: [written] }).rules.map(describeRule));
  expect(words).toEqual([
    'all tokens of each graded completion: advantage times 1 + 2 * entropy',
    "the 3 highest by entropy of a group's graded completions together (entropy exactly 0 is not ranked): advantage 0",
    'tokens with entropy at most 0.5 of each graded completion: the others get advantage 0',
    "tokens with entropy at least its 80 % quantile of the step's graded completions together (entropy exactly 0 is not ranked): the others leave the loss and its mean",
  ]);
});
