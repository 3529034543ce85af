/** A run: what it is, its health, and one of its views. */
import type { ComponentChildren } from 'preact';
import type { RunDetail } from '../api.ts';
import { Charts } from './charts.tsx';
import { api } from './client.ts';
import { EvaluationsView } from './evaluations.tsx';
import { EventsView } from './events.tsx';
import { FilesView } from './files.tsx';
import { formatNumber, formatSeconds, formatShare } from './format.ts';
import { HealthStrip } from './health-strip.tsx';
import { useKeys } from './keys.ts';
import { TokensView } from './lens.tsx';
import { useChange, useLive, versionOf } from './live.ts';
import { OverlayPicker } from './overlay-picker.tsx';
import { useReply } from './resource.ts';
import { RolloutsView } from './rollouts.tsx';
import { listOf, navigate, type Query, RUN_TABS, type RunTab, runHref } from './router.ts';
import { Damage, Shown } from './states.tsx';
import { HealthMark, Progress, StatusMark } from './status.tsx';
import type { RunViewProps } from './view.ts';

const TAB_NAMES: Readonly<Record<RunTab, string>> = {
  charts: 'Charts',
  rollouts: 'Rollouts',
  tokens: 'Tokens',
  evaluations: 'Evaluations',
  events: 'Events',
  files: 'Files',
};

export function RunPage({ name, tab, query }: { readonly name: string; readonly tab: RunTab; readonly query: Query }) {
  const change = useChange(name);
  const detail = useReply(api.run(name), versionOf(change));
  useKeys(
    'Run',
    RUN_TABS.map((each, i) => ({
      keys: [String(i + 1)],
      about: TAB_NAMES[each].toLowerCase(),
      act: () => navigate(runHref(name, each)),
    })),
  );
  return (
    <Shown resource={detail} what="run">
      {(run) => (
        <article class={`run-page tab-${tab}`}>
          <RunHead run={run} />
          <Tabs run={name} current={tab} />
          <Damage sentences={run.summary.damage} />
          {(tab === 'charts' || tab === 'events') && <HealthStrip run={name} version={versionOf(change)} />}
          <TabView tab={tab} run={run} query={query} change={change} />
        </article>
      )}
    </Shown>
  );
}

function TabView({ tab, ...props }: RunViewProps & { readonly tab: RunTab }) {
  const { run, query } = props;
  if (tab === 'rollouts') return <RolloutsView {...props} />;
  if (tab === 'tokens') return <TokensView {...props} />;
  if (tab === 'evaluations') return <EvaluationsView {...props} />;
  if (tab === 'events') return <EventsView {...props} />;
  if (tab === 'files') return <FilesView {...props} />;
  const { run: name } = run.summary;
  return (
    <Charts runs={[...new Set([name, ...listOf(query['with'])])]} query={query}>
      <OverlayPicker run={name} query={query} />
    </Charts>
  );
}

function RunHead({ run: { summary, manifest } }: { readonly run: RunDetail }) {
  const { run, task, recipe, policy, engine, seed, passRate, reward, health, stepSeconds, step, totalSteps } = summary;
  const facts = [task, recipe, policy ?? engine, seed === null ? null : `seed ${seed}`].filter((fact) => fact !== null);
  const parent = manifest?.parent;
  return (
    <header class="run-head">
      <div class="run-title">
        <h1>{run}</h1>
        <p class="facts">
          {facts.join(' · ')}
          {parent && (
            <>
              {' · forked from '}
              <a href={runHref(parent.run)}>
                {parent.run}@{parent.step}
              </a>
            </>
          )}
        </p>
      </div>
      <dl class="gauges">
        <Gauge label="Status">
          <LiveStatus run={summary} />
        </Gauge>
        <Gauge label="Steps">
          <Progress step={step} totalSteps={totalSteps} />
        </Gauge>
        {summary.status === 'running' && stepSeconds !== null && totalSteps !== null && (
          <Gauge label="Left">{formatSeconds(Math.max(0, totalSteps - step) * stepSeconds)}</Gauge>
        )}
        <Gauge label="Pass rate">{passRate === null ? '–' : formatShare(passRate)}</Gauge>
        <Gauge label="Reward">{reward === null ? '–' : formatNumber(reward)}</Gauge>
        <Gauge label="Health">
          <HealthMark state={health ?? 'not measured'} />
        </Gauge>
      </dl>
    </header>
  );
}

function Gauge({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A run that lives, seen over a stream that does not, is neither. */
function LiveStatus({ run }: { readonly run: RunDetail['summary'] }) {
  const { connection } = useLive();
  if (run.status !== 'running') return <StatusMark status={run.status} />;
  if (connection === 'live') return <StatusMark status="running" />;
  return (
    <span class="status status-reconnecting" title="The server does not answer; shown is what was last read.">
      <span class="sign" aria-hidden="true">
        ◌
      </span>
      {connection}
    </span>
  );
}

function Tabs({ run, current }: { readonly run: string; readonly current: RunTab }) {
  return (
    <nav class="tabs" aria-label="Views of the run">
      {RUN_TABS.map((tab) => (
        <a key={tab} href={runHref(run, tab)} aria-current={tab === current ? 'page' : undefined}>
          {TAB_NAMES[tab]}
        </a>
      ))}
    </nav>
  );
}
