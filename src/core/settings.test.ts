import { expect, test } from 'vitest';
import { z } from 'zod';
import { editDistance, nearest } from './edit-distance.ts';
import { UserError } from './errors.ts';
import { parseSettings } from './settings.ts';

const schema = z.strictObject({
  groupSize: z.int().min(2).default(8),
  temperature: z.number().gt(0).lt(10).default(1),
  operators: z
    .array(z.enum(['add', 'subtract']))
    .min(1)
    .optional(),
  name: z.string().min(3).optional(),
  adam: z.strictObject({ learningRate: z.number(), beta1: z.number().default(0.9) }).optional(),
  scale: z.union([z.number(), z.strictObject({ from: z.number(), to: z.number() })]).optional(),
  loss: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('ppo'), ratioMax: z.number() }),
      z.strictObject({ kind: z.literal('cispo') }),
    ])
    .optional(),
  rules: z.array(z.strictObject({ amount: z.number() })).optional(),
});

function complaint(value: unknown): string {
  try {
    return `accepted ${JSON.stringify(parseSettings(schema, value, 'run.yaml'))}`;
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
}

test('defaults are filled in', () => {
  expect(parseSettings(schema, {}, 'run.yaml')).toEqual({ groupSize: 8, temperature: 1 });
});

test.each([
  [{ groupSize: 1 }, 'run.yaml: groupSize must be at least 2, got 1'],
  [{ groupSize: 2.5 }, 'run.yaml: groupSize must be a whole number, got 2.5'],
  [{ groupSize: 'many' }, 'run.yaml: groupSize must be a number, got "many"'],
  [{ groupSize: Number.NaN }, 'run.yaml: groupSize must be a number, got NaN'],
  [{ temperature: 0 }, 'run.yaml: temperature must be more than 0, got 0'],
  [{ temperature: 10 }, 'run.yaml: temperature must be less than 10, got 10'],
  [{ operators: [] }, 'run.yaml: operators must have at least 1 entry, got []'],
  [{ name: 'ab' }, 'run.yaml: name must have at least 3 characters, got "ab"'],
  [{ adam: {} }, 'run.yaml: adam.learningRate is missing (a number)'],
  [{ adam: 3 }, 'run.yaml: adam must be a mapping of keys to values, got 3'],
  [{ scale: 'big' }, 'run.yaml: scale must be a number or a mapping of keys to values, got "big"'],
  [{ scale: { from: 1, to: 'x' } }, 'run.yaml: scale.to must be a number, got "x"'],
  [[], 'run.yaml: the whole must be a mapping of keys to values, got []'],
  [undefined, 'run.yaml: the whole is missing (a mapping of keys to values)'],
])('%j is refused: %s', (value, message) => {
  expect(complaint(value)).toBe(message);
});

test('an unknown choice names the nearest', () => {
  expect(complaint({ operators: ['add', 'substract'] })).toBe(
    'run.yaml: operators[1] must be one of add, subtract, got "substract"; did you mean subtract?',
  );
  expect(complaint({ loss: { kind: 'pppo' } })).toBe(
    'run.yaml: loss.kind must be one of ppo, cispo, got "pppo"; did you mean ppo?',
  );
});

test('an unknown key is named with its value, its place and the nearest key', () => {
  expect(complaint({ groupsize: 4 })).toBe(
    'run.yaml: unknown key groupsize (value 4); did you mean groupSize? (known: groupSize, temperature, operators, name, adam, scale, loss, rules)',
  );
  expect(complaint({ adam: { learningRate: 1, beta: 0.8 } })).toBe(
    'run.yaml: unknown key adam.beta (value 0.8); did you mean beta1? (known: learningRate, beta1)',
  );
  expect(complaint({ rules: [{ amount: 1 }, { amount: 2, ammount: 3 }] })).toBe(
    'run.yaml: unknown key rules[1].ammount (value 3); did you mean amount? (known: amount)',
  );
  expect(complaint({ loss: { kind: 'ppo', ratioMax: 1, ratoMax: 2 } })).toContain('did you mean ratioMax?');
  expect(complaint({ scale: { from: 1, to: 2, too: 3 } })).toContain(
    'unknown key scale.too (value 3); did you mean to?',
  );
});

test('everything that is wrong is said at once, one line each', () => {
  expect(complaint({ groupSize: 0, temperature: -1 }).split('\n')).toHaveLength(2);
});

test('a long value is shortened', () => {
  expect(complaint({ groupSize: 'x'.repeat(500) }).length).toBeLessThan(120);
});

test('edit distance counts insertions, deletions, substitutions and swaps of neighbours', () => {
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('steps', 'setps')).toBe(1);
  expect(editDistance('same', 'same')).toBe(0);
});

test('the nearest word forgives case and prefers the first of equals', () => {
  expect(nearest('MAXTOKENS', ['maxSteps', 'maxTokens'])).toBe('maxTokens');
  expect(nearest('b', ['a', 'c'])).toBe('a');
  expect(nearest('a', [])).toBeUndefined();
});
