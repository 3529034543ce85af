/** Lines of events.jsonl and evaluations.jsonl as the page has them. */
import type { EvaluationLine, EventLine, Written } from '../journal/schema.ts';
import type { EvaluationReply, EventReply, Value } from './api.ts';
import { writable, writableAll } from './metric-columns.ts';

export const eventReply = ({ step, level, kind, message, details, unixSeconds }: EventLine & Written): EventReply => ({
  step,
  level,
  kind,
  message,
  details,
  unixSeconds,
});

export function evaluationReply(line: EvaluationLine & Written): EvaluationReply {
  const { step, policyVersion, name, protocol, metrics, unixSeconds, problems, intervals, testSetIntervals } = line;
  return {
    step,
    policyVersion,
    name,
    problems: problems?.length ?? countOf(protocol['problems']),
    samples: countOf(protocol['samples']),
    metrics: writableAll(metrics),
    intervals: intervalsOf(intervals),
    testSetIntervals: intervalsOf(testSetIntervals ?? {}),
    unixSeconds,
  };
}

const countOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

const intervalsOf = (of: EvaluationLine['intervals']): Record<string, readonly [Value, Value]> =>
  Object.fromEntries(
    Object.entries(of).map(([key, [low, high]]) => [key, [writable(low) as Value, writable(high) as Value]]),
  );
