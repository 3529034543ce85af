import { expect, it } from 'vitest';
import { armName, armsOf, shortNames } from './arms.ts';

it('an arm is a run without its seed', () => {
  const names = ['grpo-s1', 'study/a3po-s12', 'echo.seed-3', 'echo_seed3', 'steps', 'gpt-4', 'x-s'];
  expect(names.map(armName)).toEqual(['grpo', 'study/a3po', 'echo', 'echo', 'steps', 'gpt-4', 'x-s']);
});

it('seeds join in the order they come; a lone seed keeps its name', () => {
  expect(armsOf(['a-s1', 'b-s1', 'a-s2'], true)).toEqual([
    { name: 'a', runs: ['a-s1', 'a-s2'] },
    { name: 'b-s1', runs: ['b-s1'] },
  ]);
  expect(armsOf(['a-s1', 'a-s2'], false).map(({ name }) => name)).toEqual(['a-s1', 'a-s2']);
});

it('legends leave out the folder that all names share', () => {
  expect(shortNames(['s/a', 's/b'])).toEqual(['a', 'b']);
  expect(shortNames(['s/a', 't/b'])).toEqual(['s/a', 't/b']);
  expect(shortNames(['a', 'b'])).toEqual(['a', 'b']);
});
