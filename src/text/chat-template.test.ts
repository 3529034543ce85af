import { expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { chatProtocol, compileChatTemplate } from './chat-template.ts';

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

test('options of the run reach the template', () => {
  expect(render('{{ enable_thinking }}', {}, { variables: { enable_thinking: false } })).toBe('false');
});

test('the date is fixed unless it is given', () => {
  expect(render('{{ strftime_now("%d %b %Y") }}')).toBe('26 Jul 2024');
  expect(render('{{ strftime_now("%d %b %Y") }}', {}, { date: '2026-11-23' })).toBe('23 Nov 2026');
});

test.each([
  [
    '{{ enable_thinking }}',
    { variables: { thinking: true } },
    'chat.variables.thinking has no effect on the chat template of policy/chat_template.jinja: thinking does not stand in it',
  ],
  ['{{ messages }}', { variables: { messages: true } }, 'messages is what the run itself tells it'],
  ['{{ messages }}', { date: '2026-11-23' }, 'chat.date has no effect'],
])('%s refuses %j, which it would not look at', (source, options, message) => {
  expect(() => render(source, {}, options)).toThrow(message);
});

test('the protocol names the template, what it is told, and the date where it writes one', () => {
  const source = (text: string) => ({ source: text, where: '' });
  const plain = chatProtocol(source('a'), { variables: { thinking: true } });
  expect(plain).toEqual({ templateSha256: expect.stringMatching(/^ca978112/), variables: { thinking: true } });
  expect(chatProtocol(source('{{ strftime_now("%Y") }}'), {})).toMatchObject({ date: '2024-07-26' });
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
