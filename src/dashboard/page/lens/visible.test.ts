import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codePoints, columnsOf, visible } from './visible.ts';

describe('text of a policy as it is shown', () => {
  it('control characters have signs', () => {
    expect(visible('a\n\tb\r\u001b[31m\u0000\u007f')).toBe('a⏎⇥b\\x0d\\x1b[31m\\x00\\x7f');
  });

  it('what turns or hides text is written out, and what shapes it is left', () => {
    expect(visible('\u202eabc\u2066\u200b\ufeff')).toBe('\\u{202e}abc\\u{2066}\\u{200b}\\u{feff}');
    expect(visible('é 数 👩\u200d🔬')).toBe('é 数 👩\u200d🔬');
  });

  it('half a surrogate pair is written out', () => {
    expect(visible('a\ud83d')).toBe('a\\u{d83d}');
  });

  it('leaves nothing that moves the cursor or the direction, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('code points name what is not plain', () => {
    expect(codePoints('a\né')).toEqual(['U+000A', 'U+00E9']);
  });

  it('columns: wide signs take two, combining ones none', () => {
    expect([columnsOf('abc'), columnsOf('数学'), columnsOf('e\u0301'), columnsOf('🔬')]).toEqual([3, 4, 1, 2]);
  });
});
