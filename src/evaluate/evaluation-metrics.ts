/**
 * An evaluation as flat metrics, the form in which a journal keeps it.
 */
import type { Evaluation } from './evaluation.ts';
import type { Estimate } from './intervals.ts';

export interface EvaluationMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  /** Metric key -> [low, high] at 95 %: problems like these. */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  /** Metric key -> [low, high] at 95 %: this test set, re-sampled. */
  readonly testSetIntervals: Readonly<Record<string, readonly [number, number]>>;
}

/** Keys: `evaluate/pass_at_1`, `evaluate/pass_at_<k>`, `evaluate/majority_at_<k>`, `evaluate/truncated_frac` and so on. */
export function evaluationMetrics(evaluation: Evaluation): EvaluationMetrics {
  const { accuracy, passAt, majorityAt, samples, unknown, truncated, meanReward, meanEntropy } = evaluation;
  const estimated: [string, Estimate][] = [
    ['evaluate/pass_at_1', accuracy],
    ...passAt.map(({ k, estimate }): [string, Estimate] => [`evaluate/pass_at_${k}`, estimate]),
    ...majorityAt.map(({ k, estimate }): [string, Estimate] => [`evaluate/majority_at_${k}`, estimate]),
  ];
  const intervals = (which: 'problemsLikeThese' | 'thisTestSet') =>
    Object.fromEntries(estimated.map(([key, { [which]: interval }]) => [key, [interval.low, interval.high] as const]));
  return {
    metrics: {
      ...Object.fromEntries(estimated.map(([key, { value }]) => [key, value])),
      'evaluate/reward/mean': meanReward,
      'evaluate/unknown_frac': unknown / samples,
      'evaluate/truncated_frac': truncated / samples,
      'evaluate/completion_tokens/mean': evaluation.meanCompletionTokens,
      ...(meanEntropy !== undefined && { 'evaluate/entropy_nats': meanEntropy }),
    },
    intervals: intervals('problemsLikeThese'),
    testSetIntervals: intervals('thisTestSet'),
  };
}
