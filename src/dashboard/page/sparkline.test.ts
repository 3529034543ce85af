import { expect, it } from 'vitest';
import { pathOf } from './sparkline.tsx';

it('a gap lifts the pen', () => {
  expect(pathOf([1, 2, 3, 4], [0, 1, null, 1])).toBe('M1.0 18.5L29.7 1.5M87.0 1.5');
});

it('a single step is a short line', () => {
  expect(pathOf([5], [0.5])).toBe('M1 10.0h6');
  expect(pathOf([], [])).toBe('');
});
