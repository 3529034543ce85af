import { describe, expect, it } from 'vitest';
import { createEcho, echoSettings } from './echo.ts';

const echo = (settings: object = {}) => createEcho(echoSettings.parse(settings));

describe('echo', () => {
  it('poses every word of its letters once, over both splits', () => {
    const task = echo({ letters: 3, length: 2, testSize: 4 });
    const words = (['train', 'test'] as const).flatMap((split) =>
      Array.from({ length: task.size(split) }, (_, i) => task.problem(split, i).data),
    );
    expect([...words].sort()).toEqual(['aa', 'ab', 'ac', 'ba', 'bb', 'bc', 'ca', 'cb', 'cc']);
  });

  it.each([
    ['a', 'correct'],
    ['b', 'incorrect'],
    ['aa', 'incorrect'],
    ['', 'incorrect'],
  ])('for the word dba calls %j %s', async (completion, outcome) => {
    const verdict = await echo().verify({ id: 'x', data: 'dba' }, completion);
    expect(verdict.outcome).toBe(outcome);
  });

  it('refuses to hold out every word', () => {
    expect(() => echo({ letters: 2, length: 1, testSize: 2 })).toThrow('testSize must be below 2');
  });
});
