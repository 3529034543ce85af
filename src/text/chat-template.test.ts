import { expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { compileChatTemplate } from './chat-template.ts';

const messages = [{ role: 'user', content: 'hi' }] as const;
const render = (
  source: string,
  ...rest: [roles?: Record<string, string>, options?: Parameters<typeof compileChatTemplate>[2]]
) => compileChatTemplate({ source, where: 'policy/chat_template.jinja' }, rest[0] ?? {}, rest[1])(messages);

test('a template sees messages, the special tokens by role, and that an answer is to follow', () => {
  const source =
    '{{ bos_token }}{{ messages[0].role }}:{{ messages[0]["content"] }}{{ eos_token }}{{ add_generation_prompt }}{{ tools is none }}';
  expect(render(source, { bos_token: '<s>' })).toBe('<s>user:hitruetrue');
});

test('options of the run reach the template and cannot take the messages away', () => {
  const variables = { enable_thinking: false, messages: [] };
  expect(render('{{ enable_thinking }} {{ messages | length }}', {}, { variables })).toBe('false 1');
});

test('the date is fixed unless it is given', () => {
  expect(render('{{ strftime_now("%d %b %Y") }}')).toBe('26 Jul 2024');
  expect(render('{{ strftime_now("%d %b %Y") }}', {}, { date: new Date('2026-11-23') })).toBe('23 Nov 2026');
});

test.each([
  [
    '{{ raise_exception("no system role") }}',
    'policy/chat_template.jinja: the chat template cannot render these messages: no system role',
  ],
  ['{% if %}', 'policy/chat_template.jinja: the chat template cannot be read: '],
])('%j: the error names the file', (source, message) => {
  expect(() => render(source)).toThrow(UserError);
  expect(() => render(source)).toThrow(message);
});
