import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeOf, resolveSchedules, type Schedule, scheduleAt, scheduleSchema } from './schedule.ts';

const at = (schedule: Schedule, step: number, signals: { entropy?: number; mismatch?: number } = {}) =>
  scheduleAt(schedule, { step, totalSteps: 100, ...signals }).value;
const parse = (schedule: unknown) => scheduleSchema.parse(schedule);

describe('values by hand', () => {
  it('linear falls from 2 to exactly 1 at half of the run and stays', () => {
    const linear = parse({ schedule: 'linear', from: 2, to: 1, until: 0.5 });
    expect([0, 25, 50, 99].map((step) => at(linear, step))).toEqual([2, 1.5, 1, 1]);
  });

  it('linear waits until `after`', () => {
    const stage = parse({ schedule: 'linear', from: 0, to: 1, after: 0.5, until: 1 });
    expect([0, 50, 75].map((step) => at(stage, step))).toEqual([0, 0, 0.5]);
  });

  it('cosine is half way at half of its span', () => {
    expect(at(parse({ schedule: 'cosine', from: 3, to: 1, until: 0.5 }), 25)).toBeCloseTo(2, 12);
  });

  it('exponential has lost 1 - 1/e of its excess after one time constant', () => {
    expect(at(parse({ schedule: 'exponential', from: 2, to: 1, timeConstant: 0.25 }), 25)).toBeCloseTo(
      1 + Math.exp(-1),
      12,
    );
  });

  it('decrement is max(floor, rho - alpha k)', () => {
    const decrement = parse({ schedule: 'decrement', from: 2, floor: 1, perStep: 0.125 });
    expect([0, 4, 8, 9].map((step) => at(decrement, step))).toEqual([2, 1.5, 1, 1]);
  });

  it('stepwise takes the last stage that has begun', () => {
    const stages = [
      { after: 0, value: 0 },
      { after: 0.2, value: 0.5 },
      { after: 0.9, value: 1 },
    ];
    expect([0, 19, 20, 89, 90].map((step) => at(parse({ schedule: 'stepwise', stages }), step))).toEqual([
      0, 0, 0.5, 0.5, 1,
    ]);
  });

  it('entropy feedback is neutral at the target and half way at half of it', () => {
    const entropy = parse({ schedule: 'entropy', peak: 3, neutral: 1, target: 0.4 });
    expect([0, 0.2, 0.4, 0.9].map((H) => at(entropy, 0, { entropy: H }))).toEqual([3, 2, 1, 1]);
  });

  it('mismatch feedback is at its peak up to the bound and shrinks beyond', () => {
    const mismatch = parse({ schedule: 'mismatch', peak: 3, neutral: 1, bound: 0.02 });
    expect([0, 0.02, 0.04].map((m) => at(mismatch, 0, { mismatch: m }))).toEqual([3, 3, 2]);
  });

  it('the entropy switch moves by its stride and stays in its bounds', () => {
    const bang = parse({ schedule: 'entropy-switch', start: 0.5, stride: 0.25, min: 0, max: 1, target: 0.3 });
    const low = scheduleAt(bang, { step: 0, totalSteps: 9, entropy: 0.1 });
    expect(low).toEqual({ value: 0.25, state: 0.25 });
    expect(scheduleAt(bang, { step: 1, totalSteps: 9, entropy: 0.1 }, 0.1).value).toBe(0);
    expect(scheduleAt(bang, { step: 1, totalSteps: 9, entropy: 0.9 }, 0.9).value).toBe(1);
  });

  it('the PI controller adds its integral and cannot wind up', () => {
    const pi = parse({ schedule: 'entropy-pi', neutral: 1, gain: 1, target: 0.5, proportional: 1, integral: 0.5 });
    expect(scheduleAt(pi, { step: 0, totalSteps: 9, entropy: 0.75 }, 0.25)).toEqual({ value: 1.5, state: 0.5 });
    expect(scheduleAt(pi, { step: 0, totalSteps: 9, entropy: 9 }, 1.9)).toEqual({ value: 2, state: 2 });
  });
});

it('a schedule that needs a signal says so when the run does not measure it', () => {
  expect(() => at(parse({ schedule: 'entropy', peak: 2, neutral: 1, target: 1 }), 0)).toThrow(/needs the entropy/);
});

it('every schedule stays in its stated range', () => {
  const schedules = [
    { schedule: 'linear', from: 2, to: 1, until: 0.5 },
    { schedule: 'cosine', from: 0, to: 1, after: 0.2, until: 0.5 },
    { schedule: 'exponential', from: 2, to: 1, timeConstant: 0.1 },
    { schedule: 'decrement', from: 2, floor: 1, perStep: 0.01 },
    { schedule: 'entropy', peak: 2, neutral: 1, target: 0.3 },
    { schedule: 'mismatch', peak: 2, neutral: 1, bound: 0.3 },
    { schedule: 'entropy-switch', start: 0.5, stride: 0.05, min: 0, max: 1, target: 0.3 },
    { schedule: 'entropy-pi', neutral: 1, gain: -1, target: 0.3, proportional: 1, integral: 0.01 },
  ].map(parse);
  fc.assert(
    fc.property(
      fc.constantFrom(...schedules),
      fc.nat(99),
      fc.double({ min: 0, max: 5, noNaN: true }),
      (schedule, step, x) => {
        const [low, high] = rangeOf(schedule);
        const value = at(schedule, step, { entropy: x, mismatch: x });
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      },
    ),
  );
});

it('resolving keys values by the names of list elements and carries state', () => {
  const bang = parse({ schedule: 'entropy-switch', start: 0.5, stride: 0.25, min: 0, max: 1, target: 0.3 });
  const node = {
    rules: [{ name: 'positive-low', scale: bang }, { scale: 3 }],
    ratioMax: parse({ schedule: 'linear', from: 1, to: 2, until: 1 }),
  };
  const first = resolveSchedules(node, { step: 0, totalSteps: 4, entropy: 0 });
  expect(first).toEqual({
    resolved: { rules: [{ name: 'positive-low', scale: 0.25 }, { scale: 3 }], ratioMax: 1 },
    values: { 'schedule/positive_low_scale': 0.25, 'schedule/ratio_max': 1 },
    state: { positive_low_scale: 0.25 },
  });
  const second = resolveSchedules(node, { step: 1, totalSteps: 4, entropy: 0, scheduleState: first.state });
  expect(second.values).toEqual({ 'schedule/positive_low_scale': 0, 'schedule/ratio_max': 1.25 });
});
