/** The run's invariants as chips: state, since when, what it means and what to do. Checks that were not measured say so. */
import { useContext } from 'preact/hooks';
import type { HealthCheck, HealthReply } from '../api.ts';
import { api } from './client.ts';
import { GlossaryContext, useMeaning } from './glossary.ts';
import { Popover } from './popover.tsx';
import { useReply } from './resource.ts';
import { type CheckState, HEALTH_SIGNS } from './status.tsx';

export function HealthStrip({ run, version }: { readonly run: string; readonly version: string }) {
  const health = useReply(api.health(run), version);
  const glossary = useContext(GlossaryContext);
  if (health.state === 'loading') return <div class="health-strip" aria-busy="true" />;
  if (health.value === undefined) return <p class="stale">No health checks: {health.failure.message}</p>;
  const measured = health.value.checks;
  const known = Object.keys(glossary).filter((key) => key.startsWith('health/') && !key.includes('*'));
  const missing = known.filter((key) => !measured.some((check) => check.key === key));
  return (
    <section class="health-strip" aria-label="Health">
      <h2>Health</h2>
      {measured.map((check) => (
        <Chip key={check.key} metric={check.key} name={check.check} state={check.state} check={check} />
      ))}
      {missing.map((key) => (
        <Chip key={key} metric={key} name={key.slice('health/'.length)} state="not measured" />
      ))}
      {measured.length === 0 && <span class="quiet">{explanation(health.value)}</span>}
    </section>
  );
}

const explanation = ({ measuredSteps }: HealthReply): string =>
  measuredSteps === 0 ? 'No step of this run measured its health.' : '';

function Chip({
  metric,
  name,
  state,
  check,
}: {
  readonly metric: string;
  readonly name: string;
  readonly state: CheckState;
  readonly check?: HealthCheck;
}) {
  const meaning = useMeaning(metric);
  const words = name.replaceAll('_', ' ');
  // what was written when it changed says with numbers what the glossary says without
  const told = state === 'green' ? undefined : check?.event?.message;
  return (
    <Popover
      className={`health-chip health-${state.replace(' ', '-')}`}
      label={`${words}: ${state}`}
      button={
        <>
          <span class="sign" aria-hidden="true">
            {HEALTH_SIGNS[state]}
          </span>
          {words}
        </>
      }
    >
      <p class="chip-state">
        <strong>{state}</strong> {check && sinceWhen(check)}
      </p>
      {told ? <p>{told}</p> : meaning && <p class="meaning">{meaning.meaning}</p>}
      {meaning && (
        <dl>
          <dt>Healthy</dt>
          <dd>{meaning.healthy}</dd>
          {told === undefined && (
            <>
              <dt>Otherwise</dt>
              <dd>{meaning.remedy}</dd>
            </>
          )}
        </dl>
      )}
      {check && check.changes.length > 1 && <p class="quiet">{history(check)}</p>}
      <p class="metric-keys">
        <code>{metric}</code>
      </p>
    </Popover>
  );
}

/** `since step 12`, or all along; of the last step that measured it. */
function sinceWhen({ changes, step }: HealthCheck): string {
  const last = changes.at(-1);
  if (!last) return '';
  return changes.length === 1
    ? `since it was first measured, at step ${last.step}`
    : `since step ${last.step}, last measured at step ${step}`;
}

/** The last few changes: `green from 1, amber from 12, green from 14`. */
function history({ changes }: HealthCheck): string {
  const shown = changes.slice(-6).map(({ state, step }) => `${state} from ${step}`);
  return `${changes.length > 6 ? 'Earlier: … ' : ''}${shown.join(', ')}`;
}
