import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractCode } from './extract-code.ts';

const python = (completion: string) => extractCode(completion, 'python');

describe('the program in a completion', () => {
  it('is its last block of the language, with its place', () => {
    const completion = 'First:\n```python\na\n```\nBetter:\n```Python\nb\nc\n```\nRun it:\n```\nshell\n```\n';
    const found = python(completion);
    expect(found).toMatchObject({ text: 'b\nc\n', anchor: 'last python block' });
    expect(completion.slice(found?.start, found?.end)).toBe('b\nc\n');
  });

  it('is the last bare block where none names the language', () => {
    expect(python('```\na\n```\n```json\n{}\n```')).toMatchObject({ text: 'a\n', anchor: 'last bare block' });
  });

  it('is not a block of another language, nor one that is cut off, nor text outside blocks', () => {
    expect(python('```js\na\n```')).toBeUndefined();
    expect(python('```python\nprint(1)\n')).toBeUndefined();
    expect(python('print(1)')).toBeUndefined();
    expect(python('')).toBeUndefined();
  });

  it('is an earlier complete block where the last is cut off', () => {
    expect(python('```python\na\n```\n```python\nb')?.text).toBe('a\n');
  });

  it('may hold shorter fences, and be fenced by tildes or inside a list', () => {
    expect(python('````python\ns = """\n```\n"""\n````')?.text).toBe('s = """\n```\n"""\n');
    expect(python('~~~py\na\n~~~')?.text).toBe('a\n');
    expect(python('1. So:\n   ```py\n   a\n   ```')?.text).toBe('   a\n');
    expect(python('```python3 title="x"\r\na\r\n```\r\n')?.text).toBe('a\r\n');
  });

  it('begins at the second of two openings', () => {
    expect(python('```python\nlet me think\n```python\na\n```')?.text).toBe('a\n');
  });

  it('is looked for without harm in any text', () => {
    const pieces = fc.array(fc.constantFrom('```', '```python', '~~~', '\n', 'x', ' ', '`'), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        const found = python(text);
        if (found) expect(text.slice(found.start, found.end)).toBe(found.text);
      }),
    );
  });
});
