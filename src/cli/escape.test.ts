import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleBlock } from './escape.ts';

describe('visible', () => {
  it.each([
    ['clear screen', 'a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['8-bit control sequence introducer', 'a\u009b31mb', 'a\\x9b31mb'],
    ['window title', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
    ['carriage return that overwrites a line', 'wrong\rright', 'wrong\\rright'],
    ['right-to-left override', 'a\u202eb', 'a\\u202eb'],
    ['zero-width space', 'a\u200bb', 'a\\u200bb'],
    ['line break', 'a\nb', 'a\\nb'],
    ['lone surrogate', 'a\ud800b', 'a\\ud800b'],
    ['emoji, accents and han, which are harmless', '😀 é 数', '😀 é 数'],
  ])('shows %s', (_name, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves no control character in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the law is about control characters
        expect(visible(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });
});

describe('visibleBlock', () => {
  it('keeps line breaks and tabs alone', () => {
    expect(visibleBlock('a\n\tb\r\u001b')).toBe('a\n\tb\\r\\x1b');
  });
});
