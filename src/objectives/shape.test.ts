import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryGroup, arbitraryGroups, rows, sample, sentence } from '../../test/fixtures/samples.ts';
import { shape } from './shape.ts';
import { countedTokens } from './shaped-rollout.ts';

const a3po = sentence('a3po');
const constant = { ...a3po, rules: [] };

describe('numbers checked by hand', () => {
  it('group-mean of rewards 1,0,0,0 gives .75,-.25,-.25,-.25', () => {
    const group = [1, 0, 0, 0].map((reward) => sample(reward, [0.5, 0.5]));
    const shaped = shape(sentence({ recipe: 'grpo', baseline: { kind: 'group-mean' } }), [group]);
    expect(rows(shaped)).toEqual([
      [0.75, 0.75],
      [-0.25, -0.25],
      [-0.25, -0.25],
      [-0.25, -0.25],
    ]);
    expect(shaped[0]!.map(({ baseAdvantage }) => baseAdvantage)).toEqual([0.75, -0.25, -0.25, -0.25]);
  });

  it('A3PO doubles the least likely fifth of correct and the most likely fifth of incorrect rollouts', () => {
    const group = [sample(1, [0.9, 0.2, 0.8, 0.7, 0.6]), sample(0, [0.1, 0.2, 0.95, 0.3, 0.4])];
    const [[positive, negative]] = shape(sentence({ recipe: 'a3po', baseline: { kind: 'group-mean' } }), [group]) as [
      ReturnType<typeof shape>[0],
    ];
    expect([...positive!.advantages]).toEqual([0.5, 1, 0.5, 0.5, 0.5]);
    expect([...positive!.rules]).toEqual([0, 1, 0, 0, 0]);
    expect([...negative!.advantages]).toEqual([-0.5, -0.5, -1, -0.5, -0.5]);
    expect([...negative!.rules]).toEqual([0, 0, 2, 0, 0]);
  });

  it('eligibility by probability ranks among active tokens only', () => {
    const group = [sample(1, [1]), sample(0, [0.99, 0.999, 0.5, 0.8, 0.95])];
    const active = sentence({ recipe: 'a3po', eligibility: { probabilityBelow: 0.9 } });
    expect([...shape(active, [group])[0]![1]!.rules]).toEqual([0, 0, 0, 2, 0]);
    expect([...shape(active, [group])[0]![0]!.rules]).toEqual([0]);
  });

  it('ties go to the earliest tokens', () => {
    const group = [sample(1, [0.5]), sample(0, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1])];
    expect([...shape(a3po, [group])[0]![1]!.rules]).toEqual([2, 2, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('laws', () => {
  it('permuting a group permutes its advantages', () => {
    fc.assert(
      fc.property(arbitraryGroup, fc.nat(), (group, seed) => {
        const order = group.map((_, i) => i).toSorted((a, b) => ((a * 7 + seed) % 5) - ((b * 7 + seed) % 5));
        const straight = shape(a3po, [group])[0]!;
        const permuted = shape(a3po, [order.map((i) => group[i]!)])[0]!;
        for (const [place, i] of order.entries())
          for (const [t, a] of straight[i]!.advantages.entries())
            expect(permuted[place]!.advantages[t]).toBeCloseTo(a, 5); // sums in another order
      }),
    );
  });

  it('masked-out tokens, unknown verdicts and filtered rollouts get exactly 0 and are not counted', () => {
    const filtered = sentence({ recipe: 'a3po', filters: [{ filter: 'truncated', when: 'after-baseline' }] });
    fc.assert(
      fc.property(arbitraryGroups, (groups) => {
        for (const [g, group] of shape(filtered, groups).entries())
          for (const [i, { advantages, mask }] of group.entries()) {
            const source = groups[g]![i]!;
            if (source.polarity === undefined || source.isTruncated) expect(mask.every((bit) => bit === 0)).toBe(true);
            else expect(mask).toEqual(source.mask);
            for (const [t, a] of advantages.entries()) if (mask[t] === 0) expect(a).toBe(0);
          }
      }),
    );
  });

  it('unknown verdicts do not change the others', () => {
    fc.assert(
      fc.property(arbitraryGroup, (group) => {
        const known = group.filter(({ polarity }) => polarity !== undefined);
        fc.pre(known.length !== 1);
        const kept = shape(a3po, [group])[0]!.filter((_, i) => group[i]!.polarity !== undefined);
        expect(rows([kept])).toEqual(rows(shape(a3po, [known])));
      }),
    );
  });

  it('one known verdict in a larger group has no advantage; a group of one keeps its reward', () => {
    const lone = sample(1, [0.5]);
    expect(rows(shape(constant, [[lone, sample(undefined, [0.5])]]))).toEqual([[0], [0]]);
    expect(rows(shape(constant, [[lone]]))[0]![0]).toBeCloseTo(1 / (1 + 1e-6), 7);
  });

  it.each([
    'group-normalised',
    'group-mean',
    'leave-one-out',
    'length-weighted',
    'mean-normalised',
    'best-minus-second',
  ])('equal rewards give exact zeros with %s, also 0.9 eight times', (kind) => {
    fc.assert(
      fc.property(fc.constantFrom(0, 0.1, 0.3, 0.9, 1), fc.integer({ min: 2, max: 9 }), (reward, size) => {
        const group = Array.from({ length: size }, (_, i) => sample(reward, Array(i + 1).fill(0.5)));
        expect(
          rows(shape(sentence({ recipe: 'grpo', baseline: { kind } }), [group]))
            .flat()
            .every((a) => a === 0),
        ).toBe(true);
      }),
    );
  });

  it('group-relative advantages of GRPO sum to zero', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 9 }), (rewards) => {
        const shaped = shape(constant, [rewards.map((reward) => sample(reward, [0.5]))]);
        expect(
          rows(shaped)
            .flat()
            .reduce((a, b) => a + b),
        ).toBeCloseTo(0, 5);
      }),
    );
  });

  it('A3PO with scales 1, and A3PO after its decay, equal their base exactly', () => {
    const grpo = sentence('grpo');
    fc.assert(
      fc.property(arbitraryGroups, (groups) => {
        const base = rows(shape(grpo, groups));
        expect(rows(shape(sentence({ recipe: 'a3po', positiveScale: 1, negativeScale: 1 }), groups))).toEqual(base);
        expect(rows(shape(sentence('a3po', 50), groups))).toEqual(base);
      }),
    );
  });

  it('nothing handed in is changed', () => {
    fc.assert(
      fc.property(arbitraryGroups, (groups) => {
        const before = structuredClone(groups);
        shape(sentence({ recipe: 'a3po', filters: [{ filter: 'constant-groups' }] }), groups);
        expect(groups).toEqual(before);
      }),
    );
  });
});

it('a group without contrast leaves the count when filtered, and stays in it with zeros when not', () => {
  const group = [sample(1, [0.5, 0.5]), sample(1, [0.5])];
  const counts = (choice: unknown) => shape(sentence(choice), [group])[0]!.map(countedTokens);
  expect(counts('grpo')).toEqual([2, 1]);
  expect(counts({ recipe: 'grpo', filters: [{ filter: 'constant-groups' }] })).toEqual([0, 0]);
});
