/** One problem over the run: each of its rollouts as a mark above its step. */
import type { RolloutSummary } from '../../api.ts';
import { api } from '../client.ts';
import { counted } from '../format.ts';
import { visible } from '../lens/visible.ts';
import { useReply } from '../resource.ts';
import { isSamePlace, type Place } from './place.ts';

/** The most that the server gives at once. */
const MOST = 500;

interface ProblemStripProps {
  readonly run: string;
  readonly problem: string;
  readonly version: unknown;
  readonly place: Place | undefined;
  readonly hrefOf: (row: RolloutSummary) => string;
}

export function ProblemStrip({ run, problem, version, place, hrefOf }: ProblemStripProps) {
  const { value } = useReply(api.rollouts(run, { problem, sort: 'step', limit: MOST }), version);
  if (value === undefined || value.rows.length === 0) return null;
  const steps = byStep(value.rows);
  const correct = value.rows.filter(({ outcome }) => outcome === 'correct').length;
  return (
    <section class="problem-strip" aria-label="This problem over the steps">
      <h3>
        Problem {visible(problem)}: posed in {counted(steps.size, 'step')}, {correct} of {value.rows.length} correct
        {value.total > value.rows.length && (
          <span class="quiet">
            {' '}
            (the first {MOST} of {value.total})
          </span>
        )}
      </h3>
      <div class="problem-steps">
        {[...steps].map(([step, rows]) => (
          <div key={step} class="problem-step">
            <span class="problem-marks">
              {rows.map((row) => (
                <a
                  key={row.row}
                  href={hrefOf(row)}
                  class={`square outcome-${row.outcome}`}
                  aria-current={isSamePlace(row, place) ? 'true' : undefined}
                  aria-label={`step ${step}, rollout ${row.index}, ${row.outcome}`}
                  title={`step ${step}, rollout ${row.index}: ${row.outcome}`}
                >
                  {row.outcome === 'correct' ? '✓' : row.outcome === 'incorrect' ? '✕' : '?'}
                </a>
              ))}
            </span>
            <span class="quiet">{step}</span>
          </div>
        ))}
      </div>
    </section>
  );
}

function byStep(rows: readonly RolloutSummary[]): Map<number, RolloutSummary[]> {
  const steps = new Map<number, RolloutSummary[]>();
  for (const row of rows) steps.set(row.step, [...(steps.get(row.step) ?? []), row]);
  return steps;
}
