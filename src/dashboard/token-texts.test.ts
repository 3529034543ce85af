import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodedTexts, startsOf } from './token-texts.ts';

/** One token a byte: the worst tokenizer there is. */
const bytesOf = (text: string): Int32Array => Int32Array.from(Buffer.from(text));
const fromBytes = (tokens: ArrayLike<number>): string => Buffer.from(Array.from(tokens)).toString('utf8');

it('tokens that are parts of a character: the last part has its text', () => {
  expect(decodedTexts(bytesOf('aé😀b'), fromBytes)).toEqual(['a', '', 'é', '', '', '', '😀', 'b']);
});

it('the texts of tokens that are bytes make up any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodedTexts(bytesOf(text), fromBytes).join('')).toBe(text);
    }),
  );
});

it('32,000 tokens that are bytes take a moment', () => {
  const text = 'λ→😀 x'.repeat(2700);
  expect(decodedTexts(bytesOf(text), fromBytes).join('')).toBe(text);
});

it('engine fake writes a character a token, its stop token nothing', async () => {
  const config = { engine: { fake: {} } };
  expect(await startsOf(Int32Array.of(5, 9, 1), 'ab', { config, manifest: null })).toEqual({
    starts: [0, 1, 2],
    note: null,
  });
  const other = await startsOf(Int32Array.of(5), 'ab', { config, manifest: null });
  expect(other).toEqual({ starts: null, note: expect.stringContaining('another text') });
});

it('without the policy’s tokenizer tokens have no text, and the reason is said', async () => {
  const noteOf = async (config: unknown) => (await startsOf(Int32Array.of(5), 'a', { config, manifest: null })).note;
  expect(await noteOf({})).toContain('no policy folder');
  expect(await noteOf({ policy: '/nowhere' })).toContain('/nowhere/tokenizer.json is not there');
  expect(await noteOf({ policy: '/dev' })).toContain('is not there');
});
