import { expect, it } from 'vitest';
import { configDifferences, leavesOf } from './config-diff.ts';

it('leaves are found by their paths; a list of plain values is one leaf, one of mappings is not', () => {
  const config = { a: { b: 1, c: 'x' }, list: [1, 2], rules: [{ side: 'low' }], none: null, empty: {} };
  expect([...leavesOf(config)]).toEqual([
    ['a.b', '1'],
    ['a.c', 'x'],
    ['list', '[1,2]'],
    ['rules.0.side', 'low'],
    ['none', 'null'],
    ['empty', '{}'],
  ]);
});

it('differences name each path once with the values of all runs; names of runs are none', () => {
  const [a, b] = [
    { name: 'a', seed: 1, objective: 'grpo', task: { name: 'echo' } },
    { name: 'b', seed: 1, objective: { recipe: 'a3po' }, task: { name: 'echo' } },
  ];
  expect(configDifferences([a, b, undefined])).toEqual({
    differences: [
      { path: 'objective', values: ['grpo', null, null] },
      { path: 'objective.recipe', values: [null, 'a3po', null] },
      { path: 'seed', values: ['1', '1', null] },
      { path: 'task.name', values: ['echo', 'echo', null] },
    ],
    same: 0,
  });
  expect(configDifferences([a, a])).toEqual({ differences: [], same: 3 });
});
