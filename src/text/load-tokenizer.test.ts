import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { createCharacterTokenizer } from './character-tokenizer.ts';
import { loadTokenizer, tokenizerFiles } from './load-tokenizer.ts';
import { renderPrompt } from './prompt.ts';

const golden = JSON.parse(readFileSync(new URL('../../test/golden/text.json', import.meta.url), 'utf8')) as {
  cases: Record<'chatml', { tokenizer: unknown; config: Record<string, unknown> }>;
};
const { tokenizer, config } = golden.cases.chatml;
const messages = [{ role: 'user', content: 'hi' }] as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, unknown>) {
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

test('a character tokenizer is known by its content', () => {
  write({ 'tokenizer.json': createCharacterTokenizer('abc').toJSON() });
  const loaded = loadTokenizer(folder);
  expect([...loaded.encode('cab')]).toEqual([4, 2, 3]);
  expect(loaded.chat).toBeUndefined();
  expect(tokenizerFiles(folder)).toEqual(['tokenizer.json']);
});

test('a checkpoint’s tokenizer comes with its template and its ends', () => {
  write({
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': config,
    'generation_config.json': { eos_token_id: [3, 4] },
  });
  const loaded = loadTokenizer(folder);
  expect(renderPrompt(loaded, messages)).toContain('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n');
  expect(loaded.stopTokens.slice(1)).toEqual([3, 4]);
  expect(tokenizerFiles(folder)).toEqual(['tokenizer.json', 'tokenizer_config.json', 'generation_config.json']);
});

test('config.json says the ends where there is no generation configuration', () => {
  write({ 'tokenizer.json': tokenizer, 'config.json': { eos_token_id: 5 } });
  expect(loadTokenizer(folder)).toMatchObject({ stopToken: 5, stopTokens: [5] });
});

test('chat_template.jinja goes before the configuration, and a named template is chosen', () => {
  write({
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': config,
    'chat_template.jinja': 'own {{ messages[0].content }}',
  });
  expect(renderPrompt(loadTokenizer(folder), messages)).toBe('own hi');
  rmSync(join(folder, 'chat_template.jinja'));
  const named = [
    { name: 'default', template: 'plain' },
    { name: 'tool_use', template: 'tools' },
  ];
  write({ 'tokenizer_config.json': { ...config, chat_template: named } });
  expect(renderPrompt(loadTokenizer(folder), messages)).toBe('plain');
  expect(renderPrompt(loadTokenizer(folder, { template: 'tool_use' }), messages)).toBe('tools');
  expect(() => loadTokenizer(folder, { template: 'tools' })).toThrow(
    'there is no template tools; it has default, tool_use; did you mean tool_use?',
  );
});

test('what a run says of chat is refused where it has no effect', () => {
  write({ 'tokenizer.json': createCharacterTokenizer('abc').toJSON() });
  expect(() => loadTokenizer(folder, { date: '2026-11-23' })).toThrow(
    /chat has no effect: policy .* has no chat template/,
  );
  write({ 'tokenizer.json': tokenizer, 'tokenizer_config.json': config });
  expect(() => loadTokenizer(folder, { template: 'tool_use' })).toThrow(
    /chat.template: tool_use has no effect: .*tokenizer_config.json \(chat_template\) holds one template/,
  );
  expect(() => loadTokenizer(folder, { variables: { thinking: true } })).toThrow(
    'chat.variables.thinking has no effect',
  );
});

test.each<[string, Record<string, unknown>, string]>([
  ['no tokenizer', {}, 'tokenizer.json: no such file'],
  ['no JSON', { 'tokenizer.json': '{' }, 'tokenizer.json: it is not JSON'],
  [
    'a wrong configuration',
    { 'tokenizer.json': tokenizer, 'tokenizer_config.json': { eos_token: 3 } },
    'tokenizer_config.json: eos_token',
  ],
  [
    'a wrong end',
    { 'tokenizer.json': tokenizer, 'generation_config.json': { eos_token_id: 'x' } },
    'generation_config.json: eos_token_id must be',
  ],
  [
    'a broken template',
    { 'tokenizer.json': tokenizer, 'tokenizer_config.json': { ...config, chat_template: '{% if %}' } },
    'tokenizer_config.json (chat_template): the chat template cannot be read',
  ],
  [
    'a damaged character tokenizer',
    { 'tokenizer.json': { model: { type: 'WordLevel' } } },
    'tokenizer.json: not a character tokenizer',
  ],
])('a folder with %s is refused, naming the file', (_, files, message) => {
  write(files);
  expect(() => loadTokenizer(folder)).toThrow(UserError);
  expect(() => loadTokenizer(folder)).toThrow(message);
  expect(() => loadTokenizer(folder)).toThrow(folder);
});

test('a directory in place of a file is named', () => {
  mkdirSync(join(folder, 'tokenizer.json'));
  expect(() => loadTokenizer(folder)).toThrow('tokenizer.json: it is a directory');
});
