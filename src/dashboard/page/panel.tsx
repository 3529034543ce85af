/** One panel of the charts: title, what it means, legend with the values at the cursor, the drawing. */
import type { RefObject } from 'preact';
import { useContext, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useColors } from './appearance.ts';
import type { Arm } from './arms.ts';
import type { Colors } from './colors.ts';
import { type LegendEntry, type PanelView, panelView, type Split } from './curves.ts';
import { counted, formatMetric } from './format.ts';
import { entryOf, GlossaryContext } from './glossary.ts';
import type { RunMetrics } from './metrics.ts';
import type { Panel } from './panels.ts';
import { Plot, type Shared } from './plot.ts';
import { Popover } from './popover.tsx';
import { indexAt } from './series.ts';
import { useStore } from './store.ts';

export interface PanelProps {
  readonly panel: Panel;
  readonly arms: readonly Arm[];
  /** Of the arms, for the legend. */
  readonly names: readonly string[];
  readonly metrics: ReadonlyMap<string, RunMetrics>;
  readonly split: Split;
  readonly smoothing: number;
  /** First and last step of any run shown. */
  readonly extent: readonly [number, number];
  readonly shared: Shared;
}

export function PanelFigure(props: PanelProps) {
  const { panel } = props;
  const [isLog, setLog] = useState(false);
  const figure = useRef<HTMLElement>(null);
  const isNear = useNear(figure);
  return (
    <figure class="panel" aria-label={panel.title} ref={figure}>
      <figcaption>
        <PanelTitle panel={panel} />
        <button
          type="button"
          class="panel-log"
          aria-pressed={isLog}
          title="Logarithmic axis"
          onClick={() => setLog(!isLog)}
        >
          log
        </button>
      </figcaption>
      {isNear ? <Curves {...props} isLog={isLog} /> : <div class="canvas" />}
    </figure>
  );
}

/** Worked out and drawn near the window only: a view may have a hundred panels. */
function Curves({
  panel,
  arms,
  names,
  metrics,
  split,
  smoothing,
  extent,
  shared,
  isLog,
}: PanelProps & { readonly isLog: boolean }) {
  const colors = useColors();
  const view = useMemo(
    () => panelView(panel, arms, names, metrics, { split, smoothing, isLog }, colors),
    [panel, arms, names, metrics, split, smoothing, isLog, colors],
  );
  if (view.legend.length === 0)
    return <p class="panel-empty">{isAwaited(panel, arms, metrics) ? 'Reading…' : 'Not measured'}</p>;
  return (
    <>
      <Legend view={view} shared={shared} />
      <Canvas view={view} extent={extent} shared={shared} colors={colors} />
    </>
  );
}

/** Whether a run has not been heard of about one of the panel's keys. */
function isAwaited({ curves }: Panel, arms: readonly Arm[], metrics: ReadonlyMap<string, RunMetrics>): boolean {
  return arms.some(({ runs }) =>
    runs.some((run) => {
      const held = metrics.get(run);
      return held?.failure === undefined && curves.some(({ key }) => held?.columns.has(key) !== true);
    }),
  );
}

function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
      rootMargin: '150px',
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return isNear;
}

function PanelTitle({ panel }: { readonly panel: Panel }) {
  const keys = panel.curves.map(({ key }) => key);
  const glossary = useContext(GlossaryContext);
  const meanings = [...new Set(keys.map((key) => entryOf(glossary, key)))].filter((entry) => entry !== undefined);
  return (
    <Popover
      className="panel-title"
      label={`${panel.title}: what it means`}
      button={
        <>
          <span class="panel-name">{panel.title}</span>
          <span class="hint" aria-hidden="true">
            ?
          </span>
        </>
      }
    >
      {meanings.map((meaning) => (
        <section key={meaning.meaning}>
          <p class="meaning">{meaning.meaning}</p>
          <dl>
            <dt>Unit</dt>
            <dd>{meaning.unit}</dd>
            <dt>Healthy</dt>
            <dd>{meaning.healthy}</dd>
            <dt>Otherwise</dt>
            <dd>{meaning.remedy}</dd>
          </dl>
        </section>
      ))}
      {meanings.length === 0 && <p class="meaning">Nobody has written down what this metric means.</p>}
      <p class="metric-keys">
        {keys.map((key) => (
          <code key={key}>{key}</code>
        ))}
      </p>
    </Popover>
  );
}

/** Values at the cursor; without one the last of each curve. */
function Legend({ view, shared }: { readonly view: PanelView; readonly shared: Shared }) {
  const at = useStore(shared.cursor);
  const { steps } = view.drawing;
  const index = at ? indexAt(steps, at.step) : -1;
  const marked = view.drawing.marks.length;
  return (
    <ul class="curve-legend">
      {view.legend.map((entry) => (
        <li key={entry.id} title={`${entry.label}\n${entry.key}`}>
          <Swatch color={entry.color} dash={entry.dash} />
          <span class="curve-label">{entry.label}</span>
          <LegendValue entry={entry} index={index} />
        </li>
      ))}
      {marked > 0 && (
        <li class="panel-flag" title="× NaN, ▲ infinite, ▼ minus infinite">
          × {counted(marked, 'value')} not finite
        </li>
      )}
    </ul>
  );
}

function LegendValue({ entry, index }: { readonly entry: LegendEntry; readonly index: number }) {
  const { values, band, key } = entry;
  const at = index >= 0 ? index : values.findLastIndex((value) => value !== null);
  const value = values[at];
  if (value === null || value === undefined) return <span class="curve-value absent">–</span>;
  const [low, high] = [band?.low[at], band?.high[at]];
  const range =
    typeof low === 'number' && typeof high === 'number'
      ? `${formatMetric(key, low)} to ${formatMetric(key, high)}`
      : '';
  return (
    <span class={`curve-value ${Number.isFinite(value) ? '' : 'not-finite'}`} title={range}>
      {formatMetric(key, value)}
    </span>
  );
}

export function Swatch({ color, dash }: { readonly color: string; readonly dash: readonly number[] }) {
  return (
    <svg class="line-swatch" width="16" height="8" aria-hidden="true">
      <line x1="1" x2="15" y1="4" y2="4" stroke={color} stroke-width="2" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}

function Canvas({
  view,
  extent,
  shared,
  colors,
}: {
  readonly view: PanelView;
  readonly extent: readonly [number, number];
  readonly shared: Shared;
  readonly colors: Colors;
}) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);

  // colours cannot be changed in a chart that exists
  useEffect(() => {
    if (!element.current) return;
    const own = new Plot(element.current, view.drawing, extent, shared, colors);
    plot.current = own;
    const observer = new ResizeObserver(() => own.resize());
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      own.close();
      plot.current = undefined;
    };
  }, [shared, colors]);

  useEffect(() => plot.current?.show(view.drawing, extent), [view, extent[0], extent[1]]);

  return <div class="canvas" ref={element} />;
}
