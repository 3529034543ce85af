/** Charts of one run or of several: panels that share their cursor, their zoom and how they are drawn. The choices stand in the address. */
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { useColors } from './appearance.ts';
import { armName, armsOf, shortNames } from './arms.ts';
import type { Split } from './curves.ts';
import { type KeyBinding, useKeys } from './keys.ts';
import { type RunMetrics, useMetrics } from './metrics.ts';
import { PanelFigure, Swatch } from './panel.tsx';
import { allPanels, firstPanels, foundPanels, type Panel } from './panels.ts';
import type { CursorAt, Range, Shared } from './plot.ts';
import { changeQuery, type Query } from './router.ts';
import { Broken, Empty, Loading } from './states.tsx';
import { Store, useStore } from './store.ts';

const SPLITS: readonly (readonly [Split, string])[] = [
  ['every', 'every'],
  ['all', 'all'],
  ['positive', '+ positive'],
  ['negative', '− negative'],
];

/** More are drawn on demand: each asks the server for its columns. */
const MOST_PANELS = 60;

export function Charts({
  runs,
  query,
  children,
}: {
  readonly runs: readonly string[];
  readonly query: Query;
  /** Further controls. */
  readonly children?: ComponentChildren;
}) {
  const shared = useMemo<Shared>(
    () => ({ range: new Store<Range>(undefined), cursor: new Store<CursorAt | undefined>(undefined) }),
    [],
  );
  const known = useMetrics(runs, []);
  const keys = useMemo(() => keysOf(known), [[...known.values()].map(({ keys }) => keys?.length ?? -1).join()]);
  const search = query['find'] ?? '';
  const panels = useMemo(() => panelsFor(keys, search), [keys, search]);
  const shown = panels.slice(0, MOST_PANELS);
  const wanted = shown.flatMap(({ curves }) => curves.map(({ key }) => key));
  const metrics = useMetrics(runs, wanted);
  const isJoined = query['seeds'] !== 'apart';
  const [runList, version] = [runs.join(','), [...metrics.values()]];
  const stable = useStable(metrics, version);
  const arms = useMemo(() => armsOf(runs, isJoined), [runList, isJoined]);
  const names = useMemo(() => shortNames(arms.map(({ name }) => name)), [arms]);
  const extent = useMemo(() => extentOf(stable), [stable]);
  const split = SPLITS.find(([name]) => name === query['split'])?.[0] ?? (arms.length === 1 ? 'every' : 'all');
  const smoothing = Math.min(0.99, Math.max(0, Number(query['smooth'] ?? 0) || 0));

  useKeys('Charts', chartKeys(shared, extent));

  const failures = [...metrics].flatMap(([run, { failure }]) => (failure ? [`${run}: ${failure.message}`] : []));
  const isLoading = [...known.values()].some(({ keys, failure }) => keys === undefined && failure === undefined);
  if (isLoading) return <Loading what="metrics" />;
  if (failures.length === metrics.size) return <Broken title="No metrics" message={failures.join(' ')} />;
  if (keys.length === 0)
    return (
      <Empty title="No step has been taken yet">
        <p>Curves appear here with the first line of metrics.jsonl.</p>
      </Empty>
    );

  return (
    <section class="charts" aria-label="Charts">
      <Toolbar
        query={query}
        split={split}
        smoothing={smoothing}
        hasSeeds={hasSeeds(runs)}
        isJoined={isJoined}
        shared={shared}
      >
        {children}
      </Toolbar>
      {arms.length > 1 && <ArmLegend names={names} counts={arms.map((arm) => arm.runs.length)} />}
      {failures.map((failure) => (
        <p class="stale" key={failure}>
          {failure}
        </p>
      ))}
      {panels.length === 0 && (
        <Empty title={`No metric is called “${search}”`}>
          <p>Every word is looked for in titles and keys, e.g. “entropy positive” or “time/”.</p>
        </Empty>
      )}
      {sectionsOf(shown).map(([section, members]) => (
        <section key={section} class="panel-section">
          <h2>{section}</h2>
          <div class="panels">
            {members.map((panel) => (
              <PanelFigure
                key={`${panel.title} ${panel.curves.length}`}
                {...{ panel, arms, names, metrics: stable, split, smoothing, extent, shared }}
              />
            ))}
          </div>
        </section>
      ))}
      {panels.length > shown.length && (
        <p class="more">
          {panels.length - shown.length} more panels: search for them with <kbd>/</kbd>.
        </p>
      )}
      {search === '' && (
        <p class="more">
          {keys.length} metrics in all.{' '}
          <button type="button" class="link" onClick={() => changeQuery({ find: '/' })}>
            Show every one
          </button>
        </p>
      )}
    </section>
  );
}

