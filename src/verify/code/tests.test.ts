import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../core/settings.ts';
import { codeGold, testsOf } from './tests.ts';

const read = (gold: unknown) => testsOf(parseSettings(codeGold, gold, 'gold'));

describe('tests of a gold', () => {
  it('are of stdin where nothing names a function', () => {
    expect(read({ tests: [{ input: 'a', output: 'b' }] })).toEqual([{ kind: 'stdin', input: 'a', output: 'b' }]);
  });

  it("are LiveCodeBench's lines of JSON where the gold names a function", () => {
    expect(read({ functionName: 'f', tests: [{ input: '[1]\n"x"', output: '12345678901234567890' }] })).toEqual([
      { kind: 'function', name: 'f', arguments: ['[1]', '"x"'], expected: '12345678901234567890' },
    ]);
  });

  it('may give arguments and results as values', () => {
    const test = { kind: 'function', name: 'g', arguments: [[1], null], expected: { a: 1 } };
    expect(read({ functionName: 'f', tests: [test] })).toEqual([
      { kind: 'function', name: 'g', arguments: ['[1]', 'null'], expected: '{"a":1}' },
    ]);
  });

  it('may be of stdin beside a function when they say so', () => {
    expect(read({ functionName: 'f', tests: [{ kind: 'stdin', input: '', output: '1' }] })).toEqual([
      { kind: 'stdin', input: '', output: '1' },
    ]);
  });

  it.each([
    ['without tests', { tests: [] }, 'tests'],
    ['of a function without a name', { tests: [{ kind: 'function', input: '1', output: '1' }] }, 'functionName'],
    [
      'of a function whose result is no JSON',
      { functionName: 'f', tests: [{ input: '1', output: 'yes' }] },
      'not JSON: yes',
    ],
    ['with a key that is none', { tests: [{ input: '1', output: '1', timeout: 3 }] }, 'tests'],
  ])('%s are refused', (_name, gold, message) => {
    expect(() => read(gold)).toThrow(message);
  });
});
