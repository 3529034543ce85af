import { expect, it } from 'vitest';
import { extentOf, share, sideOf } from './interval.tsx';

it('an interval is on a side only when all of it is', () => {
  expect(sideOf(0.1, 0.3, 0)).toBe('above');
  expect(sideOf(-0.3, -0.1, 0)).toBe('below');
  expect(sideOf(-0.1, 0.3, 0)).toBe('open');
  expect(sideOf(0, 0.3, 0)).toBe('open');
  expect(sideOf(0.1, 0.3, undefined)).toBe('plain');
});

it('share stays on the line', () => {
  expect([-1, 0, 0.5, 2].map((value) => share(value, 0, 1))).toEqual([0, 0, 0.5, 1]);
  expect(share(3, 1, 1)).toBe(0.5);
});

it('intervals are drawn on a line from the lowest end to the highest, a lone one on the whole scale', () => {
  expect(extentOf([[0.3, 0.4], undefined, [0.6, 0.7]])).toEqual([0.3, 0.7]);
  expect(extentOf([[0.3, 0.4]])).toEqual([0, 1]);
  expect(extentOf([['NaN', 'NaN']])).toEqual([0, 1]);
});
