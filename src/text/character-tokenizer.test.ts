import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { createCharacterTokenizer, tokenizerFrom } from './character-tokenizer.ts';

test('ids are 0 for padding, 1 for stop, then the characters by code unit whatever their order', () => {
  const tokenizer = createCharacterTokenizer('cab');
  expect(tokenizer).toMatchObject({ vocabularySize: 5, padToken: 0, stopToken: 1, alphabet: 'abc' });
  expect([...tokenizer.encode('abcab')]).toEqual([2, 3, 4, 2, 3]);
  expect([...createCharacterTokenizer('bcaab').encode('abc')]).toEqual([2, 3, 4]);
});

test('a character outside the alphabet is named', () => {
  const encode = () => createCharacterTokenizer('+0123').encode('1+1=2');
  expect(encode).toThrow(UserError);
  expect(encode).toThrow('"=" in "1+1=2" is not in the tokenizer\'s alphabet; it has "+0123"');
});

test('decoding leaves out padding, stop and unknown ids', () => {
  expect(createCharacterTokenizer('ab').decode([0, 2, 1, 3, 99, -1, 2.5, Number.NaN])).toBe('ab');
});

test('text survives encoding, and the file it is saved in, with characters beyond the first plane', () => {
  const alphabets = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(alphabets, fc.array(fc.nat(), { maxLength: 30 }), (alphabet, picks) => {
      const characters = [...alphabet];
      const text = picks.map((pick) => characters[pick % characters.length]).join('');
      const tokenizer = createCharacterTokenizer(alphabet);
      const saved = tokenizerFrom(JSON.parse(JSON.stringify(tokenizer.toJSON())));
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      expect(saved.encode(text)).toEqual(tokenizer.encode(text));
      expect(saved.toJSON()).toEqual(tokenizer.toJSON());
    }),
  );
});

test('decoding is total on any ids', () => {
  fc.assert(
    fc.property(fc.array(fc.double()), (ids) => {
      expect(typeof createCharacterTokenizer('xyz').decode(ids)).toBe('string');
    }),
  );
});

test('the saved layout is a WordLevel model over single characters', () => {
  expect(createCharacterTokenizer('10').toJSON()).toMatchObject({
    added_tokens: [
      { id: 0, content: '<pad>', special: true },
      { id: 1, content: '<stop>', special: true },
    ],
    pre_tokenizer: { type: 'Split', pattern: { Regex: '[\\s\\S]' }, behavior: 'Isolated', invert: false },
    decoder: { type: 'Fuse' },
    model: { type: 'WordLevel', vocab: { '<pad>': 0, '<stop>': 1, '0': 2, '1': 3 } },
  });
});

const withVocabulary = (vocab: Record<string, number>) => ({
  pre_tokenizer: { type: 'Split' },
  model: { type: 'WordLevel', vocab },
});

test.each([
  ['another kind of file', { model: { type: 'BPE', vocab: {} } }, 'not a character tokenizer'],
  ['no object', null, 'not a character tokenizer'],
  [
    'a gap in the ids',
    withVocabulary({ '<pad>': 0, '<stop>': 1, a: 3 }),
    'expected one character with id 2, found "a" with id 3',
  ],
  [
    'a word',
    withVocabulary({ '<pad>': 0, '<stop>': 1, ab: 2 }),
    'expected one character with id 2, found "ab" with id 2',
  ],
  ['no stop token', withVocabulary({ '<pad>': 0, a: 1, b: 2 }), 'expected "<stop>" with id 1, found "a" with id 1'],
  ['no characters', withVocabulary({ '<pad>': 0, '<stop>': 1 }), 'the vocabulary has no characters'],
])('a file with %s is refused', (_, json, message) => {
  expect(() => tokenizerFrom(json)).toThrow(UserError);
  expect(() => tokenizerFrom(json)).toThrow(message);
});

test('an empty alphabet is refused', () => {
  expect(() => createCharacterTokenizer('')).toThrow('at least one character');
});
