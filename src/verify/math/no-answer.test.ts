import { describe, expect, test } from 'vitest';
import { mathVerifier } from './math-verifier.ts';

async function verdictOf(gold: string, answer: string) {
  const settings = mathVerifier.settings.parse({});
  const verdict = await mathVerifier.verify(settings, mathVerifier.gold.parse(gold), `\\boxed{${answer}}`);
  const outcome = verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome;
  return { outcome, rule: verdict.evidence?.rule };
}

const NONE = { outcome: 'incorrect', rule: 'no answer given' };

describe('a plain refusal is incorrect, whatever kind of answer the gold is', () => {
  test.each(["I don't know", '\\text{unknown}', 'cannot be determined', 'N/A', '?', '??', '\\ldots', '\\_\\_', ''])(
    'answer %j',
    async (answer) => {
      for (const gold of ['5', 'x + 1', '(1, 2)', '\\{1, 2\\}', '[0, 1)', '\\text{no solution}'])
        expect(await verdictOf(gold, answer), gold).toEqual(NONE);
    },
  );

  test('unless the gold itself says so, or is that formula', async () => {
    expect(await verdictOf('\\text{cannot be determined}', 'Cannot be determined.')).toMatchObject({
      outcome: 'correct',
    });
    expect(await verdictOf('\\text{cannot be determined}', 'unknown')).toMatchObject({ outcome: 'incorrect' });
    expect((await verdictOf('\\text{cannot be determined}', 'unknown')).rule).not.toBe(NONE.rule);
    expect(await verdictOf('\\frac{N}{A}', 'N/A')).toMatchObject({ outcome: 'correct' });
    expect(await verdictOf('n a', 'na')).toMatchObject({ outcome: 'correct' });
  });
});

describe('beside a number, words and letters that say no number are incorrect', () => {
  test.each([
    ['a lone letter', '5', 'x'],
    ['the letter that the gold names', 'k = 5', 'k'],
    ['a choice, where the gold is no choice', '5', '(C)'],
    ['a sentence', '5', '\\text{the sum of all that we have found above}'],
    ['a sentence, for a gold with a unit', '5 \\text{ cm}', '\\text{as long as the other side of it}'],
    ['a pronoun, which is not the imaginary unit', '\\sqrt{2}', '\\text{i could not find it in the end}'],
    ['words in a list', '5', '\\text{all of these here}, \\text{and all of those there}'],
  ])('%s: beside %s, %s', async (_, gold, answer) => {
    expect(await verdictOf(gold, answer)).toMatchObject({ outcome: 'incorrect' });
  });

  test.each([
    ['a number word', '1/2', 'half'],
    ['a number word in a sentence', '12', '\\text{a dozen of them in all}'],
    ['a digit', '12', '\\text{the first 12 of all of them}'],
    ['a constant', '\\pi', '\\text{pi as the ratio of the two}'],
    ['the imaginary unit', 'i', '\\text{it is the imaginary unit i}'],
  ])('%s leaves it open: beside %s, %s', async (_, gold, answer) => {
    expect(await verdictOf(gold, answer)).toMatchObject({ outcome: 'undecided' });
  });

  test.each([
    ['a formula', 'x + 1'],
    ['a set', '\\{1, 2\\}'],
    ['an interval', '[0, 1)'],
  ])('beside %s words stay open, for they may describe it', async (_, gold) => {
    expect(await verdictOf(gold, '\\text{all of the values that are allowed here}')).toMatchObject({
      outcome: 'undecided',
    });
  });

  test('signs that are no words keep the setting for what cannot be read', async () => {
    expect(await verdictOf('7', '7 + ')).toMatchObject({ outcome: 'unparsable answer' });
  });
});
