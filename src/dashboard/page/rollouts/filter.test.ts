import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changed, filterOf, isCondition, parametersOf, type RolloutFilter, SORTS } from './filter.ts';

const read = (address: string): RolloutFilter => filterOf(new URLSearchParams(address));

describe('a filter in an address', () => {
  it('reads each condition', () => {
    expect(
      read(
        'step=3-9&problem=train%2F7&polarity=negative&outcome=incorrect&reward=..0.5&minTokens=2&maxTokens=90&truncated=true&text=a%20b&sort=-tokens',
      ),
    ).toEqual({
      step: '3-9',
      problem: 'train/7',
      polarity: 'negative',
      outcome: 'incorrect',
      reward: '..0.5',
      minTokens: 2,
      maxTokens: 90,
      truncated: true,
      text: 'a b',
      sort: '-tokens',
    });
  });

  it('knows what is not a condition yet, so that a field can say so', () => {
    expect(['', '5', '5-', '5-9'].map((text) => isCondition('step', text))).toEqual([true, true, false, true]);
    expect(['1', 'abc', '0..', '0..0.5'].map((text) => isCondition('reward', text))).toEqual([true, false, true, true]);
    expect(['12', 'many'].map((text) => isCondition('minTokens', text))).toEqual([true, false]);
  });

  it('drops what cannot be', () => {
    expect(read('step=x&polarity=blue&reward=high&minTokens=-1&truncated=maybe&sort=random&text=&offset=5')).toEqual(
      {},
    );
  });

  it('keeps text of any kind, though not more than the server takes', () => {
    expect(read(parametersOf({ text: '<b>&="\'#?%' }).toString())).toEqual({ text: '<b>&="\'#?%' });
    expect(read(`text=${'x'.repeat(300)}`).text).toHaveLength(200);
  });

  it('is empty for everything in the order on disk', () => {
    expect(parametersOf({ sort: 'step' }).toString()).toBe('');
  });

  it('changes one condition and takes one away', () => {
    const filter: RolloutFilter = { step: '3', text: 'a', minTokens: 4 };
    expect(changed(filter, { text: '', minTokens: Number.NaN, sort: 'tokens' })).toEqual({ step: '3', sort: 'tokens' });
  });

  it('comes back as it was written', () => {
    const filters: fc.Arbitrary<RolloutFilter> = fc.record(
      {
        step: fc.nat(9999).map(String),
        problem: fc.string({ minLength: 1 }),
        outcome: fc.constantFrom('correct', 'incorrect', 'unknown'),
        minTokens: fc.nat(99999),
        truncated: fc.boolean(),
        text: fc.string({ minLength: 1, maxLength: 200 }),
        sort: fc.constantFrom(...SORTS.filter((sort) => sort !== 'step')),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(filters, (filter) => {
        expect(read(parametersOf(filter).toString())).toEqual(filter);
      }),
    );
  });
});
