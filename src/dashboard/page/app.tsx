/** The frame around every view: where one is, whether the page is live, light or dark, help. */
import { useEffect, useState } from 'preact/hooks';
import type { RunSummary } from '../api.ts';
import { toggleTheme, useTheme } from './appearance.ts';
import { api } from './client.ts';
import { CompareView } from './compare.tsx';
import { GlossaryContext, useGlossary } from './glossary.ts';
import { Help } from './help.tsx';
import { useKeys } from './keys.ts';
import { type Live, LiveContext, useLive, useStream, versionOf } from './live.ts';
import { useReply } from './resource.ts';
import { listOf, navigate, type Route, runsHref, useRoute } from './router.ts';
import { RunList } from './run-list.tsx';
import { RunPage } from './run-page.tsx';
import { RunsContext, useRuns } from './runs.ts';
import { Empty } from './states.tsx';
import { StudyView } from './study.tsx';

export function App() {
  const route = useRoute();
  // what the list said last: the stream is opened before it is asked for
  const [known, setKnown] = useState<KnownRuns>({ all: undefined, running: '' });
  const live = useStream(followed(route, known));
  const runs = useReply(api.runs(), listVersion(route, live));
  const glossary = useGlossary();
  const [isHelpOpen, setHelpOpen] = useState(false);

  const namesOf = (list: readonly RunSummary[] | undefined): string | undefined =>
    list?.map(({ run }) => run).join(',');
  const all = namesOf(runs.value?.runs);
  const running = namesOf(runs.value?.runs.filter(({ status }) => status === 'running')) ?? '';
  useEffect(() => setKnown({ all, running }), [all, running]);
  useEffect(() => {
    document.title = titleOf(route);
    scrollTo(0, 0);
  }, [titleOf(route)]);
  useEffect(() => setHelpOpen(false), [location.hash]);

  useKeys('Everywhere', [
    { keys: ['?'], about: 'this help', act: () => setHelpOpen((isOpen) => !isOpen), isForDialogs: true },
    { keys: ['/'], about: 'search', act: focusSearch },
    { keys: ['r'], about: 'all runs', act: () => navigate(runsHref()) },
    { keys: ['t'], about: 'light or dark', act: toggleTheme },
    { keys: ['Escape'], about: 'leave a field, close what is open', act: leaveField, isForFields: true },
  ]);

  return (
    <GlossaryContext.Provider value={glossary}>
      <LiveContext.Provider value={live}>
        <RunsContext.Provider value={runs}>
          <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
            To the content
          </button>
          <TopBar route={route} openHelp={() => setHelpOpen(true)} />
          <main id="main" tabIndex={-1}>
            <View route={route} />
          </main>
          {isHelpOpen && <Help close={() => setHelpOpen(false)} />}
        </RunsContext.Provider>
      </LiveContext.Provider>
    </GlossaryContext.Provider>
  );
}

function View({ route }: { readonly route: Route }) {
  if (route.view === 'runs') return <RunList query={route.query} />;
  // a view of another run or study begins anew
  if (route.view === 'run') return <RunPage key={route.run} name={route.run} tab={route.tab} query={route.query} />;
  if (route.view === 'compare') return <CompareView key={route.runs.join()} runs={route.runs} query={route.query} />;
  if (route.view === 'study') return <StudyView key={route.study} study={route.study} query={route.query} />;
  return (
    <Empty title="There is no such view">
      <p>
        <code>#{route.path}</code> leads nowhere. <a href={runsHref()}>All runs</a>
      </p>
    </Empty>
  );
}

function TopBar({ route, openHelp }: { readonly route: Route; readonly openHelp: () => void }) {
  const theme = useTheme();
  return (
    <header class="top">
      <a class="brand" href={runsHref()}>
        <Logo />
        Polarity
      </a>
      <nav aria-label="Where you are">
        <Crumbs route={route} />
      </nav>
      <span class="top-rest">
        <ConnectionMark />
        <button
          type="button"
          class="bare"
          onClick={toggleTheme}
          aria-label={theme === 'dark' ? 'Light' : 'Dark'}
          title="Light or dark (t)"
        >
          {theme === 'dark' ? '☀' : '☾'}
        </button>
        <button type="button" class="bare" onClick={openHelp} aria-label="Keyboard help" title="Keyboard help (?)">
          ?
        </button>
      </span>
    </header>
  );
}

const Logo = () => (
  <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
    <path class="logo-positive" d="M10 1a9 9 0 0 0 0 18z" />
    <path class="logo-negative" d="M10 1a9 9 0 0 1 0 18z" />
    <path class="logo-sign" d="M3.6 10h4M5.6 8v4M12.4 10h4" />
  </svg>
);

function Crumbs({ route }: { readonly route: Route }) {
  const { value } = useRuns();
  if (route.view === 'runs') return <span class="crumb">{value?.root ?? ''}</span>;
  const here =
    route.view === 'run' ? route.run : route.view === 'study' ? route.study : route.view === 'compare' ? 'compare' : '';
  return (
    <>
      <a href={runsHref()}>Runs</a>
      <span class="crumb-line" aria-hidden="true">
        /
      </span>
      <span class="crumb">{here}</span>
    </>
  );
}

const CONNECTIONS = {
  connecting: ['connecting', 'The stream of changes is not open yet.'],
  live: ['live', 'What is written shows at once.'],
  reconnecting: ['reconnecting', 'The server does not answer; shown is what was last read.'],
} as const;

function ConnectionMark() {
  const { connection } = useLive();
  const [word, about] = CONNECTIONS[connection];
  return (
    <span class={`connection connection-${connection}`} role="status" title={about}>
      <span class="connection-dot" aria-hidden="true" />
      {word}
    </span>
  );
}

interface KnownRuns {
  /** With commas; undefined before the first list. */
  readonly all: string | undefined;
  readonly running: string;
}

/** As many as one address holds. */
const MOST_FOLLOWED = 40;

/** The server streams no run that is not there. */
function followed(route: Route, { all, running }: KnownRuns): readonly string[] {
  const there = all === undefined ? undefined : new Set(listOf(all));
  return wantedRuns(route, listOf(running))
    .filter((run) => there?.has(run) ?? true)
    .slice(0, MOST_FOLLOWED);
}

function wantedRuns(route: Route, running: readonly string[]): readonly string[] {
  if (route.view === 'run') return [...new Set([route.run, ...listOf(route.query['with'])])];
  if (route.view === 'compare') return route.runs.map((run) => run.replace(/@\d+$/, ''));
  return running;
}

/** The list is asked again when runs come and go; where it is looked at, also when one of them moves. */
function listVersion(route: Route, { listVersion, changes }: Live): string {
  const isLookedAt = route.view === 'runs' || route.view === 'study';
  return `${listVersion} ${isLookedAt ? [...changes.values()].map(versionOf).join(' ') : ''}`;
}

function titleOf(route: Route): string {
  if (route.view === 'run') return `${route.run} · ${route.tab} · Polarity`;
  if (route.view === 'study') return `${route.study} · Polarity`;
  return route.view === 'compare' ? `Compare ${route.runs.join(', ')} · Polarity` : 'Polarity';
}

function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  field?.focus();
  field?.select();
}

function leaveField(): void {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}
