/** The health checks of a run: computed in training, written as metrics `health/<check>` (0 green, 1 amber, 2 red), shown here. */
import type { EventLine, Metrics, Written } from '../journal/schema.ts';
import type { HealthCheck, HealthReply, HealthState } from './api.ts';
import { eventReply } from './events.ts';
import type { MetricColumns } from './metric-columns.ts';

const STATES: readonly HealthState[] = ['green', 'amber', 'red'];
const PREFIX = 'health/';

const stateOf = (value: number | null | undefined): HealthState | undefined => STATES[value ?? -1];

/** What one step measured. */
export function healthOf(metrics: Metrics): { readonly check: string; readonly state: HealthState }[] {
  return Object.entries(metrics).flatMap(([key, value]) => {
    const state = key.startsWith(PREFIX) ? stateOf(value) : undefined;
    return state === undefined ? [] : [{ check: key.slice(PREFIX.length), state }];
  });
}

/** Over all steps: the last state of each check, and where it changed. */
export function healthReply(metrics: MetricColumns, events: readonly (EventLine & Written)[]): HealthReply {
  const keys = metrics.keys.filter((key) => key.startsWith(PREFIX));
  const checks = keys.flatMap((key) => {
    const check = key.slice(PREFIX.length);
    const changes = changesOf(metrics.steps, metrics.column(key) ?? []);
    const last = lastMeasured(metrics.steps, metrics.column(key) ?? []);
    const event = events.findLast(({ kind, details }) => kind === 'health' && details['check'] === check);
    return last === undefined ? [] : [{ check, key, ...last, changes, event: event ? eventReply(event) : null }];
  });
  return { checks: checks.sort(worstFirst), measuredSteps: keys.length === 0 ? 0 : metrics.steps.length };
}

const worstFirst = (a: HealthCheck, b: HealthCheck): number =>
  STATES.indexOf(b.state) - STATES.indexOf(a.state) || (a.check < b.check ? -1 : 1);

interface At {
  readonly step: number;
  readonly state: HealthState;
}

function lastMeasured(steps: readonly number[], column: readonly (number | null)[]): At | undefined {
  const row = column.findLastIndex((value) => stateOf(value) !== undefined);
  const [step, state] = [steps[row], stateOf(column[row])];
  return step === undefined || state === undefined ? undefined : { step, state };
}

/** [green, green, red, -, red] -> green at the first step, red at the third. */
function changesOf(steps: readonly number[], column: readonly (number | null)[]): At[] {
  const changes: At[] = [];
  for (const [row, value] of column.entries()) {
    const [step, state] = [steps[row], stateOf(value)];
    if (step !== undefined && state !== undefined && changes.at(-1)?.state !== state) changes.push({ step, state });
  }
  return changes;
}
