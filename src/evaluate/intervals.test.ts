import { expect, test } from 'vitest';
import { type RandomKey, RandomStream, randomKey } from '../core/random.ts';
import { wilsonInterval } from '../core/statistics.ts';
import { estimates, type NamedInterval, problemsLikeThese, thisTestSet } from './intervals.ts';
import type { ProblemResult } from './problem-result.ts';
import { AVERAGE, type Score, samplingVariance } from './score.ts';

const KEY = randomKey(1);

const problem = (samples: number, correct: number, wrong?: readonly number[]): ProblemResult => ({
  id: `${correct} of ${samples}`,
  samples,
  correct,
  unknown: 0,
  truncated: 0,
  ...(wrong === undefined ? {} : { wrong }),
});
const several = (samples: number, counts: readonly number[]) => counts.map((correct) => problem(samples, correct));

test("problems like these: problems tried once get Wilson's interval, problems tried often the bootstrap's", () => {
  const [single] = estimates(several(1, [1, 0, 0, 1]), [AVERAGE], KEY);
  expect(single).toMatchObject({ value: 0.5, problemsLikeThese: { ...wilsonInterval(2, 4), method: 'wilson' } });
  const [often] = estimates(several(4, [2, 0, 1, 3]), [AVERAGE], KEY);
  expect(often).toMatchObject({ value: 0.375, problemsLikeThese: { method: 'bootstrap' } });
  expect(often?.problemsLikeThese.low).toBeLessThan(0.375);
  expect(often?.problemsLikeThese.high).toBeGreaterThan(0.375);
});

test('problems that all agree never claim certainty about others', () => {
  expect(problemsLikeThese([[0, 0, 0]], KEY)).toEqual([{ ...wilsonInterval(0, 3), method: 'wilson' }]);
  const [half] = problemsLikeThese([[0.1 + 0.2, 0.3, 0.3]], KEY);
  expect(half?.method).toBe('wilson');
  expect((half?.high ?? 0) - (half?.low ?? 0)).toBeGreaterThan(0.5);
});

test('the variance of an average over new samples, by hand', () => {
  // 3 of 4: .75 * .25 / 3
  expect(samplingVariance(problem(4, 3), AVERAGE)).toBeCloseTo(0.0625, 12);
  expect(samplingVariance(problem(4, 0), AVERAGE)).toBe(0);
  expect(samplingVariance(problem(1, 1), AVERAGE)).toBeUndefined();
  // without one sample maj@4 is maj@3: without a right one three differ (1/3, twice), without a wrong one two agree (1, twice)
  expect(samplingVariance(problem(4, 2, [1, 1]), { kind: 'majority', k: 4 })).toBeCloseTo(
    (3 / 4) * 4 * (1 / 3) ** 2,
    12,
  );
});

test('this test set: one sample each says nothing of its own spread, so Wilson’s interval of as many trials bounds it', () => {
  expect(thisTestSet(several(1, [1, 0, 0, 1]), AVERAGE)).toMatchObject({ method: 'wilson' });
  expect(thisTestSet(several(1, [1, 0, 0, 1]), AVERAGE).low).toBeCloseTo(wilsonInterval(2, 4).low, 12);
});

test('this test set: problems never solved leave room above, problems always solved below', () => {
  const never = thisTestSet(several(8, [0, 0]), AVERAGE);
  expect(never).toEqual({ low: 0, high: wilsonInterval(0, 16).high, method: 'jackknife' });
  const halves = thisTestSet(several(8, [0, 8]), AVERAGE);
  expect(halves.high).toBeCloseTo(0.5 + wilsonInterval(0, 8).high / 2, 12);
  expect(halves.low).toBeCloseTo(1 - halves.high, 12);
});

