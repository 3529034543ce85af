/**
 * An evaluation as flat metrics, the form in which a journal keeps it.
 */
import type { Evaluation } from './evaluation.ts';
import type { Estimate } from './intervals.ts';

export interface EvaluationMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  /** Metric key -> [low, high] at 95 %. */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
}

/** Keys: `evaluate/pass_at_1`, `evaluate/pass_at_<k>`, `evaluate/majority_at_<n>`, `evaluate/truncated_frac` and so on. */
export function evaluationMetrics(evaluation: Evaluation): EvaluationMetrics {
  const { accuracy, passAt, majority, protocol, samples, unknown, truncated, meanReward, meanEntropy } = evaluation;
  const estimated: [string, Estimate][] = [
    ['evaluate/pass_at_1', accuracy],
    ...passAt.map(({ k, estimate }): [string, Estimate] => [`evaluate/pass_at_${k}`, estimate]),
  ];
  if (majority !== undefined) estimated.push([`evaluate/majority_at_${protocol.samples}`, majority]);
  return {
    metrics: {
      ...Object.fromEntries(estimated.map(([key, { value }]) => [key, value])),
      'evaluate/reward/mean': meanReward,
      'evaluate/unknown_frac': unknown / samples,
      'evaluate/truncated_frac': truncated / samples,
      'evaluate/completion_tokens/mean': evaluation.meanCompletionTokens,
      ...(meanEntropy !== undefined && { 'evaluate/entropy_nats': meanEntropy }),
    },
    intervals: Object.fromEntries(estimated.map(([key, { low, high }]) => [key, [low, high] as const])),
  };
}
