import { describe, expect, it } from 'vitest';
import { verifyHere } from './catalogue.ts';

async function outcome(gold: unknown, completion: string, settings: Record<string, unknown> = {}): Promise<string> {
  const verdict = await verifyHere({ verifier: { name: 'exact', ...settings }, gold, completion });
  return verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome;
}

describe('exact text', () => {
  it.each([
    ['abc', ' abc\n', {}, 'correct'],
    ['abc', ' abc', { trim: false }, 'incorrect'],
    ['abc', 'ABC', {}, 'incorrect'],
    ['Stra\u00dfe', 'stra\u00dfe', { ignoreCase: true }, 'correct'],
    ['a b', 'a \n b', {}, 'incorrect'],
    ['a b', 'a \n b', { whitespace: 'collapse' }, 'correct'],
    ['a b', 'ab', { whitespace: 'collapse' }, 'incorrect'],
    ['a b', 'ab', { whitespace: 'remove' }, 'correct'],
    // one letter in Unicode's composed form, two in the other
    ['\u00e9', 'e\u0301', {}, 'correct'],
    [42, '42', {}, 'correct'],
    [true, 'true', {}, 'correct'],
    ['abc', '  ', {}, 'no answer'],
    [{ a: 1 }, 'a', {}, 'unparsable gold'],
  ])('gold %j, completion %j, %j: %s', async (gold, completion, settings, expected) => {
    expect(await outcome(gold, completion, settings)).toBe(expected);
  });

  it('shows the forms it compared', async () => {
    const verifier = { name: 'exact', ignoreCase: true };
    expect(await verifyHere({ verifier, gold: 'Yes', completion: 'NO ' })).toEqual({
      outcome: 'incorrect',
      reward: 0,
      explanation: 'different text',
      evidence: { goldForm: 'yes', answerForm: 'no', rule: 'equal text' },
    });
  });
});
