/**
 * Lines of evaluations.jsonl as evaluations that can be compared.
 */
import { UserError } from '../core/errors.ts';
import type { EvaluationLine } from '../journal/schema.ts';
import type { MeasuredBenchmark } from './comparison.ts';
import type { Protocol } from './protocol.ts';
import type { Score } from './score.ts';

const METRIC = /^evaluate\/(pass|majority)_at_([0-9]+)$/;

/** @param where names the line's place in messages @throws UserError when it lacks what a comparison needs. */
export function measuredBenchmark(line: EvaluationLine, where: string): MeasuredBenchmark {
  const { name, protocol, problems } = line;
  if (problems === undefined || problems.length === 0)
    throw new UserError(
      `${where}: ${name} was recorded without its problems' counts, which comparisons need; measure it again with \`polarity evaluate\``,
    );
  if (typeof protocol['samples'] !== 'number' || typeof protocol['task'] !== 'string')
    throw new UserError(`${where}: the protocol of ${name} has no task or samples: it is no evaluation's`);
  return { name, protocol: protocol as unknown as Protocol, problems, scores: scoresOf(line) };
}

/** The evaluations after one step: those of the last when none is named. Undefined when there are none. */
export function evaluationsAt<Line extends EvaluationLine>(
  lines: readonly Line[],
  step = lines.at(-1)?.step,
): { readonly step: number; readonly lines: readonly Line[] } | undefined {
  const found = lines.filter((line) => line.step === step);
  return step === undefined || found.length === 0 ? undefined : { step, lines: found };
}

/** pass@k and maj@k for k above 1, in the line's order. */
function scoresOf({ metrics }: EvaluationLine): Score[] {
  return Object.keys(metrics).flatMap((key) => {
    const [, kind, k] = METRIC.exec(key) ?? [];
    return kind === undefined || k === '1' ? [] : [{ kind: kind as 'pass' | 'majority', k: Number(k) }];
  });
}
