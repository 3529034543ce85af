/** The first run with each other one: what was set differently, and whether what was measured on the same problems differs. */
import { UserError } from '../core/errors.ts';
import { type BenchmarkComparison, compare } from '../evaluate/comparison.ts';
import { evaluationsAt, measuredBenchmark } from '../evaluate/record.ts';
import { notShared, pairsOf, refusals, type Side } from '../evaluate/sides.ts';
import type { EvaluationLine } from '../journal/schema.ts';
import type { ComparedBenchmark, PairedEvaluations } from './api.ts';

/** A run as it takes part. */
export interface Contender {
  readonly run: string;
  readonly evaluations: readonly EvaluationLine[];
  /** Of the evaluations meant; absent: the last. */
  readonly step?: number;
}

/** The step whose evaluations are compared; null where there are none. */
export const comparedStep = ({ evaluations, step }: Contender): number | null =>
  evaluationsAt(evaluations, step)?.step ?? null;

export function pairedEvaluations(first: Contender, other: Contender): PairedEvaluations {
  try {
    const [a, b] = [sideOf(first), sideOf(other)];
    const pairs = pairsOf(a, b);
    const reasons = refusals(pairs);
    if (reasons.length > 0) return { kind: 'refused', a: first.run, b: other.run, reasons };
    const benchmarks = compare(pairs).benchmarks.map((benchmark) => benchmarkReply(benchmark, [first.run, other.run]));
    return { kind: 'compared', a: first.run, b: other.run, benchmarks, notCompared: notShared(a, b) };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused', a: first.run, b: other.run, reasons: [error.message] };
    throw error;
  }
}

function sideOf({ run, evaluations, step }: Contender): Side {
  const found = evaluationsAt(evaluations, step);
  const steps = [...new Set(evaluations.map((line) => line.step))];
  if (found === undefined)
    throw new UserError(
      steps.length === 0
        ? `${run} has no evaluation: \`polarity train\` makes one at the end (evaluation.atEnd)`
        : `${run} has no evaluation of step ${step}: it has those of steps ${steps.join(', ')}`,
    );
  const name = `${run}@${found.step}`;
  return { name, benchmarks: found.lines.map((line) => measuredBenchmark(line, name)) };
}

function benchmarkReply(
  { name, scores, adjustedPValue, verdict }: BenchmarkComparison,
  [a, b]: readonly [string, string],
): ComparedBenchmark {
  return {
    name,
    adjustedPValue,
    verdict: verdict.replace(/^[AB](?= is better)/, (side) => (side === 'A' ? a : b)),
    scores: scores.map(({ score, before, after, difference, thisTestSet, problemsLikeThese, pValue, problems }) => ({
      score,
      before,
      after,
      difference,
      thisTestSet: [thisTestSet.low, thisTestSet.high],
      problemsLikeThese: [problemsLikeThese.low, problemsLikeThese.high],
      pValue,
      problems,
    })),
  };
}