/** Trials in which the interval held the truth. Problems are solved with the given probabilities, wrong answers fall into four classes. */
function held(
  trials: number,
  {
    shares,
    samples,
    score,
    truth,
  }: { shares: (random: RandomStream) => number[]; samples: number; score: Score; truth: number },
  interval: (problems: ProblemResult[], key: RandomKey) => NamedInterval,
): number {
  let hits = 0;
  for (let trial = 0; trial < trials; trial++) {
    const random = new RandomStream(randomKey(trial, 'coverage'));
    const problems = shares(random).map((share) => {
      const wrong = [0, 0, 0, 0];
      let correct = 0;
      for (let i = 0; i < samples; i++) {
        if (random.uniform() < share) correct++;
        else wrong[random.integer(0, 3)]!++;
      }
      return problem(samples, correct, score.kind === 'majority' ? wrong.filter((size) => size > 0) : undefined);
    });
    const { low, high } = interval(problems, randomKey(trial));
    if (low <= truth && truth <= high) hits++;
  }
  return hits / trials;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
/** 30 problems, as in AIME: many hopeless, some sure, some between. */
const SHARES = Array.from({ length: 30 }, (_, i) => (i < 10 ? 0 : i < 14 ? 1 : (i - 13) / 17));
const passAt = (k: number) => mean(SHARES.map((share) => 1 - (1 - share) ** k));

// 1000 trials of 95 %: standard error 0.007, so 0.93 to 0.97 is three of them. With few samples the room for problems never solved makes
// the interval cautious, and so does pass@k above n / 2: those may hold more often, never less.
test.each<[string, Score, number, number, number]>([
  ['avg@8', AVERAGE, 8, mean(SHARES), 0.97],
  ['avg@2', AVERAGE, 2, mean(SHARES), 1],
  ['pass@2', { kind: 'pass', k: 2 }, 8, passAt(2), 0.98],
  ['pass@8', { kind: 'pass', k: 8 }, 8, passAt(8), 1],
])(
  'this test set, re-sampled: %s with %o and %d samples holds the truth about 95 times in 100',
  (_, score, samples, truth, most) => {
    const design = { shares: () => SHARES, samples, score, truth };
    const share = held(1000, design, (problems) => thisTestSet(problems, score));
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThanOrEqual(most);
  },
);

test('this test set, re-sampled: maj@3 holds the truth about 95 % of the time', () => {
  const score = { kind: 'majority', k: 3 } as const;
  // right thrice or twice, or once with two different wrong answers (3 of 4 pairs of them), which is a tie of three
  const right = (p: number) => p ** 3 + 3 * p ** 2 * (1 - p) + (3 * p * (1 - p) ** 2 * (3 / 4)) / 3;
  const design = { shares: () => SHARES, samples: 8, score, truth: mean(SHARES.map(right)) };
  const share = held(1000, design, (problems) => thisTestSet(problems, score));
  expect(share).toBeGreaterThan(0.93);
  expect(share).toBeLessThan(0.97);
});

test('problems like these hold the truth about 95 % of the time, where treating samples as independent would not', () => {
  // 30 problems drawn anew each time: half nearly always solved, half nearly never, 8 samples each; the truth is 0.5
  const shares = (random: RandomStream) => Array.from({ length: 30 }, () => (random.uniform() < 0.5 ? 0.95 : 0.05));
  const design = { shares, samples: 8, score: AVERAGE, truth: 0.5 };
  const share = held(150, design, (problems, key) => estimates(problems, [AVERAGE], key)[0]!.problemsLikeThese);
  // 150 trials of 95 %: standard error 0.018
  expect(share).toBeGreaterThan(0.9);
  const naive = held(150, design, (problems) => ({
    ...wilsonInterval(
      problems.reduce((sum, { correct }) => sum + correct, 0),
      240,
    ),
    method: 'wilson',
  }));
  expect(naive).toBeLessThan(0.75);
  // nor does the other interval answer this question
  expect(held(150, design, (problems) => thisTestSet(problems, AVERAGE))).toBeLessThan(0.6);
});
