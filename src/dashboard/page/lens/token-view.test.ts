import { describe, expect, it } from 'vitest';
import type { RolloutDetail } from '../../api.ts';
import { marksOf, segments, tokenTexts } from './token-view.ts';

const rollout = (fields: object): RolloutDetail => ({ evidence: null, ...fields }) as RolloutDetail;

describe('the text of tokens', () => {
  it('is the completion cut at their beginnings, and the name of what is no part of it', () => {
    const tokens = { ids: [5, 6, 0], starts: [0, 2, 3] };
    expect(tokenTexts(rollout({ completion: 'abc', tokens }))).toEqual({
      texts: ['ab', 'c', ''],
      starts: [0, 2, -1],
    });
  });

  it('of half a character is empty, and the whole stands with the token that ends it', () => {
    const tokens = { ids: [1, 2, 3], starts: [0, 0, 2] };
    expect(tokenTexts(rollout({ completion: '😀!', tokens })).texts).toEqual(['', '😀', '!']);
  });

  it('without a tokenizer is its number', () => {
    expect(tokenTexts(rollout({ completion: 'abc', tokens: { ids: [17], starts: null } })).texts).toEqual(['⟨17⟩']);
  });
});

describe('marks', () => {
  it('are the extracted answer and every hit, whatever its case', () => {
    const extracted = { text: '12', start: 6, end: 8, anchor: 'last number' };
    expect(marksOf(rollout({ completion: 'Is it 12? IS', evidence: { extracted } }), 'is')).toEqual([
      { kind: 'hit', start: 0, end: 2 },
      { kind: 'answer', start: 6, end: 8 },
      { kind: 'hit', start: 10, end: 12 },
    ]);
  });

  it('keep their place beside letters that grow in lower case', () => {
    expect(marksOf(rollout({ completion: 'İİab' }), 'AB')).toEqual([{ kind: 'hit', start: 2, end: 4 }]);
  });

  it('cut a token where they begin and end', () => {
    const marks = [{ kind: 'answer', start: 11, end: 13 }] as const;
    expect(segments('abcd', 10, marks)).toEqual([
      { text: 'a', isAnswer: false, isHit: false },
      { text: 'bc', isAnswer: true, isHit: false },
      { text: 'd', isAnswer: false, isHit: false },
    ]);
    expect(segments('abcd', -1, marks)).toHaveLength(1);
    expect(segments('', 10, marks)).toEqual([]);
  });
});
