import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDisguise } from './disguise.ts';

const specialTokens = ['<|end|>', '<s>', '[INST]', '|', 's><'];
const disguise = createDisguise(specialTokens, 'template with \ufdd0');
const pieces = fc.constantFrom(
  ...specialTokens,
  '<',
  '>',
  '|e',
  'nd|>',
  '\ufdd0',
  '\ufdd1',
  '\ufdd10',
  '0',
  '1',
  '😀',
  '$&',
);
const texts = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 3 }))).map((parts) => parts.join(''));

test('hidden text holds no special token and comes back as it was', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const hidden = disguise.hide(text);
      expect(specialTokens.some((token) => hidden.includes(token))).toBe(false);
      expect(disguise.reveal(hidden)).toBe(text);
    }),
  );
});

test('the pre-tokenizers do what reveal does', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const revealed = disguise.preTokenizers.reduce(
        (hidden, { pattern, content }) => hidden.replaceAll(pattern.String, () => content),
        disguise.hide(text),
      );
      expect(revealed).toBe(text);
    }),
  );
});

test('text without special tokens is not touched, and no special tokens hide nothing', () => {
  expect(disguise.hide('1 < 2 and 3 > 2')).toBe('1 < 2 and 3 > 2');
  expect(createDisguise([], '').hide('<s>')).toBe('<s>');
});

test('a tokenizer that leaves no mark is refused', () => {
  const all = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0xfdd0 + i)).join('');
  expect(() => createDisguise([], all)).toThrow('U+FDD0');
});
