import { expect, test } from 'vitest';
import { type RandomKey, RandomStream, randomKey } from '../core/random.ts';
import { wilsonInterval } from '../core/statistics.ts';
import { averagePValue, type Measured, pairedDifference } from './paired.ts';
import { signFlipPValue } from './permutation.ts';
import { detectableDifference, plannedDetectableDifference } from './power.ts';
import type { Protocol } from './protocol.ts';

const KEY = randomKey(1);

const protocol: Protocol = {
  task: 'hand',
  split: 'test',
  problems: 2,
  problemsSha256: 'x',
  samples: 4,
  temperature: 1,
  topK: 0,
  topP: 1,
  maxTokens: 8,
  truncated: 'incorrect',
  key: [1, 2],
};

/** Correct samples of 4, by problem. */
function measured(counts: Readonly<Record<string, number>>, samples = 4): Measured {
  const problems = Object.entries(counts).map(([id, correct]) => ({ id, samples, correct, unknown: 0, truncated: 0 }));
  return { protocol: { ...protocol, problems: problems.length, samples }, problems };
}

test('a paired difference by hand, with what rose and what fell', () => {
  const before = measured({ a: 1, b: 4, c: 0, d: 2 });
  const after = measured({ a: 3, b: 3, c: 0, d: 4 });
  const found = pairedDifference(before, after, KEY);
  // +.5, -.25, 0, +.5: of the 8 signs of (2, 1, 2) those of 5, 3, -3, -5 reach as far as 3
  expect(found).toMatchObject({ before: 0.4375, after: 0.625, difference: 0.1875, rose: 2, fell: 1, problems: 4 });
  expect(found.pValue).toBe(0.5);
  // sd .375, 4 problems
  expect(found.detectable).toBeCloseTo((2.8016 * 0.375) / 2, 4);
  for (const { low, high } of [found.thisTestSet, found.problemsLikeThese]) {
    expect(low).toBeLessThan(0.1875);
    expect(high).toBeGreaterThan(0.1875);
  }
  // pass@4: a and d could already, b still can
  const pass = pairedDifference(before, after, KEY, { score: { kind: 'pass', k: 4 } });
  expect(pass).toMatchObject({ difference: 0, pValue: 1, detectable: Number.NaN });
  // none of 4 differs, so up to Wilson's 0.49 of others may
  expect(pass.problemsLikeThese.high).toBeGreaterThanOrEqual(wilsonInterval(0, 4).high);
});

test('pairing sees a small change that two separate intervals would hide', () => {
  const ids = Array.from({ length: 30 }, (_, i) => `p${i}`);
  const evenly = (odd: number, even: number) =>
    measured(Object.fromEntries(ids.map((id, i) => [id, i % 2 === 0 ? even : odd])));
  const found = pairedDifference(evenly(0, 3), evenly(1, 4), KEY);
  // all changed alike: 0.25 less what 30 problems may leave unseen (Wilson, 0.113)
  expect(found.problemsLikeThese.low).toBeCloseTo(0.25 - wilsonInterval(0, 30).high, 12);
  expect(found.pValue).toBe(1 / 10_000);
});

test('evaluations under different protocols are refused, unless forced', () => {
  const [cold, warm] = [measured({ a: 1 }), measured({ a: 2 })];
  const other = { ...warm, protocol: { ...warm.protocol, temperature: 0.5, topP: 0.95 } };
  expect(() => pairedDifference(cold, other, KEY)).toThrow(
    'these evaluations cannot be compared: temperature differs (1 and 0.5), topP differs (1 and 0.95)',
  );
  expect(pairedDifference(cold, other, KEY, { isForced: true }).difference).toBe(0.25);
});

test('forced, problems are paired by id, each with its own number of samples', () => {
  const [before, after] = [measured({ a: 1, b: 2 }), measured({ b: 6, c: 8 }, 8)];
  expect(pairedDifference(before, after, KEY, { isForced: true })).toMatchObject({ difference: 0.25, problems: 1 });
  expect(() => pairedDifference(before, measured({ z: 1 }), KEY, { isForced: true })).toThrow(
    'no problem of hand/test is in both',
  );
});

test('a score the evaluations do not have is refused by name', () => {
  const it = measured({ a: 1 });
  expect(() => pairedDifference(it, it, KEY, { score: { kind: 'pass', k: 9 } })).toThrow(
    'pass@9 needs k from 1 to samples (4), got 9',
  );
  expect(() => pairedDifference(it, it, KEY, { score: { kind: 'majority', k: 2 } })).toThrow('has no majority');
});

test('the sign-flip test is exact for few problems, valid for many, and 1 where nothing differs', () => {
  expect(signFlipPValue([1, 1, 1], KEY)).toBe(0.25);
  expect(signFlipPValue([1, 1, 0, 0, 1], KEY)).toBe(0.25);
  expect(signFlipPValue([0, 0], KEY)).toBe(1);
  expect(signFlipPValue([0.1, 0.2, -0.3], KEY)).toBe(1);
  // 16 alike: 2 of 65,536. 17 alike are drawn: 2 of 131,072 is seen at most once or twice in 9,999
  expect(signFlipPValue(new Array<number>(16).fill(0.1), KEY)).toBe(2 / 65_536);
  expect(signFlipPValue(new Array<number>(17).fill(0.1), KEY)).toBeLessThan(0.0005);
  // drawn and counted agree: 40 alike of which 26 rose, binomial tail 2 P(X >= 26) = 0.081; standard error 0.003
  const signs = Array.from({ length: 40 }, (_, i) => (i < 26 ? 1 : -1));
  expect(Math.abs(signFlipPValue(signs, KEY) - 0.0807)).toBeLessThan(0.01);
});

test('the average’s p-value weighs benchmarks alike, whatever their size', () => {
  // one problem of one benchmark outweighs three of another, which cannot outvote it: all signs but its own are free
  expect(averagePValue([[1], [0.1, 0.1, 0.1]], KEY)).toBe(2 / 16);
});

/** Differences of two policies' averages on the same problems, 40 problems of 8 samples each. */
function simulated(gain: number, key: RandomKey): number[] {
  const random = new RandomStream(key);
  const average = (share: number) =>
    Array.from({ length: 8 }, () => (random.uniform() < share ? 1 : 0)).reduce<number>((a, b) => a + b, 0) / 8;
  return Array.from({ length: 40 }, () => {
    const share = 0.35 + 0.3 * random.uniform();
    return average(share + gain) - average(share);
  });
}

test('the detectable difference is found four times out of five, no difference once in twenty', () => {
  const planned = plannedDetectableDifference(40, 8);
  expect(planned).toBeCloseTo(2.8016 * Math.sqrt(0.5 / 320), 4);
  const found = (gain: number) => {
    const trials = Array.from({ length: 200 }, (_, trial) => simulated(gain, randomKey(trial, 'power')));
    const rejected = trials.filter((differences) => signFlipPValue(differences, KEY) < 0.05).length;
    return {
      rejected: rejected / 200,
      detectable: trials.reduce((sum, each) => sum + detectableDifference(each), 0) / 200,
    };
  };
  const changed = found(planned);
  // 200 trials: standard error 0.028 at 80 %, 0.015 at 5 %
  expect(Math.abs(changed.rejected - 0.8)).toBeLessThan(0.085);
  // what the spread seen says agrees with what was planned, to the assumption that every share is a half
  expect(changed.detectable / planned).toBeGreaterThan(0.9);
  expect(changed.detectable / planned).toBeLessThan(1.05);
  expect(found(0).rejected).toBeLessThan(0.095);
});
