/** Tokenizers and chat templates against the Python libraries; recorded by record-text.py. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/core/errors.ts';
import type { Message } from '../../src/core/rollout.ts';
import type { ChatOptions } from '../../src/text/chat-template.ts';
import { createPretrainedTokenizer } from '../../src/text/pretrained-tokenizer.ts';
import { chatTemplateOf, parseTokenizerConfig } from '../../src/text/tokenizer-config.ts';

interface Decoding {
  readonly ids: readonly number[];
  readonly text: string;
}
interface Conversation {
  readonly messages: readonly Message[];
  readonly options: NonNullable<ChatOptions['variables']>;
  readonly text?: string;
  readonly ids?: readonly number[];
  readonly error?: string;
}
interface Family {
  readonly tokenizer: unknown;
  readonly config: unknown;
  readonly prefix: readonly number[];
  readonly texts: readonly { text: string; ids: readonly number[]; decodings: readonly Decoding[] }[];
  readonly conversations: readonly Conversation[];
}

const golden = JSON.parse(readFileSync(new URL('text.json', import.meta.url), 'utf8')) as {
  cases: Record<string, Family>;
};

function open({ tokenizer, config }: Family, variables: NonNullable<ChatOptions['variables']> = {}) {
  const parsed = parseTokenizerConfig(config, 'tokenizer_config.json');
  const chatTemplate = chatTemplateOf(parsed, {
    configPath: 'tokenizer_config.json',
    jinjaPath: 'chat_template.jinja',
  });
  const files = { tokenizer, where: 'tokenizer.json', config: parsed, chatTemplate, endTokens: [] };
  return createPretrainedTokenizer(files, { variables });
}

describe.each(Object.entries(golden.cases))('%s', (_, family) => {
  const tokenizer = open(family);

  test.each(family.texts)('$text has the ids of the Python library', ({ text, ids }) => {
    expect([...tokenizer.encode(text)]).toEqual(ids);
  });

  test.each(family.texts)('ids of $text decode as in Python, torn or whole', ({ decodings }) => {
    expect(decodings.map(({ ids }) => tokenizer.decode(ids))).toEqual(decodings.map(({ text }) => text));
  });

  test('a plain prompt begins as the post-processor says', () => {
    expect([...(tokenizer.promptPrefix ?? [])]).toEqual(family.prefix);
  });

  test.each(family.conversations)('$options $messages', ({ messages, options, text, ids, error }) => {
    const { chat } = open(family, options);
    if (error !== undefined) {
      expect(() => chat!.render(messages)).toThrow(UserError);
      expect(() => chat!.render(messages)).toThrow(error);
      return;
    }
    expect(chat!.render(messages)).toBe(text);
    expect([...chat!.encode(messages)]).toEqual(ids);
  });
});
