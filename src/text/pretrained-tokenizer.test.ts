/** What the golden tests (test/golden/text.test.ts) cannot ask of the Python libraries: hostile text, hostile files. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { createPretrainedTokenizer, type PretrainedFiles } from './pretrained-tokenizer.ts';
import { encodePrompt, renderPrompt } from './prompt.ts';
import { chatTemplateOf, parseTokenizerConfig } from './tokenizer-config.ts';

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}
interface TokenizerJson {
  readonly added_tokens: readonly AddedToken[];
  readonly model: { readonly vocab: Record<string, number> };
}
const golden = JSON.parse(readFileSync(new URL('../../test/golden/text.json', import.meta.url), 'utf8')) as {
  cases: Record<string, { tokenizer: TokenizerJson; config: Record<string, unknown> }>;
};

const paths = { configPath: 'tokenizer_config.json', jinjaPath: 'chat_template.jinja' };

function filesOf(name: string, changes: Partial<PretrainedFiles> = {}): PretrainedFiles & { tokenizer: TokenizerJson } {
  const { tokenizer, config } = golden.cases[name]!;
  const parsed = parseTokenizerConfig(config, paths.configPath);
  const chatTemplate = chatTemplateOf(parsed, paths);
  return { tokenizer, where: 'tokenizer.json', config: parsed, chatTemplate, endTokens: [], ...changes } as never;
}

describe.each(Object.keys(golden.cases))('%s', (name) => {
  const files = filesOf(name);
  const tokenizer = createPretrainedTokenizer(files);
  const special = files.tokenizer.added_tokens.filter((token) => token.special);
  const specialIds = new Set(special.map(({ id }) => id));
  const specialIn = (ids: Int32Array) => [...ids].filter((id) => specialIds.has(id));
  const pieces = fc.constantFrom(
    ...special.map(({ content }) => content),
    '<',
    '|>',
    '\ufdd0',
    '\ufdd01',
    'a',
    ' ',
    '\n',
  );
  const hostile = fc.array(pieces, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));

  test('special tokens in a text stay text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const ids = tokenizer.encode(text);
        expect(specialIn(ids)).toEqual([]);
        expect(tokenizer.decode(ids).trim()).toBe(text.trim());
      }),
    );
  });

  test('a message cannot end its turn or begin another', () => {
    const control = specialIn(tokenizer.chat!.encode([{ role: 'user', content: 'x' }]));
    fc.assert(
      fc.property(hostile, (content) => {
        const messages = [{ role: 'user', content: `x${content}x` }] as const;
        const ids = tokenizer.chat!.encode(messages);
        expect(specialIn(ids)).toEqual(control);
        expect(tokenizer.decode(ids)).toContain(`x${content}x`);
        expect(tokenizer.chat!.render(messages)).toContain(`x${content}x`);
      }),
    );
  });

  test('any text without special tokens survives, whatever its characters', () => {
    // NFC and the space that sentencepiece puts first change text on purpose
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(`a${text}`))).toBe(
          (name === 'chatml' || name === 'thinking' ? `a${text}`.normalize('NFC') : `a${text}`).replaceAll(
            '▁',
            name === 'llama2' || name === 'mistral' ? ' ' : '▁',
          ),
        );
      }),
    );
  });

  test('decoding is total on any ids', () => {
    const ids = fc.array(fc.oneof(fc.nat(tokenizer.vocabularySize + 5), fc.double()));
    fc.assert(fc.property(ids, (tokens) => typeof tokenizer.decode(tokens) === 'string'));
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.decode([...specialIds])).toBe('');
  });

  test('ids are below the size of the vocabulary, and the last one is used', () => {
    const { model, added_tokens } = files.tokenizer;
    const ids = [...Object.values(model.vocab), ...added_tokens.map(({ id }) => id)];
    expect(tokenizer.vocabularySize).toBe(Math.max(...ids) + 1);
  });
});

test('every id that ends a text is a stop token, the one of the configuration first', () => {
  const { tokenizer } = filesOf('chatml');
  const id = (content: string) => tokenizer.added_tokens.find((token) => token.content === content)!.id;
  const [end, text] = [id('<|im_end|>'), id('<|endoftext|>')];
  const opened = createPretrainedTokenizer(filesOf('chatml', { endTokens: [text, end] }));
  expect(opened).toMatchObject({ stopToken: end, stopTokens: [end, text] });
  const unnamed = createPretrainedTokenizer(filesOf('chatml', { endTokens: [text], config: {} }));
  expect(unnamed).toMatchObject({ stopToken: text, stopTokens: [text] });
});

test('a plain prompt begins with BOS where the files say so, a conversation as its template says', () => {
  const bosId = 1;
  const plain = createPretrainedTokenizer(filesOf('mistral'));
  expect(encodePrompt(plain, 'a')[0]).toBe(bosId);
  expect(plain.encode('a')[0]).not.toBe(bosId);
  const conversation = encodePrompt(plain, [{ role: 'user', content: 'a' }]);
  expect([...conversation].filter((id) => id === bosId)).toHaveLength(1);
  const { config } = filesOf('mistral');
  const without = createPretrainedTokenizer(filesOf('mistral', { config: { ...config, add_bos_token: false } }));
  expect(encodePrompt(without, 'a')).toEqual(plain.encode('a'));
  const llama = filesOf('mistral');
  const added = createPretrainedTokenizer({
    ...llama,
    tokenizer: { ...llama.tokenizer, post_processor: null },
    config: { ...llama.config, add_bos_token: true },
  });
  expect(encodePrompt(added, 'a')[0]).toBe(bosId);
});

test('a conversation for a policy without a chat template names the remedy', () => {
  const bare = createPretrainedTokenizer(filesOf('chatml', { chatTemplate: undefined }));
  const messages = [{ role: 'user', content: 'a' }] as const;
  for (const show of [encodePrompt, renderPrompt]) {
    expect(() => show(bare, messages)).toThrow(UserError);
    expect(() => show(bare, messages)).toThrow('prompt: {format: plain}');
  }
  expect(renderPrompt(bare, 'as <|im_end|> stands')).toBe('as <|im_end|> stands');
});

test('a text that could only be written as the unknown token is refused', () => {
  const files = filesOf('llama2');
  const { model } = files.tokenizer;
  const vocab = Object.fromEntries(Object.entries(model.vocab).filter(([token]) => token !== '<0xF0>'));
  const tokenizer = createPretrainedTokenizer({
    ...files,
    tokenizer: { ...files.tokenizer, model: { ...model, vocab } },
  });
  expect(() => tokenizer.encode('an emoji 😀')).toThrow(UserError);
  expect(() => tokenizer.encode('an emoji 😀')).toThrow('"<unk>"');
});

const changed = (changes: object, name = 'chatml') => {
  const files = filesOf(name);
  return { ...files, tokenizer: { ...files.tokenizer, ...changes } };
};
const chatmlVocabulary = filesOf('chatml').tokenizer.model.vocab;

test.each([
  ['no object', { ...filesOf('chatml'), tokenizer: 7 }, 'tokenizer.json: not a tokenizer'],
  ['no model', changed({ model: undefined }), 'tokenizer.json: not a tokenizer (model'],
  ['an unknown model', changed({ model: { type: 'Psychic', vocab: { a: 0 } } }), 'Psychic'],
  ['an unknown pre-tokenizer', changed({ pre_tokenizer: { type: 'Odd' } }), 'Odd'],
  [
    'a split that the library does otherwise',
    changed({ pre_tokenizer: { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithPrevious' } }),
    'behavior MergedWithPrevious is not supported',
  ],
  [
    'a byte without a token',
    changed({
      model: {
        ...filesOf('chatml').tokenizer.model,
        vocab: Object.fromEntries(Object.entries(chatmlVocabulary).filter(([token]) => token !== 'A')),
      },
    }),
    'no token for byte 0x41',
  ],
  ['nothing that ends a text', { ...filesOf('chatml'), config: {} }, 'put eos_token into tokenizer_config.json'],
  [
    'an end that is no token',
    { ...filesOf('chatml'), config: { eos_token: '<end>' } },
    'eos_token "<end>" of tokenizer_config.json',
  ],
  ['an end outside the vocabulary', { ...filesOf('chatml'), endTokens: [1_000_000] }, 'eos_token_id 1000000'],
  ['ids that are no numbers', changed({ model: { vocab: { a: 'x' } } }), 'not a tokenizer (model.vocab'],
  [
    'merges that are no pairs',
    changed({ model: { type: 'BPE', vocab: {}, merges: ['a b', ['a', 'b']] } }),
    'not a tokenizer (model.merges: must be pairs',
  ],
  [
    'an id of 2^60',
    changed({ model: { type: 'BPE', merges: [], vocab: { a: 2 ** 60 } } }),
    'not a tokenizer (model.vocab',
  ],
  [
    'an id of 2^40',
    changed({ model: { type: 'BPE', merges: [], vocab: { a: 2 ** 40 } } }),
    'not a tokenizer (model.vocab',
  ],
])('a file with %s is refused', (_, files, message) => {
  const open = () => createPretrainedTokenizer(files as PretrainedFiles);
  expect(open).toThrow(UserError);
  expect(open).toThrow(message);
});
