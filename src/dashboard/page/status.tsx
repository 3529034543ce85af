/** States of runs and of health checks: each has a shape and a word, colour only repeats them. */
import type { HealthState, RunStatus } from '../api.ts';

const STATUSES: Readonly<Record<RunStatus, readonly [sign: string, about: string]>> = {
  running: ['●', 'A live process writes it.'],
  finished: ['✓', 'It took all the steps its run.yaml asks for.'],
  stopped: ['■', 'Nobody writes it and steps are left. It can be resumed.'],
  broken: ['▲', 'Its files cannot all be read.'],
};

export function StatusMark({ status }: { readonly status: RunStatus }) {
  const [sign, about] = STATUSES[status];
  return (
    <span class={`status status-${status}`} title={about}>
      <span class="sign" aria-hidden="true">
        {sign}
      </span>
      {status}
    </span>
  );
}

export type CheckState = HealthState | 'not measured';

export const HEALTH_SIGNS: Readonly<Record<CheckState, string>> = {
  green: '✓',
  amber: '!',
  red: '✕',
  'not measured': '–',
};

export function HealthMark({ state }: { readonly state: CheckState }) {
  return (
    <span class={`health health-${state.replace(' ', '-')}`} title={`Health: ${state}`}>
      <span class="sign" aria-hidden="true">
        {HEALTH_SIGNS[state]}
      </span>
      <span class="only-read">{state}</span>
    </span>
  );
}

/** Steps taken of those there will be. */
export function Progress({ step, totalSteps }: { readonly step: number; readonly totalSteps: number | null }) {
  const share = totalSteps ? Math.min(1, step / totalSteps) : 0;
  return (
    <span class="progress">
      <span class="progress-track" aria-hidden="true">
        <span class="progress-done" style={{ width: `${share * 100}%` }} />
      </span>
      <span class="progress-count">
        {step.toLocaleString('en-US')}
        {totalSteps !== null && <span class="quiet"> / {totalSteps.toLocaleString('en-US')}</span>}
      </span>
    </span>
  );
}
