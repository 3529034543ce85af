import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { checkTemplate, renderTemplate } from './plain-template.ts';

test('placeholders are filled in, doubled braces are braces', () => {
  expect(renderTemplate('{problem}\nAnswer in \\boxed{{}}: {{{ hint }}}', { problem: '1+1', hint: 'two' })).toBe(
    '1+1\nAnswer in \\boxed{}: {two}',
  );
});

test('what a value holds is not looked at: braces, dollars and placeholders in it stay', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (problem) => {
      expect(renderTemplate('<{problem}>', { problem, other: 'x' })).toBe(`<${problem}>`);
    }),
  );
  expect(renderTemplate('{problem}', { problem: '{other} {{ $& }', other: 'x' })).toBe('{other} {{ $& }');
});

test('any text with its braces doubled renders as itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ') }), (text) => {
      expect(renderTemplate(text.replace(/[{}]/g, '$&$&'), {})).toBe(text);
    }),
  );
});

function complaint(run: () => void): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  return 'accepted';
}

test.each([
  [
    '{Problm}',
    'prompt: the template has {Problm}, which is none of {problem}, {choices}; did you mean {problem}? Write {{Problm}} for the braces themselves',
  ],
  ['{problem} \\boxed{}', 'prompt: the template has {} without a name; write {{}} for the braces themselves'],
  [
    '{problem} }',
    'prompt: "}" without its partner in the template at character 11 ("{problem} }"); write "}}" for a brace itself',
  ],
  [
    'Solve it.',
    'prompt: the template has no placeholder, so every prompt would be the same; it may use {problem}, {choices}',
  ],
  ['{toString}{problem}', 'prompt: the template has {toString}'],
  ['{problem}{choices}', 'accepted'],
])('checking %j', (template, message) => {
  expect(complaint(() => checkTemplate(template, ['problem', 'choices'], 'prompt'))).toContain(message);
});

test('a placeholder without a value is refused while rendering too', () => {
  expect(complaint(() => renderTemplate('{toString}', { problem: '1' }))).toContain('did you mean {problem}?');
});
