import { describe, expect, it } from 'vitest';
import { goldCompletion, verifyHere } from './catalogue.ts';
import { ANCHORS } from './extract.ts';

async function outcome(gold: unknown, completion: string, settings: Record<string, unknown> = {}): Promise<string> {
  const verdict = await verifyHere({ verifier: { name: 'exact', noAnswer: 'unknown', ...settings }, gold, completion });
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
    ['abc', '  ', { noAnswer: 'incorrect' }, 'incorrect'],
    [{ a: 1 }, 'a', {}, 'unparsable gold'],
  ])('gold %j, completion %j, %j: %s', async (gold, completion, settings, expected) => {
    expect(await outcome(gold, completion, settings)).toBe(expected);
  });

  it.each([
    ['yes', 'So \\boxed{\\text{yes}}.', 'correct'],
    ['\\text{yes}', 'So \\boxed{yes}', 'correct'],
    ['yes', 'Hm.\nAnswer: **yes**', 'correct'],
    ['yes', '\\boxed{no} is not it.\nAnswer: yes', 'incorrect'],
    ['yes', 'yes, I think so, if that is what you mean.', 'no answer'],
  ])('is looked for where the anchors say: gold %j, completion %j: %s', async (gold, completion, expected) => {
    expect(await outcome(gold, completion, { anchors: ['boxed', 'answer'] })).toBe(expected);
  });

  it('has a gold completion for each anchor', async () => {
    for (const anchor of ANCHORS) {
      const spec = { name: 'exact', anchors: [anchor] };
      const completion = (await goldCompletion(spec, '42')) ?? '';
      expect(await outcome('42', completion, { anchors: [anchor] })).toBe('correct');
    }
    const odd = (await goldCompletion({ name: 'exact', anchors: ['boxed', 'answer'] }, '}{')) ?? '';
    expect(await outcome('}{', odd, { anchors: ['boxed', 'answer'] })).toBe('correct');
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
