import { expect, test } from 'vitest';
import { rounded } from './svg.ts';

test('coordinates are rounded to a hundredth of a pixel, what is read is not', () => {
  const svg =
    '<path aria-label="mean: 0.123456" d="M1.23456,-0.0049e-3L53.67088607594937,1.5e-7"/><text x="1.005001">0.123456</text>';
  expect(rounded(svg)).toBe(
    '<path aria-label="mean: 0.123456" d="M1.23,0L53.67,1.5e-7"/><text x="1.01">0.123456</text>',
  );
});
