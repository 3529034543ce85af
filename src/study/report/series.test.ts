import { describe, expect, it } from 'vitest';
import type { ReadRun } from './read-study.ts';
import { beyondReference, curve, heldOutValues, passValues, trainingValues } from './series.ts';

const run = (seed: number, values: readonly (number | undefined)[], steps = values.length): ReadRun => ({
  name: `a-s${seed}`,
  arm: 'a',
  seed,
  state: 'complete',
  steps,
  metrics: values.flatMap((value, i) => (value === undefined ? [] : [{ step: i + 1, metrics: { x: value } }])),
  evaluations: [],
  benchmarks: [],
});

describe('a training curve', () => {
  it('has a point for each step of a short run, the mean of its seeds', () => {
    expect(curve([run(1, [1, 2]), run(2, [3, 4])], trainingValues('x'))).toEqual([
      { arm: 'a', x: 1, mean: 2, seeds: 2, low: 1, high: 3 },
      { arm: 'a', x: 2, mean: 3, seeds: 2, low: 2, high: 4 },
    ]);
  });

  it('averages a long run over equal stretches, each at its middle', () => {
    const steps = Array.from({ length: 60 }, (_, i) => i + 1);
    const points = curve([run(1, steps)], trainingValues('x'));
    expect(points).toHaveLength(30);
    expect(points.slice(0, 2)).toEqual([
      { arm: 'a', x: 1.5, mean: 1.5, seeds: 1 },
      { arm: 'a', x: 3.5, mean: 3.5, seeds: 1 },
    ]);
  });

  it('has no point where nothing was measured, and counts the seeds that were', () => {
    const points = curve([run(1, [1, undefined, 5]), run(2, [1, Number.NaN, undefined], 3)], trainingValues('x'));
    expect(points.map(({ x, mean, seeds }) => [x, mean, seeds])).toEqual([
      [1, 1, 2],
      [3, 5, 1],
    ]);
  });
});

describe('pass@k over k', () => {
  const problems = [0, 4].map((correct, i) => ({ id: `${i}`, samples: 4, correct, unknown: 0, truncated: 0 }));
  const line = { step: 1, policyVersion: 0, name: 'n', protocol: {}, metrics: { y: 2 }, intervals: {}, problems };

  it('doubles k up to the samples', () => {
    const points = curve(
      [{ ...run(1, []), evaluations: [line] }],
      passValues(({ evaluations }) => evaluations[0]),
    );
    expect(points.map(({ x, mean }) => [x, mean])).toEqual([
      [1, 0.5],
      [2, 0.5],
      [4, 0.5],
    ]);
  });

  it('is absent for runs without an evaluation', () => {
    expect(
      curve(
        [run(1, [])],
        passValues(() => undefined),
      ),
    ).toEqual([]);
    expect(curve([{ ...run(1, []), evaluations: [line] }], heldOutValues('y'))).toEqual([
      { arm: 'a', x: 1, mean: 2, seeds: 1 },
    ]);
  });
});

describe('a curve of differences', () => {
  it('pairs runs by seed and step, so that what a seed does to both goes away', () => {
    const all = [
      run(1, [10, 11]),
      run(2, [20, 21]),
      { ...run(1, [11, 12]), arm: 'b' },
      { ...run(2, [21, undefined], 2), arm: 'b' },
      { ...run(3, [99, 99]), arm: 'b' },
    ];
    expect(curve(all, beyondReference(trainingValues('x'), all, 'a'))).toEqual([
      { arm: 'b', x: 1, mean: 1, seeds: 2, low: 1, high: 1 },
      { arm: 'b', x: 2, mean: 1, seeds: 1 },
    ]);
  });
});
