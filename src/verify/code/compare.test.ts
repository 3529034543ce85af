import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputDifference, resultDifference } from './compare.ts';
import { canonicalDecimal } from './decimals.ts';

const sameOutput = (expected: string, printed: string, tolerance = 0) =>
  outputDifference(expected, printed, tolerance) === undefined;
const sameResult = (expected: string, returned: string, tolerance = 0) =>
  resultDifference(expected, returned, tolerance) === undefined;

describe('an output is right', () => {
  it.each([
    ['with white space at the ends of lines', '1 2\n3', '1 2  \r\n3 \n\n\n'],
    ['with other blanks between words', 'YES 1', 'YES   1'],
    ['with equal decimals', '1 2.50', '1.0 2.5'],
    ['with exponents', '1000', '1e3'],
    ['when both are empty', '', '\n'],
  ])('%s', (_name, expected, printed) => {
    expect(sameOutput(expected, printed)).toBe(true);
  });

  it('within a tolerance only where one is given', () => {
    expect(sameOutput('0.333333', '0.3333334')).toBe(false);
    expect(sameOutput('0.333333', '0.3333334', 1e-6)).toBe(true);
    expect(sameOutput('1000000', '1000000.5', 1e-6)).toBe(true);
    expect(sameOutput('1000000', '1000002', 1e-6)).toBe(false);
  });
});

describe('an output is wrong', () => {
  it.each([
    ['with a line too few', '1\n2', '1', 'line 2: expected "2", got no such line'],
    ['with a line too many', '1', '1\n2', 'expected no more, got "2"'],
    [
      'when its numbers differ beyond doubles',
      '9007199254740992',
      '9007199254740993',
      'expected "9007199254740992", got',
    ],
    ['when a word differs', 'Yes', 'yes', 'expected "Yes", got "yes"'],
    ['when a word stands beside equal decimals', 'x 1', 'x 1.0', 'expected "x 1", got "x 1.0"'],
    ['when lines are joined', '1\n2', '1 2', 'line 1: expected "1", got "1 2"'],
    ['when it is empty', '1', '', 'expected "1", got ""'],
    ['when a number is none', 'nan', 'NaN', 'expected'],
  ])('%s', (_name, expected, printed, message) => {
    expect(outputDifference(expected, printed, 0)).toMatch(message);
  });

  it('and long ones are shortened', () => {
    expect(outputDifference('a'.repeat(1000), 'b'.repeat(1000), 0)?.length).toBeLessThan(220);
  });
});

describe('a result is compared as JSON', () => {
  it('number by number as exact decimals, whatever the order of keys', () => {
    expect(sameResult('[1, 2.0, {"a": 1, "b": null}]', '[1.0, 2, {"b": null, "a": 10e-1}]')).toBe(true);
    expect(sameResult('9007199254740993', '9007199254740992')).toBe(false);
    expect(sameResult('[0.1]', '[0.10000000000000001]')).toBe(false);
    expect(sameResult('[0.1]', '[0.10000000000000001]', 1e-9)).toBe(true);
  });

  it.each([
    ['"1"', '1'],
    ['[]', '{}'],
    ['null', ''],
    ['true', '1'],
    ['[1]', '[1, 1]'],
    ['{"a": 1}', '{"a": 1, "b": 2}'],
    ['{"a": 1}', '{"b": 1}'],
    ['1', '1 1'],
    ['"n1e0"', '1'],
    ['1', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
  ])('%s is not %s', (expected, returned) => {
    expect(sameResult(expected, returned)).toBe(false);
  });

  it('of any shape to itself, however it is spaced', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(sameResult(JSON.stringify(value), JSON.stringify(value, undefined, 2))).toBe(true);
      }),
    );
  });

  it('without ever throwing on what was returned', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof sameResult('{"a": [1]}', text) === 'boolean'));
  });
});

describe('the form of a decimal', () => {
  it('is the same for equal numbers only', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(20), (digits, shift) => {
        const text = `${digits}${'0'.repeat(shift)}`;
        expect(canonicalDecimal(`${digits}e${shift}`)).toBe(canonicalDecimal(text));
        expect(canonicalDecimal(`${text}.000`)).toBe(canonicalDecimal(text));
        expect(canonicalDecimal(String(digits + 1n))).not.toBe(canonicalDecimal(String(digits)));
      }),
    );
  });

  it.each(['', '.', '+', 'e1', '1e', '0x1', '1_0', 'Infinity', '1.2.3', '--1'])('is missing for %j', (text) => {
    expect(canonicalDecimal(text)).toBeUndefined();
  });

  it('is found for a million zeros', () => {
    expect(canonicalDecimal(`1${'0'.repeat(1e6)}1`)).toMatch(/^10+1e0$/);
  });
});