function Toolbar({
  query,
  split,
  smoothing,
  hasSeeds,
  isJoined,
  shared,
  children,
}: {
  readonly query: Query;
  readonly split: Split;
  readonly smoothing: number;
  readonly hasSeeds: boolean;
  readonly isJoined: boolean;
  readonly shared: Shared;
  readonly children: ComponentChildren;
}) {
  const range = useStore(shared.range);
  return (
    <div class="toolbar">
      <input
        type="search"
        data-search
        placeholder="Find a metric"
        aria-label="Find a metric"
        value={query['find'] ?? ''}
        onInput={(event) => changeQuery({ find: event.currentTarget.value })}
      />
      <fieldset class="segments" aria-label="Curves of which completions">
        {SPLITS.map(([name, label]) => (
          <button type="button" key={name} aria-pressed={split === name} onClick={() => changeQuery({ split: name })}>
            {label}
          </button>
        ))}
      </fieldset>
      <label class="slider">
        Smoothing
        <input
          type="range"
          min="0"
          max="0.98"
          step="0.02"
          value={smoothing}
          onInput={(event) => changeQuery({ smooth: Number(event.currentTarget.value) || undefined })}
        />
        <output>{smoothing.toFixed(2)}</output>
      </label>
      {hasSeeds && (
        <label class="check">
          <input
            type="checkbox"
            checked={isJoined}
            onChange={(event) => changeQuery({ seeds: event.currentTarget.checked ? undefined : 'apart' })}
          />
          Seeds as mean and band
        </label>
      )}
      {children}
      <span class="toolbar-rest">
        {range ? (
          <button type="button" onClick={() => shared.range.set(undefined)}>
            Steps {range[0]} to {range[1]} <span aria-hidden="true">×</span>
            <span class="only-read">: show all steps</span>
          </button>
        ) : (
          <span class="quiet">Drag to zoom, double click for all steps</span>
        )}
      </span>
    </div>
  );
}

function ArmLegend({ names, counts }: { readonly names: readonly string[]; readonly counts: readonly number[] }) {
  const { lines } = useColors();
  return (
    <ul class="arm-legend" aria-label="Runs shown">
      {names.map((name, i) => (
        <li key={name}>
          <Swatch color={lines[i % lines.length] ?? ''} dash={[]} />
          {name}
          {(counts[i] ?? 1) > 1 && <span class="quiet"> mean of {counts[i]} seeds, band from lowest to highest</span>}
        </li>
      ))}
    </ul>
  );
}

/** The same map as long as no run's metrics changed: panels are worked out again only when they did. */
function useStable(
  metrics: ReadonlyMap<string, RunMetrics>,
  parts: readonly RunMetrics[],
): ReadonlyMap<string, RunMetrics> {
  const held = useRef({ metrics, parts });
  const isSame = held.current.parts.length === parts.length && parts.every((part, i) => part === held.current.parts[i]);
  if (!isSame) held.current = { metrics, parts };
  return held.current.metrics;
}

const keysOf = (metrics: ReadonlyMap<string, RunMetrics>): string[] =>
  [...new Set([...metrics.values()].flatMap(({ keys }) => keys ?? []))].sort();

const panelsFor = (keys: readonly string[], search: string): Panel[] =>
  search.trim() === '' ? firstPanels(keys) : foundPanels(allPanels(keys), search);

const hasSeeds = (runs: readonly string[]): boolean => new Set(runs.map(armName)).size < runs.length;

function sectionsOf(panels: readonly Panel[]): [string, Panel[]][] {
  const sections = new Map<string, Panel[]>();
  for (const panel of panels) sections.set(panel.section, [...(sections.get(panel.section) ?? []), panel]);
  return [...sections];
}

function extentOf(metrics: ReadonlyMap<string, RunMetrics>): readonly [number, number] {
  let [from, to] = [Infinity, -Infinity];
  for (const { columns } of metrics.values())
    for (const { steps } of columns.values()) {
      from = Math.min(from, steps[0] ?? Infinity);
      to = Math.max(to, steps.at(-1) ?? -Infinity);
    }
  return from <= to ? [from, to] : [0, 1];
}

function chartKeys({ range, cursor }: Shared, [first, last]: readonly [number, number]): KeyBinding[] {
  const move = (by: number) => () => {
    const [from, to] = range.value ?? [first, last];
    const step = (cursor.value?.step ?? (by > 0 ? from - 1 : to + 1)) + by;
    cursor.set({ step: Math.min(to, Math.max(from, step)) });
  };
  return [
    { keys: ['ArrowLeft'], about: 'cursor one step back', act: move(-1) },
    { keys: ['ArrowRight'], about: 'cursor one step on', act: move(1) },
    { keys: ['0'], about: 'show all steps', act: () => range.set(undefined) },
  ];
}
