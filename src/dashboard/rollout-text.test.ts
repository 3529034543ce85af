import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipped, clippedAround, finderOf } from './rollout-text.ts';

test('a text is found whatever its case, taken literally', () => {
  expect(finderOf('A+B')('aa+bc')).toEqual([1, 4]);
  expect(finderOf('.*')('abc')).toBeUndefined();
  expect(finderOf('[(\\')('x[(\\')).toEqual([1, 4]);
  // a letter whose lower case is longer does not move what comes after it
  expect(finderOf('ß')('İß')).toEqual([1, 2]);
});

test('any text is found in itself and in any text around it', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  fc.assert(
    fc.property(text, text, text, (before, wanted, after) => {
      const hit = finderOf(wanted)(before + wanted + after);
      expect(hit).toBeDefined();
      expect(hit?.[0]).toBeLessThanOrEqual(before.length);
    }),
  );
});

test('a cut never splits a character in two', () => {
  const text = '😀'.repeat(400);
  expect(clipped(`a${text}`)).toBe(`a${'😀'.repeat(149)}`);
  expect(clipped('short')).toBe('short');
});

test('a hit is in sight where a list shows little of a text', () => {
  const { completion, hit } = clippedAround(`${'a'.repeat(150)}needle`, [150, 156]);
  expect([completion, hit]).toEqual([`${'a'.repeat(16)}needle`, [16, 22]]);
});

test('what is shown of a hit has the hit in it', () => {
  const text = fc.string({ unit: 'binary', maxLength: 900 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const whole = `${before}needle${after}`;
      const span = [before.length, before.length + 6] as const;
      const { completion, hit } = clippedAround(whole, span);
      expect(completion.slice(...hit)).toBe('needle');
      expect(completion.length).toBeLessThanOrEqual(301);
      expect(whole).toContain(completion);
    }),
  );
});
