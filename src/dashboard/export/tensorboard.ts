/** A run's metrics and evaluations as the events of TensorBoard. Reads the journal, writes nothing. */
import type { RunReader } from '../../journal/reader.ts';
import type { EvaluationLine, MetricsLine, Written } from '../../journal/schema.ts';
import { fileHeader, type ScalarEvent, scalarRecord } from './event-file.ts';

export interface EventFile {
  /** As TensorBoard looks for them; the same for the same run, so that a later export takes its place. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly events: number;
  /** Lines of the run that could not be read. */
  readonly damagedLines: number;
}

const WRITTEN = 'time/unix_s';

/** Metrics under their keys; evaluations under `key/name`, their intervals under `key/name/low` and `/high`. */
export async function tensorboardFile(run: RunReader): Promise<EventFile> {
  const [metrics, evaluations] = await Promise.all([run.metrics(), run.evaluations()]);
  const events = [...metrics.lines.map(metricsEvent), ...evaluations.lines.map(evaluationEvent)].sort(
    (a, b) => a.unixSeconds - b.unixSeconds || a.step - b.step,
  );
  const began = events[0]?.unixSeconds ?? 0;
  return {
    name: `events.out.tfevents.${String(Math.floor(began)).padStart(10, '0')}.polarity`,
    bytes: Buffer.concat([fileHeader(began), ...events.map(scalarRecord)]),
    events: events.length,
    damagedLines: metrics.damaged.length + evaluations.damaged.length,
  };
}

function metricsEvent({ step, metrics }: MetricsLine): ScalarEvent {
  const { [WRITTEN]: unixSeconds = 0, ...scalars } = metrics;
  return { unixSeconds, step, scalars };
}

function evaluationEvent({ step, name, metrics, intervals, unixSeconds }: EvaluationLine & Written): ScalarEvent {
  const scalars: Record<string, number> = {};
  for (const [key, value] of Object.entries(metrics)) scalars[`${key}/${name}`] = value;
  for (const [key, [low, high]] of Object.entries(intervals)) {
    scalars[`${key}/${name}/low`] = low;
    scalars[`${key}/${name}/high`] = high;
  }
  return { unixSeconds, step, scalars };
}
