import { describe, expect, it } from 'vitest';
import { groupOf } from '../../test/fixtures/samples.ts';
import { UserError } from '../core/errors.ts';
import {
  aggregationScales,
  countedTokens,
  lossOf,
  objectiveAt,
  parseObjective,
  requirementsOf,
  shapeGroups,
} from './objective.ts';
import { recipes } from './recipes/catalogue.ts';

describe('a choice in a run file', () => {
  it('may be a recipe’s name, a recipe with parameters and slots, or a sentence', () => {
    expect(parseObjective('grpo').sentence.aggregation).toBe('seq-mean-token-mean');
    const a3po = parseObjective({ recipe: 'a3po', positiveScale: 3, decay: 'none', aggregation: 'token-mean' });
    expect(a3po.sentence.rules[0]).toMatchObject({ name: 'positive-low', scale: 3 });
    expect(a3po.sentence.aggregation).toBe('token-mean');
    const written = parseObjective({
      baseline: { kind: 'leave-one-out' },
      surrogate: { kind: 'importance-sampling' },
      aggregation: { constantTokens: 64 },
    });
    expect(written.name).toBe('sentence');
  });

  it.each([
    ['gpro', "there is no recipe 'gpro'; did you mean grpo?"],
    [7, "objective must be a recipe's name or a mapping, got 7"],
    [{ recipe: 'a3po', positivScale: 3 }, 'positivScale'],
    [{ recipe: 'a3po', ratio: 2 }, 'ratio must be at most 1, got 2'],
    [{ recipe: 'grpo', aggregation: 'mean' }, 'aggregation must be one of token-mean'],
    [{ recipe: 'grpo', surrogate: { kind: 'ppo', ratioMin: 1.2, ratioMax: 0.8 } }, 'ratioMin'],
    [
      {
        recipe: 'grpo',
        surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: { schedule: 'linear', from: 0.5, to: 2, until: 1 } },
      },
      'runs from 0.5 to 2',
    ],
    [{ baseline: { kind: 'median' } }, 'baseline'],
  ])('%j is refused with words', (choice, message) => {
    expect(() => parseObjective(choice)).toThrow(UserError);
    expect(() => parseObjective(choice)).toThrow(message);
  });

  it('A3PO names its hypothesis', () => {
    expect(parseObjective('a3po').notes.join('\n')).toMatch(/HYPOTHESIS H1/);
  });

  it.each(recipes.map(({ name }) => name))('recipe %s is valid with its defaults and has a paper', (name) => {
    expect(parseObjective(name).name).toBe(name);
  });
});

it('a step from groups to coefficients: plain sums over datums equal the token mean', () => {
  const objective = parseObjective({ recipe: 'a3po', aggregation: 'token-mean', baseline: { kind: 'group-mean' } });
  const at = objectiveAt(objective, { step: 25, totalSteps: 100 });
  expect(at.schedules).toEqual({ 'schedule/positive_low_scale': 1.5, 'schedule/negative_high_scale': 1.5 });
  const groups = [
    groupOf([
      [1, [0.9, 0.1]],
      [0, [0.5]],
      [undefined, [0.5, 0.5, 0.5]],
    ]),
  ];
  const shaped = shapeGroups(at, groups);
  const rollouts = shaped.flat();
  const scales = aggregationScales(at.sentence.aggregation, rollouts.map(countedTokens));
  expect(rollouts.map(({ advantages }, i) => [...advantages].map((a) => a * scales[i]!))).toEqual([
    [0.5 / 3, 0.75 / 3],
    [-0.75 / 3],
    [0, 0, 0],
  ]);
  expect(lossOf(at)).toEqual({ kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2, dualClip: 3 });
});

it('only entropy statistics need entropies', () => {
  expect(requirementsOf(parseObjective('a3po'))).toMatchObject({ entropies: false });
  const rule = { polarity: 'both', statistic: 'entropy', side: 'high', amount: { ratio: 0.2 }, operation: 'keep' };
  expect(requirementsOf(parseObjective({ recipe: 'grpo', rules: [rule] }))).toMatchObject({ entropies: true });
});
