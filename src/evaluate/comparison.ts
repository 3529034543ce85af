/**
 * Two sets of evaluations, benchmark by benchmark: every score both have, paired by problem, and what may be said of it.
 */
import { childKey, type RandomKey, randomKey } from '../core/random.ts';
import { holm, type Interval } from '../core/statistics.ts';
import { average } from './average.ts';
import { averagePValue, type Measured, type PairedDifference, pairedDifference, problemPairs } from './paired.ts';
import { type ProtocolDifference, protocolDifferences } from './protocol.ts';
import { AVERAGE, type Score, scoreName, scoreOf } from './score.ts';

/** One benchmark as one side measured it. */
export interface MeasuredBenchmark extends Measured {
  readonly name: string;
  /** Beside the average. */
  readonly scores: readonly Score[];
}

export interface ComparedScore extends PairedDifference {
  /** `avg@16`, `pass@4`, `maj@16`. */
  readonly score: string;
}

export interface BenchmarkComparison {
  readonly name: string;
  /** Why the numbers are not comparable; empty unless forced. */
  readonly differences: readonly ProtocolDifference[];
  /** The average first. */
  readonly scores: readonly [ComparedScore, ...ComparedScore[]];
  /** Of the average, adjusted (Holm) for the number of benchmarks compared. */
  readonly adjustedPValue: number;
  /** In words. */
  readonly verdict: string;
}

export interface AverageComparison {
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  readonly thisTestSet: Interval;
  readonly problemsLikeThese: Interval;
  readonly pValue: number;
}

export interface Comparison {
  readonly benchmarks: readonly BenchmarkComparison[];
  /** Mean over the benchmarks, each counting alike; absent for one. */
  readonly average?: AverageComparison;
}

/** How likely a claim of a difference may be wrong. */
const LEVEL = 0.05;
/** Of the bootstrap's draws and the sign flips: a comparison of equal evaluations is the same every time. */
const KEY = randomKey(0, 'comparison');

/**
 * @param pairs one benchmark as both sides measured it
 * @throws UserError when protocols differ, unless forced, or two evaluations share no problem
 */
export function compare(
  pairs: readonly (readonly [MeasuredBenchmark, MeasuredBenchmark])[],
  { isForced = false }: { readonly isForced?: boolean } = {},
): Comparison {
  const compared = pairs.map(([a, b]) => {
    const key = childKey(KEY, a.name);
    const scoreWith = (score: Score): ComparedScore => ({
      score: scoreName(score, a.protocol.samples),
      ...pairedDifference(a, b, key, { score, isForced }),
    });
    const shared = a.scores.filter((score) => b.scores.some((other) => isSame(score, other)));
    const scores = [scoreWith(AVERAGE), ...shared.map(scoreWith)] as const;
    return { name: a.name, differences: protocolDifferences(a.protocol, b.protocol), scores };
  });
  const adjusted = holm(compared.map(({ scores: [average] }) => average.pValue));
  return {
    benchmarks: compared.map((each, i) => {
      const adjustedPValue = adjusted[i] ?? 1;
      return { ...each, adjustedPValue, verdict: verdict(each.scores[0], adjustedPValue, pairs[i]?.[0]) };
    }),
    ...(pairs.length > 1 && { average: averageOf(pairs, compared, childKey(KEY, 'average')) }),
  };
}

const isSame = (a: Score, b: Score): boolean => JSON.stringify(a) === JSON.stringify(b);

function averageOf(
  pairs: readonly (readonly [MeasuredBenchmark, MeasuredBenchmark])[],
  compared: readonly { readonly scores: readonly [ComparedScore, ...ComparedScore[]] }[],
  key: RandomKey,
): AverageComparison {
  const averages = compared.map(({ scores: [first] }) => first);
  const { value, intervals } = average(
    averages.map((each) => ({ value: each.difference, intervals: each })),
    ['thisTestSet', 'problemsLikeThese'],
  );
  const differences = pairs.map(([a, b]) =>
    problemPairs(a, b).map(([before, after]) => scoreOf(after, AVERAGE) - scoreOf(before, AVERAGE)),
  );
  const meanOf = (side: 'before' | 'after') => averages.reduce((sum, each) => sum + each[side], 0) / averages.length;
  return {
    before: meanOf('before'),
    after: meanOf('after'),
    difference: value,
    ...intervals,
    pValue: averagePValue(differences, key),
  };
}

/** In percentage points: 0.0123 -> 1.2 points. */
const points = (share: number): string => `${(100 * Math.abs(share)).toFixed(1)} points`;

function verdict(
  { difference, detectable, problems }: PairedDifference,
  pValue: number,
  benchmark: MeasuredBenchmark | undefined,
): string {
  if (pValue < LEVEL) return `${difference > 0 ? 'B' : 'A'} is better by ${points(difference)}`;
  const made = `${problems} ${problems === 1 ? 'problem' : 'problems'} x ${benchmark?.protocol.samples ?? 0} samples`;
  if (Math.abs(difference) < detectable)
    return `not resolved: the difference (${points(difference)}) is below what ${made} can show (${points(detectable)})`;
  if (difference === 0) return `no difference on ${made}`;
  return `not resolved: luck alone gives ${made} a difference like ${points(difference)} too often`;
}
