import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignedTo, bandOf, drawable, indexAt, marksOf, smoothed, thinned, unionOfSteps } from './series.ts';

const value = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(null));

describe('smoothed', () => {
  it('is the average with fading weights, corrected for its start', () => {
    expect(smoothed([1, 3], 0.5)).toEqual([1, (0.5 + 3) / 1.5]);
    expect(smoothed([2, 2, 2], 0.9)).toEqual([2, 2, 2].map((each) => expect.closeTo(each, 12)));
  });

  it('leaves gaps and what is not finite where they are, and does not count them', () => {
    expect(smoothed([1, null, Number.NaN, 3], 0.5)).toEqual([1, null, Number.NaN, (0.5 + 3) / 1.5]);
  });

  it('changes nothing at 0', () => {
    const values = [1, null, 2];
    expect(smoothed(values, 0)).toBe(values);
  });
});

describe('alignment', () => {
  it('gives each curve the steps of all, with gaps and not with zeros', () => {
    const [a, b] = [
      { steps: [1, 2, 4], values: [10, 20, 40] },
      { steps: [2, 3], values: [200, 300] },
    ];
    const steps = unionOfSteps([a, b]);
    expect(steps).toEqual([1, 2, 3, 4]);
    expect(alignedTo(steps, a)).toEqual([10, 20, null, 40]);
    expect(alignedTo(steps, b)).toEqual([null, 200, 300, null]);
  });

  it('knows the steps whose lines were lost', () => {
    expect(unionOfSteps([{ steps: [1, 2, 5], values: [1, 2, 5] }])).toEqual([1, 2, 3, 4, 5]);
    expect(unionOfSteps([])).toEqual([]);
  });
});

it('bandOf counts the runs that have a value, and is absent where none has', () => {
  expect(
    bandOf([
      [1, null, null, Number.NaN],
      [3, 5, null, 2],
    ]),
  ).toEqual({
    mean: [2, 5, null, 2],
    low: [1, 5, null, 2],
    high: [3, 5, null, 2],
  });
});

describe('thinned', () => {
  it('keeps few points as they are, one more on either side of what is shown', () => {
    expect(thinned([1, 2, 3, 4, 5], [[10, 20, 30, 40, 50]], 2, 2, 100)).toEqual({
      steps: [2, 3, 4],
      curves: [[20, 30, 40]],
    });
  });

  it('keeps the lowest and the highest of each bucket in the order they came', () => {
    const { steps, curves } = thinned([1, 2, 3, 4, 5, 6, 7, 8], [[5, 1, 9, 5, 5, 8, 2, 5]], 0, 7, 2);
    expect(steps).toEqual([1, 4, 5, 8]);
    expect(curves).toEqual([[1, 9, 8, 2]]);
  });

  it('loses no extreme, keeps steps ascending and invents no value', () => {
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (values, buckets) => {
          const all = values.map((_, i) => i + 1);
          const { steps, curves } = thinned(all, [values], 0, values.length - 1, buckets);
          const [kept, there] = [curves[0] ?? [], values.filter((each) => each !== null)];
          expect(kept).toHaveLength(steps.length);
          expect(steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0))).toBe(true);
          expect(kept.every((each) => each === null || there.includes(each))).toBe(true);
          expect(Math.max(...kept.filter((each) => each !== null))).toBe(Math.max(...there));
          expect(Math.min(...kept.filter((each) => each !== null))).toBe(Math.min(...there));
        },
      ),
    );
  });

  it('has at most four points a bucket', () => {
    const values = Array.from({ length: 5000 }, (_, i) => Math.sin(i));
    expect(
      thinned(
        values.map((_, i) => i),
        [values],
        0,
        4999,
        300,
      ).steps.length,
    ).toBeLessThanOrEqual(4 * 300);
  });
});

it('marksOf finds what is neither a number nor absent', () => {
  const values = [1, Number.NaN, null, Infinity, -Infinity];
  expect(marksOf({ steps: [1, 2, 3, 4, 5], values })).toEqual([
    { step: 2, kind: 'NaN' },
    { step: 4, kind: '∞' },
    { step: 5, kind: '−∞' },
  ]);
});

it('drawable leaves out what has no place on the axis', () => {
  expect(drawable([1, 0, -1, null, Number.NaN], false)).toEqual([1, 0, -1, null, null]);
  expect(drawable([1, 0, -1, null, Infinity], true)).toEqual([1, null, null, null, null]);
});

it('indexAt is the last step that is not later', () => {
  expect([0, 1, 2, 3, 9].map((step) => indexAt([1, 3, 5], step))).toEqual([-1, 0, 0, 1, 2]);
  expect(indexAt([], 3)).toBe(-1);
});
