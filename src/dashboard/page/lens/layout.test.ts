import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, type TokenLayout, tokenAt } from './layout.ts';
import { columnsOf, visible } from './visible.ts';

const written = ({ lines }: TokenLayout, texts: readonly string[]): string[] =>
  lines.map((line) => line.map(({ token, start, end }) => texts[token]!.slice(start, end)).join(''));

describe('lines of tokens', () => {
  it('break before the word that has no room, though it is of several tokens', () => {
    const texts = ['one', ' two', ' th', 'ree', ' four'];
    expect(written(layOut(texts, 10), texts)).toEqual(['one two', ' three', ' four']);
  });

  it('break between tokens where there are no words', () => {
    const texts = [...'12+34=46'];
    const layout = layOut(texts, 3);
    expect(written(layout, texts)).toEqual(['12+', '34=', '46']);
    expect([...layout.lineOf]).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
  });

  it('break inside a token longer than a line', () => {
    const texts = ['ab', 'cdefghi'];
    const layout = layOut(texts, 4);
    expect(written(layout, texts)).toEqual(['ab', 'cdef', 'ghi']);
    expect([...layout.lineOf]).toEqual([0, 1]);
  });

  it('break after each line feed, inside a token too', () => {
    const texts = ['a\n\nb', '\n'];
    expect(written(layOut(texts, 80), texts)).toEqual(['a\n', '\n', 'b\n']);
  });

  it('a token without text takes a place; no tokens give one empty line', () => {
    expect(layOut(['a', ''], 80).lines).toEqual([
      [
        { token: 0, start: 0, end: 1, column: 0, columns: 1 },
        { token: 1, start: 0, end: 0, column: 1, columns: 1 },
      ],
    ]);
    expect(layOut([], 80).lines).toEqual([[]]);
  });

  it('the cursor finds the token at a column, or the last before it', () => {
    const line = layOut(['ab', 'cd', 'e'], 80).lines[0]!;
    expect([0, 1, 2, 4, 40].map((column) => tokenAt(line, column))).toEqual([0, 0, 1, 2, 2]);
  });

  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '数', '\u202e', '😀', 'e\u0301') }), {
    maxLength: 20,
  });

  it('keep every token whole and in order, at any width', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 20 }), (tokens, columns) => {
        expect(written(layOut(tokens, columns), tokens).join('')).toBe(tokens.join(''));
      }),
    );
  });

  it('are no wider than asked for, unless a single sign is', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 8, max: 20 }), (tokens, columns) => {
        for (const line of layOut(tokens, columns).lines) {
          const last = line.at(-1);
          expect((last?.column ?? 0) + (last?.columns ?? 0)).toBeLessThanOrEqual(columns);
        }
      }),
    );
  });

  it('count the columns that are shown', () => {
    const texts = ['\u202eab', '数'];
    expect(layOut(texts, 80).lines[0]!.map(({ columns }) => columns)).toEqual(
      texts.map((text) => columnsOf(visible(text))),
    );
  });
});
