import { expect, test } from 'vitest';
import { compileJinja } from './bounded-jinja.ts';

const render = (source: string, variables: Record<string, unknown> = {}) => compileJinja(source)(variables);

test('variables, loops, range and namespaces are those of Jinja', () => {
  expect(render('{% for i in range(3) %}{{ i }},{% endfor %}{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}')).toBe(
    '0,1,2,531',
  );
  expect(
    render('{% set ns = namespace(n=0) %}{% for x in xs %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}', {
      xs: [1, 2],
    }),
  ).toBe('3');
  expect(render('{{ missing }}{{ none }}{{ True }}|{% if a is defined %}a{% endif %}')).toBe('true|');
});

test('a template sees its variables and nothing else', () => {
  expect(render('{{ process }}{{ constructor }}{{ __proto__ }}{{ m.constructor }}', { m: {} })).toBe('');
});

test('raise_exception speaks', () => {
  expect(() => render('{{ raise_exception("roles must alternate") }}')).toThrow('roles must alternate');
});

const nested = (levels: number, body: string) =>
  '{% for i in range(1000) %}'.repeat(levels) + body + '{% endfor %}'.repeat(levels);

test.each<[string, string, string | RegExp]>([
  ['a range of a thousand million', '{% for i in range(1000000000) %}{% endfor %}', 'steps'],
  ['a range without an end', '{{ range(0, 10, 0) }}', 'a step that is not 0'],
  ['loops in loops', nested(4, 'x'), 'steps'],
  ['empty loops in loops', nested(4, ''), 'steps'],
  [
    'text that doubles',
    '{% set ns = namespace(s="ab") %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}',
    'too large',
  ],
  [
    'a list that doubles',
    '{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}',
    'steps',
  ],
  [
    'a list that holds itself twice',
    '{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a | tojson }}',
    'too large',
  ],
  ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /./],
  ['brackets in brackets', `{{ ${'('.repeat(40_000)} }}`, /./],
  ['a template that is too long', 'x'.repeat(100_001), '100001 characters'],
  ['many blanks', `${' '.repeat(50_000)}{{ x }}`, 'blanks in a row'],
  ['an unclosed tag', '{% for x in y', 'end of input'],
  ['an unknown filter', '{{ 1 | frobnicate }}', 'frobnicate'],
])('%s is an error, not a hang', (_, source, message) => {
  expect(() => render(source)).toThrow(message);
});

test('what no count sees is ended by the clock', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `{% set n${i + 1} = namespace(a=n${i}, b=n${i}) %}`).join('');
  expect(() => render(`{% set n0 = namespace(x=1) %}${doubling}{{ n60 | tojson }}`)).toThrow('ms');
});

test('an error inside leaves the next rendering as it was', () => {
  const template = compileJinja('{% if fail %}{{ raise_exception("no") }}{% endif %}{{ text }}');
  expect(() => template({ fail: true, text: 'a' })).toThrow('no');
  expect(template({ fail: false, text: 'b' })).toBe('b');
});
