import { expect, it } from 'vitest';
import { MetricColumns } from './metric-columns.ts';

const filled = (...lines: readonly (readonly [step: number, metrics: Record<string, number>])[]): MetricColumns => {
  const columns = new MetricColumns();
  for (const [step, metrics] of lines) columns.take({ step, metrics });
  return columns;
};

it('steps that lack a metric have null there, before, between and after', () => {
  const columns = filled([1, { a: 1 }], [2, { b: 2 }], [3, { a: 3 }], [4, {}]);
  expect(columns.reply(['a', 'b', 'c'], 0)).toEqual({
    steps: [1, 2, 3, 4],
    columns: { a: [1, null, 3, null], b: [null, 2, null, null] },
    keys: ['a', 'b'],
  });
  expect(columns.reply(['b'], 3)).toEqual({ steps: [3, 4], columns: { b: [null, null] }, keys: ['a', 'b'] });
  expect(columns.reply(['a'], 5)).toEqual({ steps: [], columns: { a: [] }, keys: ['a', 'b'] });
  expect([columns.at(3, 'a'), columns.at(2, 'a'), columns.at(9, 'a'), columns.at(1, 'none')]).toEqual([
    3,
    undefined,
    undefined,
    undefined,
  ]);
});

it('a step that comes again replaces itself and all after it', () => {
  const columns = filled([1, { a: 1 }], [2, { a: 2 }], [3, { a: 3, b: 3 }], [2, { a: 20 }]);
  expect(columns.reply(['a', 'b'], 0)).toMatchObject({ steps: [1, 2], columns: { a: [1, 20], b: [null, null] } });
});

it('keys like __proto__ are keys', () => {
  const columns = filled([1, JSON.parse('{"__proto__": 1, "constructor": 2}')]);
  const { columns: found } = columns.reply(['__proto__', 'constructor', 'toString'], 0);
  expect(Object.entries(found)).toEqual([
    ['__proto__', [1]],
    ['constructor', [2]],
  ]);
});

it('more keys than a run has are left out, and that is known', () => {
  const columns = filled([1, Object.fromEntries(Array.from({ length: 5001 }, (_, i) => [`k${i}`, i]))]);
  expect(columns.keys).toHaveLength(5000);
  expect(columns.keysLeftOut).toBe(true);
});
