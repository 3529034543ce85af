import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryGroups, rows, sample, sentence } from '../../test/fixtures/samples.ts';
import { shape } from './shape.ts';

const ruled = (...rules: object[]) =>
  sentence({ recipe: 'grpo', baseline: { kind: 'none' }, rules, aggregation: 'token-mean' });
const top = { polarity: 'positive', statistic: 'probability', side: 'high', amount: { count: 1 } };
const one = [sample(1, [0.25, 0.75, 0.5])];

describe('operations on advantage 1, the likeliest of p .25 .75 .5 selected', () => {
  it.each([
    [{ operation: 'multiply', scale: 3 }, [1, 3, 1]],
    [{ operation: 'linear', scale: 2, offset: 1 }, [1, 2.5, 1]],
    [{ operation: 'add-capped', scale: 4, cap: 2 }, [1, 1.5, 1]],
    [{ operation: 'add-capped', scale: 0.5, cap: 2 }, [1, 1.375, 1]],
    [{ operation: 'drop' }, [1, 0, 1]],
    [{ operation: 'keep' }, [0, 1, 0]],
    [{ operation: 'keep-and-renormalise' }, [0, 1, 0]],
  ])('%j gives %j', (operation, expected) => {
    expect(rows(shape(ruled({ ...top, ...operation }), [one]))).toEqual([expected]);
  });

  it('only keep-and-renormalise changes which tokens count', () => {
    const mask = (operation: string) => [...shape(ruled({ ...top, operation }), [one])[0]![0]!.mask];
    expect(mask('keep')).toEqual([1, 1, 1]);
    expect(mask('drop')).toEqual([1, 1, 1]);
    expect(mask('keep-and-renormalise')).toEqual([0, 1, 0]);
  });
});

describe('scopes', () => {
  const groups = [
    [sample(1, [0.1, 0.2]), sample(1, [0.3, 0.4])],
    [sample(1, [0.5, 0.6]), sample(0, [0.9, 0.9])],
  ];
  const selected = (scope: string) =>
    shape(ruled({ ...top, scope, operation: 'drop' }), groups)
      .flat()
      .map(({ rules }) => [...rules].join(''));
  it('one ranking spans a completion, a group or the step, always one polarity’s', () => {
    expect(selected('response')).toEqual(['01', '01', '01', '00']);
    expect(selected('group')).toEqual(['00', '01', '01', '00']);
    expect(selected('batch')).toEqual(['00', '00', '01', '00']);
  });
});

describe('statistics and eligibility', () => {
  const chosen = (rule: object, group = one) =>
    [...shape(ruled({ ...top, ...rule, operation: 'drop' }), [group])[0]![0]!.rules].join('');
  it('surprisal ranks against probability, position from the first token', () => {
    expect(chosen({ statistic: 'surprisal' })).toBe('100');
    expect(chosen({ statistic: 'position' })).toBe('001');
    expect(chosen({ statistic: 'position', side: 'low', amount: { ratio: 0.67 } })).toBe('110');
  });

  it('nonzero leaves exact zeros out of ranking and count, all does not', () => {
    const certain = [sample(1, [0.5, 1, 1, 1], { entropies: Float32Array.of(0.7, 0, 0, 0) })];
    const low = { statistic: 'entropy', side: 'low', amount: { ratio: 0.5 } };
    expect(chosen(low, certain)).toBe('1000');
    expect(chosen({ ...low, eligibility: 'all' }, certain)).toBe('0110');
  });
});

it('rules act in order and compound', () => {
  const both = ruled(
    { ...top, operation: 'multiply', scale: 2 },
    { ...top, amount: { ratio: 1 }, operation: 'multiply', scale: 3 },
  );
  expect(rows(shape(both, [one]))).toEqual([[3, 6, 3]]);
  expect([...shape(both, [one])[0]![0]!.rules]).toEqual([2, 3, 2]);
});

it('add-capped never flips a sign', () => {
  const spec = sentence({ recipe: 'reasoning-with-exploration', alpha: 9, kappa: 1 });
  fc.assert(
    fc.property(arbitraryGroups, (groups) => {
      const before = rows(shape({ ...spec, rules: [] }, groups));
      for (const [i, row] of rows(shape(spec, groups)).entries())
        for (const [t, a] of row.entries()) expect(a * before[i]![t]!).toBeGreaterThanOrEqual(0);
    }),
  );
});

it('shaping is the same for the same input, bit for bit', () => {
  const spec = sentence({ recipe: 'a3po', eligibility: 'all' });
  fc.assert(
    fc.property(arbitraryGroups, (groups) => {
      expect(shape(spec, groups)).toEqual(shape(spec, groups));
    }),
  );
});
