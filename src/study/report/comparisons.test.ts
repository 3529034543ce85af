import { describe, expect, it } from 'vitest';
import { compareArms, pairedDifference } from './comparisons.ts';
import type { ReadRun, ReadStudy } from './read-study.ts';
import type { Readout } from './readouts.ts';

const seeds = (values: readonly number[]) => new Map(values.map((value, i) => [i + 1, value]));

describe('a paired difference', () => {
  it('uses the seeds both have', () => {
    const found = pairedDifference(
      new Map([
        [1, 5],
        [2, 7],
        [9, 100],
      ]),
      seeds([4, 4, 4]),
      'x',
    );
    expect(found).toMatchObject({ mean: 2, seeds: 2 });
    expect(pairedDifference(new Map([[9, 1]]), seeds([1]), 'x')).toBeUndefined();
  });

  it('cannot reach 0.05 by sign flips with five seeds, whatever it is', () => {
    const found = pairedDifference(seeds([11, 12, 13, 12, 11]), seeds([1, 2, 3, 2, 1.5]), 'x');
    expect(found?.exactP).toBe(2 / 32);
    expect(found?.studentP).toBeLessThan(0.001);
  });

  it('of nothing is no evidence at all', () => {
    expect(pairedDifference(seeds([1, 2, 3]), seeds([1, 2, 3]), 'x')).toMatchObject({
      mean: 0,
      exactP: 1,
      studentP: 1,
    });
  });
});

const VALUES: Readonly<Record<string, readonly number[]>> = {
  grpo: [0, 0.1, 0, 0.1, 0, 0.1],
  good: [1, 1, 1.2, 1, 1.3, 1],
  same: [0, 0.2, 0, 0.1, 0.1, 0],
  nudged: [0.1, 0.1, 0, 0.1, 0, 0.2],
};
const readout: Readout = {
  key: 'value',
  where: 'held-out',
  label: 'value',
  digits: 3,
  isMain: true,
  start: undefined,
  of: ({ arm, seed }) => VALUES[arm]?.[seed - 1],
};
const roles = { grpo: 'reference', good: 'treatment', same: 'treatment', nudged: 'control' } as const;
const study = {
  record: { reference: 'grpo', arms: Object.entries(roles).map(([name, role]) => ({ name, role })) },
  runs: Object.keys(roles).flatMap((arm) => [1, 2, 3, 4, 5, 6].map((seed) => ({ arm, seed }) as ReadRun)),
} as unknown as ReadStudy;

describe('arms compared', () => {
  const rows = compareArms(study, [readout]);
  const of = (arm: string) => rows.find((row) => row.arm === arm)?.difference;

  it('are adjusted over the treatments, not the controls', () => {
    expect(of('grpo')).toBeUndefined();
    // 2 of 64 patterns, two treatments
    expect(of('good')).toMatchObject({ exactP: 1 / 32, adjustedExactP: 1 / 16 });
    expect(of('same')?.adjustedExactP).toBe(of('same')?.exactP);
    expect(of('nudged')).not.toHaveProperty('adjustedExactP');
  });
});
