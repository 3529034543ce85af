import { expect, it } from 'vitest';
import { lonePoints, paddedRange, tickLabels } from './axes.ts';

it('a value between gaps gets a point of its own', () => {
  expect(lonePoints([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonePoints([7])).toEqual([0]);
  expect(lonePoints([])).toEqual([]);
});

it('the axis leaves air, but none below 0 for what is never below it', () => {
  expect(paddedRange(0, 1)).toEqual([0, 1.08]);
  expect(paddedRange(-1, 0)).toEqual([-1.08, 0]);
  expect(paddedRange(2, 2)).toEqual([1, 3]);
  expect(paddedRange(0, 0)).toEqual([0, 1]);
  expect(paddedRange(null, null)).toEqual([0, 1]);
});

it('ticks have the digits that tell them apart', () => {
  expect(tickLabels([1, 1.025, 1.05], 0.025)).toEqual(['1.000', '1.025', '1.050']);
  expect(tickLabels([0, 10, 20], 10)).toEqual(['0', '10', '20']);
  expect(tickLabels([-0.5, 0], 0.5)).toEqual(['−0.5', '0.0']);
  expect(tickLabels([0, 2000, 4000], 2000)).toEqual(['0', '2,000', '4,000']);
  expect(tickLabels([0.9995, 0.99975, 1], 0.00025)).toEqual(['0.99950', '0.99975', '1.00000']);
  expect(tickLabels([1e-5, 2e-5], 1e-5)).toEqual(['1.00e-5', '2.00e-5']);
  expect(tickLabels([0.25, null, 0.75], 0.25, true)).toEqual(['25 %', '', '75 %']);
  expect(tickLabels([0.9995, 1], 0.0005, true)).toEqual(['99.95 %', '100.00 %']);
  expect(tickLabels([1e-6, null, 1e-5], 0)).toEqual(['1.00e-6', '', '1.00e-5']);
});
