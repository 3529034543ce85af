/** Golds pass as they are, in every rewrite, and in no near-miss. What the mutations themselves are is checked by hand on a few. */
import { describe, expect, it } from 'vitest';
import { ALL_GOLDS } from './golds.ts';
import { disagreements } from './judge.ts';
import { mutations } from './mutations.ts';

const answersOf = (gold: string, names: readonly string[]) =>
  Object.fromEntries(
    mutations(gold)
      .filter(({ name }) => names.includes(name))
      .map(({ name, answer }) => [name, /\\boxed\{(.*)\}\$\.$/.exec(answer)?.[1]]),
  );

describe('mutations', () => {
  it('rewrite a fraction', () => {
    const names = [
      'exact decimal',
      'fraction with a slash',
      'tfrac',
      'with a name',
      'turned over',
      'one more',
      'mixed number',
    ];
    expect(answersOf('-\\frac{7}{4}', names)).toEqual({
      'exact decimal': '-1.75',
      'fraction with a slash': '-7/4',
      tfrac: '-\\tfrac{7}{4}',
      'with a name': 'x = -\\frac{7}{4}',
      'turned over': '-\\frac{4}{7}',
      'one more': '-\\frac{8}{4}',
      'mixed number': '-1\\frac{3}{4}',
    });
  });

  it('rewrite a number', () => {
    const names = [
      'thousands with braced commas',
      'zeros in front',
      'point zero',
      'sign flipped',
      'one less',
      'with a name',
    ];
    expect(answersOf('20160', names)).toEqual({
      'thousands with braced commas': '20{,}160',
      'zeros in front': '0020160',
      'point zero': '20160.0',
      'sign flipped': '-20160',
      'one less': '20159',
      'with a name': 'x = 20160',
    });
  });

  it('rewrite a sum, an interval, a point and a list', () => {
    expect(answersOf('x^4 - 2x^2 + 7', ['commuted sum', 'exponent one more', 'with a name'])).toEqual({
      'commuted sum': '7 -2x^2 + x^4',
      'exponent one more': 'x^{5} - 2x^2 + 7',
      'with a name': 'y = x^4 - 2x^2 + 7',
    });
    expect(
      answersOf('[-6, 11)', ['interval as an inequality', 'right bracket changed', 'left bracket changed']),
    ).toEqual({
      'interval as an inequality': '-6 \\le x < 11',
      'right bracket changed': '[-6, 11]',
      'left bracket changed': '(-6, 11)',
    });
    expect(answersOf('(2, -5, 12)', ['coordinates swapped', 'one element dropped', 'other order'])).toEqual({
      'coordinates swapped': '(-5, 2, 12)',
      'one element dropped': '(-5, 12)',
    });
    expect(answersOf('4 \\pm \\sqrt{7}', ['either sign written out', 'other order', 'radical lost'])).toEqual({
      'either sign written out': '4  +  \\sqrt{7}, 4  -  \\sqrt{7}',
      'radical lost': '4 \\pm (7)',
    });
  });

  it('are not made where they might not change the value', () => {
    const made = (gold: string) =>
      mutations(gold)
        .filter(({ expected }) => expected === 0)
        .map(({ name }) => name);
    expect(made('0')).not.toContain('sign flipped');
    expect(made('(4, 4, 4)')).not.toContain('coordinates swapped');
    expect(made('\\lfloor n/2 \\rfloor')).not.toContain('one more');
    expect(made('[3, 3]')).not.toContain('left bracket changed');
  });
});

describe('the math verifier on the golds of this repository', () => {
  it('accepts every rewrite and no near-miss', async () => {
    const lines = ALL_GOLDS.flatMap((gold) => mutations(gold).map((mutation) => ({ gold, ...mutation })));
    expect(lines.length).toBeGreaterThan(2000);
    expect(await disagreements(lines)).toEqual([]);
  });
});
