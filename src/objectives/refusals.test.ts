import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { lossOf, objectiveAt, parseObjective, requirementsOf } from './objective.ts';
import { impossible } from './recipes/catalogue.ts';

const rule = { polarity: 'both', statistic: 'probability', side: 'high', amount: { ratio: 0.2 } };
const importance = { kind: 'importance-sampling' };

describe('impossible combinations are refused with the reason', () => {
  it.each([
    [{ mismatch: { kind: 'truncate', max: 2 } }, 'bypass'],
    [{ surrogate: { kind: 'reinforce' }, oldPolicy: 'trainer' }, 'oldPolicy has no effect'],
    [{ surrogate: { kind: 'reinforce' }, ratioLevel: 'sequence' }, 'ratioLevel has no effect'],
    [
      { surrogate: { kind: 'geometric-mean', ratioMin: 0.7, ratioMax: 1.5 }, ratioLevel: 'sequence' },
      'ratioLevel has no effect',
    ],
    [
      { surrogate: { kind: 'geometric-mean', ratioMin: 0.7, ratioMax: 1.5 }, aggregation: 'token-mean' },
      'must be seq-mean-token-mean',
    ],
    [
      { surrogate: { kind: 'geometric-mean', ratioMin: 0.7, ratioMax: 1.5 }, rules: [{ ...rule, operation: 'drop' }] },
      'undoes token rules',
    ],
    [{ surrogate: { kind: 'dppo', maxRise: 0.1, maxFall: 0.1 }, ratioLevel: 'sequence' }, 'ratioLevel must be token'],
    [{ surrogate: importance, covariance: { kind: 'clip-cov', ratio: 0.1, low: 0, high: 1 } }, 'surrogate must be ppo'],
    [{ covariance: { kind: 'kl-cov', ratio: 0.1, coefficient: 1 } }, 'surrogate must be importance-sampling'],
    [
      { surrogate: importance, ratioLevel: 'sequence', covariance: { kind: 'kl-cov', ratio: 0.1, coefficient: 1 } },
      'ratioLevel must be token',
    ],
    [{ rules: [{ ...rule, operation: 'multiply', scale: -1 }] }, 'allowNegativeWeights: true'],
    [
      { weights: [{ of: 'negative', weight: { schedule: 'linear', from: 1, to: -1, until: 1 } }] },
      'allowNegativeWeights: true',
    ],
    [{ allowNegativeWeights: true }, 'has no effect'],
    [
      {
        rules: [
          { ...rule, operation: 'keep-and-renormalise' },
          { ...rule, operation: 'drop' },
        ],
      },
      'must be the last rule',
    ],
    [{ filters: [{ filter: 'polarity', keep: 'positive', when: 'before-baseline' }] }, 'leaves nothing'],
    [{ baseline: { kind: 'pass-at-k', k: 2 }, rewards: [{ transform: 'signed' }] }, 'counts correct verdicts'],
    [
      { filters: ['positive', 'negative'].map((keep) => ({ filter: 'polarity', keep, when: 'after-baseline' })) },
      'keep nothing',
    ],
    [
      {
        rules: [
          { ...rule, name: 'a', operation: 'drop' },
          { ...rule, name: 'a', operation: 'drop' },
        ],
      },
      'names within a list must differ',
    ],
    [{ penalties: [{ penalty: 'kl', estimator: 'k1', coefficient: 1 }] }, 'zero in expectation'],
    [{ baseline: [{ kind: 'none' }, { kind: 'group-mean' }] }, 'baseline'],
  ])('%j', (slots, reason) => {
    expect(() => parseObjective({ recipe: 'grpo', ...slots })).toThrow(UserError);
    expect(() => parseObjective({ recipe: 'grpo', ...slots })).toThrow(reason);
  });

  it.each(Object.keys(impossible))('recipe %s is refused with what it would need', (name) => {
    expect(() => parseObjective(name)).toThrow(`recipe '${name}' cannot be had: it needs`);
  });

  it.each([
    [{ recipe: 'a3po', decay: 'H5' }, 'entropyTarget'],
    [{ recipe: 'a3po', entropyTarget: 1 }, 'entropyTarget'],
    [{ recipe: 'a3po', decay: 'none', decayedAt: 0.3 }, 'no effect'],
    [{ recipe: 'dapo', maxTokens: 100 }, 'together or neither'],
    [{ recipe: 'positive-advantage-reweighting', entropyTarget: 1 }, 'entropyTarget'],
  ])('%j', (choice, reason) => {
    expect(() => parseObjective(choice)).toThrow(reason);
  });
});

describe('what the run must give', () => {
  const needs = (choice: unknown) =>
    Object.entries(requirementsOf(parseObjective(choice))).flatMap(([need, is]) => (is ? [need] : []));
  it.each([
    ['grpo', []],
    ['a3po', []],
    ['cispo', []],
    [{ recipe: 'a3po', decay: 'H5', entropyTarget: 0.3 }, ['entropies']],
    [{ recipe: 'a3po', decay: 'H6', mismatchBound: 0.01 }, ['mismatch']],
    ['dapo-fork-tokens', ['entropies']],
    ['entropic', ['entropies']],
    ['less', ['entropies']],
    ['gspo', ['currentLogprobs']],
    ['sapo', ['currentLogprobs']],
    ['kl-cov', ['currentLogprobs']],
    [
      { recipe: 'grpo', penalties: [{ penalty: 'kl', estimator: 'k3', coefficient: 0.001 }] },
      ['currentLogprobs', 'referenceLogprobs'],
    ],
    [
      { recipe: 'grpo', oldPolicy: 'trainer', mismatch: { kind: 'mask', min: 0.5, max: 2 } },
      ['currentLogprobs', 'trainerLogprobs'],
    ],
  ])('%j needs %j', (choice, expected) => {
    expect(needs(choice)).toEqual(expected);
  });

  it('a sentence without a stock loss never passes for one', () => {
    const at = objectiveAt(parseObjective('gspo'), { step: 0, totalSteps: 1 });
    expect(() => lossOf(at)).toThrow(/'gspo' needs the current log-probabilities/);
  });
});

it('warnings reach the notes', () => {
  const objective = parseObjective({ recipe: 'gspo', rules: [{ ...rule, operation: 'drop' }] });
  expect(objective.notes.join()).toMatch(/straight-through/);
});
