import { describe, expect, it } from 'vitest';
import { goldCompletion, resolveVerifier, verifyHere } from './catalogue.ts';

async function outcome(gold: unknown, completion: string, settings: Record<string, unknown>): Promise<string> {
  const verdict = await verifyHere({ verifier: { name: 'regex', noAnswer: 'unknown', ...settings }, gold, completion });
  return verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome;
}

describe('a regular expression', () => {
  const pattern = '^Result: (\\S+)$';

  it.each([
    ['captures the answer', '7', 'Result: 7', {}, 'correct'],
    ['takes the last match', '7', 'Result: 6\nResult: 7', {}, 'correct'],
    ['or the first', '7', 'Result: 6\nResult: 7', { match: 'first' }, 'incorrect'],
    ['compares as text is compared', 'abc', 'Result: ABC', { ignoreCase: true }, 'correct'],
    ['may be told which group', 'b', 'a=b', { pattern: '(\\w)=(\\w)', group: 2 }, 'correct'],
    ['also by name', 'b', 'a=b', { pattern: '(\\w)=(?<value>\\w)', group: 'value' }, 'correct'],
    ['is the answer as a whole where it has no groups', '12', 'it is 12', { pattern: '\\d+' }, 'correct'],
    ['finds nothing', '7', 'seven', {}, 'no answer'],
    ['finds nothing, which is incorrect', '7', 'seven', { noAnswer: 'incorrect' }, 'incorrect'],
    ['has a group that took no part', '7', 'x', { pattern: 'x|(y)' }, 'no answer'],
  ])('%s', async (_what, gold, completion, settings, expected) => {
    expect(await outcome(gold, completion, { pattern, ...settings })).toBe(expected);
  });

  it.each([
    ['^\\d{3}$', '123', 'correct'],
    ['^\\d{3}$', '12', 'incorrect'],
    ['(', '12', 'unparsable gold'],
  ])('may be the gold itself: %s on %s is %s', async (gold, completion, expected) => {
    expect(await outcome(gold, completion, {})).toBe(expected);
  });

  it('says where the answer stood', async () => {
    const verdict = await verifyHere({ verifier: { name: 'regex', pattern }, gold: '7', completion: 'So\nResult: 7' });
    expect(verdict.evidence?.extracted).toEqual({ text: '7', start: 11, end: 12, anchor: 'last match' });
  });

  it.each([
    [{ pattern: '(' }, 'verifier: pattern does not compile'],
    [{ pattern: '(a)', group: 2 }, 'verifier: group does not exist in the pattern, got 2'],
    [{ pattern: '(?<x>a)', group: 'y' }, 'verifier: group does not exist in the pattern'],
    [{ group: 1 }, 'verifier: group needs a pattern beside it'],
    [{ flags: 'g' }, 'verifier: flags'],
    [{ pattern: 'a', flags: 'uv' }, 'verifier: pattern does not compile'],
  ])('is refused before the run starts: %j', async (settings, message) => {
    await expect(resolveVerifier({ name: 'regex', ...settings })).rejects.toThrow(message);
  });

  it('has a gold completion where the settings say how it looks', async () => {
    const spec = { name: 'regex', pattern, goldTemplate: 'Result: {gold}' };
    expect(await goldCompletion(spec, '$&')).toBe('Result: $&');
    expect(await goldCompletion({ name: 'regex', pattern }, '7')).toBeUndefined();
  });
});
