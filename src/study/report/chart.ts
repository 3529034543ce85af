/**
 * Charts as Vega-Lite specifications and as SVG text. Knows points and styles, not studies.
 */
import type { TopLevelSpec } from 'vega-lite';
import type { Point } from './series.ts';
import type { ArmStyle } from './style.ts';

/** A specification before Vega-Lite checks it. */
export type Spec = Readonly<Record<string, unknown>>;

export interface Panel {
  readonly title: string;
  readonly points: readonly Point[];
  /** Of the values; absent: as far as they reach. */
  readonly domain?: readonly [number, number];
}

/** Least and greatest of means and bands, with room around a single value. */
export function reach(points: readonly Point[]): [number, number] {
  const all = points.flatMap(({ mean, low = mean, high = mean }) => [low, high]);
  const [least, greatest] = [Math.min(...all), Math.max(...all)];
  // the top tick's label stays below the panel's title
  if (greatest > least) return [least, greatest + (greatest - least) / 20];
  return least === 0 ? [0, 1] : [least - Math.abs(least) / 10, least + Math.abs(least) / 10];
}

/** Pixels across, and between panels. */
const PAGE = 780;
const GUTTER = 48;

const INK = '#222222';
const CONFIG = {
  background: 'white',
  font: 'Helvetica, Arial, "DejaVu Sans", sans-serif',
  view: { stroke: null },
  axis: {
    labelFontSize: 9.5,
    titleFontSize: 10.5,
    titleFontWeight: 'normal',
    labelColor: INK,
    titleColor: INK,
    domainColor: INK,
    tickColor: INK,
    tickSize: 4,
    gridColor: '#E6E6E6',
    gridWidth: 0.6,
    tickCount: 5,
  },
  axisX: { grid: false },
  title: { fontSize: 10.5, fontWeight: 'bold', color: INK, anchor: 'start', frame: 'group', offset: 7 },
  legend: {
    orient: 'bottom',
    direction: 'horizontal',
    title: null,
    labelFontSize: 10.5,
    labelColor: INK,
    labelLimit: 260,
    symbolSize: 60,
    symbolStrokeWidth: 1.6,
    columnPadding: 14,
    rowPadding: 3,
    columns: 5,
    offset: 12,
  },
  header: { labelFontSize: 10.5, labelFontWeight: 'bold', labelColor: INK, title: null },
} as const;

const scales = (styles: readonly ArmStyle[]) => {
  const domain = styles.map(({ arm }) => arm);
  return {
    color: { field: 'arm', type: 'nominal', scale: { domain, range: styles.map(({ color }) => color) } },
    // a field of its own: without a legend of its own it would take that of the colours along
    strokeDash: {
      field: 'line',
      type: 'nominal',
      scale: { domain, range: styles.map(({ dash }) => dash) },
      legend: null,
    },
    shape: { field: 'arm', type: 'nominal', scale: { domain, range: styles.map(({ shape }) => shape) } },
  };
};

export interface CurveOptions {
  readonly xTitle: string;
  readonly columns: number;
  /** Doubling k of pass@k takes equal room. */
  readonly isLogarithmic?: boolean;
}

/** Panels side by side, a line with a band for each arm, one legend. */
export function curves(panels: readonly Panel[], styles: readonly ArmStyle[], options: CurveOptions): Spec {
  return {
    config: CONFIG,
    columns: options.columns,
    bounds: 'flush',
    spacing: { row: 66, column: GUTTER },
    concat: panels.map((panel) => curvePanel(panel, styles, options)),
    resolve: { scale: { color: 'shared', strokeDash: 'shared', shape: 'shared' } },
  };
}

function curvePanel(
  { title, points, domain }: Panel,
  styles: readonly ArmStyle[],
  { xTitle, columns, isLogarithmic }: CurveOptions,
): Spec {
  const { color, strokeDash, shape } = scales(styles);
  const shown = points.filter(({ arm }) => styles.some((style) => style.arm === arm));
  const banded = styles.filter(({ hasBand }) => hasBand).map(({ arm }) => arm);
  const scale = { zero: false, nice: false, domain: domain ?? reach(shown) };
  const x = {
    field: 'x',
    type: 'quantitative',
    title: xTitle,
    scale: isLogarithmic === true ? { type: 'log', base: 2, nice: false } : { nice: false, zero: true },
    axis: isLogarithmic === true ? { values: [...new Set(shown.map(({ x }) => x))], format: 'd' } : { format: 'd' },
  };
  const y = (field: string) => ({ field, type: 'quantitative', title: null, scale, axis: Y_AXIS });
  return {
    title,
    width: PAGE / columns - GUTTER,
    height: 140,
    data: { values: shown },
    encoding: { x },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.low)' }, { filter: { field: 'arm', oneOf: banded } }],
        mark: { type: 'area', fillOpacity: 0.16, strokeWidth: 0 },
        encoding: { y: y('low'), y2: { field: 'high' }, color },
      },
      {
        transform: [{ calculate: 'datum.arm', as: 'line' }],
        mark: { type: 'line', strokeWidth: 1.5 },
        encoding: { y: y('mean'), color, strokeDash },
      },
      {
        transform: markedEvery(shown),
        mark: { type: 'point', filled: true, size: 26, opacity: 1 },
        encoding: { y: y('mean'), color, shape },
      },
    ],
  };
}

/** Small numbers keep their digits, large ones lose them. */
const Y_AXIS = { format: '.3~g' };

/** About seven markers a line: enough to tell it, too few to hide it. */
function markedEvery(points: readonly Point[]): Spec[] {
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const every = Math.ceil(xs.length / 7);
  const marked = xs.filter((_, i) => i % every === 0 || xs.length <= 8);
  return [{ filter: { field: 'x', oneOf: marked } }];
}

/** A value of one arm with what is around it: its interval, and its seeds. */
export interface Dot {
  /** Panels of one row stand beside each other. */
  readonly row: string;
  readonly panel: string;
  readonly arm: string;
  readonly mean: number;
  readonly low?: number;
  readonly high?: number;
  readonly seeds: readonly number[];
}

export interface DotOptions {
  /** A line to measure from, e.g. no difference. */
  readonly zero?: boolean;
  /** Panel -> what luck alone does to either side of 0. */
  readonly noise?: ReadonlyMap<string, number>;
}

/** Panels beside each other; more would be too narrow to read. */
const MOST_COLUMNS = 4;

/** A row an arm in every panel: the mean with its interval, a light dot for each seed. */
export function dots(values: readonly Dot[], styles: readonly ArmStyle[], { zero, noise }: DotOptions): Spec {
  const panels = [...new Map(values.map(({ panel, row }) => [panel, row]))];
  const rows = [...new Set(panels.map(([, row]) => row))].flatMap((row) =>
    chunks(
      panels.filter(([, its]) => its === row).map(([panel]) => panel),
      MOST_COLUMNS,
    ),
  );
  const columns = Math.max(...rows.map(({ length }) => length));
  const width = (PAGE - ARM_NAMES) / columns - DOT_GUTTER;
  const drawn = (panel: string, i: number) => {
    const own = values.filter((value) => value.panel === panel);
    return dotPanel(panel, own, styles, { zero: zero === true, noise: noise?.get(panel), named: i === 0, width });
  };
  return {
    config: CONFIG,
    spacing: 18,
    vconcat: rows.map((row) => ({ bounds: 'flush', spacing: DOT_GUTTER, hconcat: row.map(drawn) })),
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  };
}

const ARM_NAMES = 110;
const DOT_GUTTER = 16;

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

interface DotPanelOptions {
  readonly zero: boolean;
  readonly noise: number | undefined;
  /** Whether arms are written beside it. */
  readonly named: boolean;
  readonly width: number;
}

function dotPanel(
  title: string,
  values: readonly Dot[],
  styles: readonly ArmStyle[],
  { zero, noise, named, width }: DotPanelOptions,
): Spec {
  const arms = styles.map(({ arm }) => arm).filter((arm) => values.some((value) => value.arm === arm));
  const { color, shape } = scales(styles);
  const axis = { labelLimit: 160, ticks: false, domain: false, grid: true, ...(named ? {} : { labels: false }) };
  const y = { field: 'arm', type: 'nominal', sort: arms, title: null, scale: { domain: arms }, axis };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { zero },
    axis: { ...Y_AXIS, tickCount: 4 },
  });
  const plain = { legend: null };
  return {
    title,
    width,
    height: { step: 17 },
    data: { values: values.map(({ panel: _panel, row: _row, ...value }) => value) },
    layer: [
      ...(noise === undefined
        ? []
        : [
            {
              data: { values: [{ low: -noise, high: noise }] },
              mark: { type: 'rect', color: '#D9D9D9', opacity: 0.6 },
              encoding: { x: x('low'), x2: { field: 'high' } },
            },
          ]),
      ...(zero
        ? [
            {
              mark: { type: 'rule', color: INK, strokeWidth: 0.8 },
              encoding: { x: { datum: 0, type: 'quantitative' } },
            },
          ]
        : []),
      {
        transform: [{ flatten: ['seeds'] }],
        mark: { type: 'point', filled: true, size: 14, opacity: 0.35, shape: 'circle' },
        encoding: { x: x('seeds'), y, color: { ...color, ...plain } },
      },
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { x: x('low'), x2: { field: 'high' }, y, color: { ...color, ...plain } },
      },
      {
        mark: { type: 'point', filled: true, size: 46, opacity: 1 },
        encoding: { x: x('mean'), y, color: { ...color, ...plain }, shape: { ...shape, ...plain } },
      },
    ],
  };
}

/** The libraries are loaded by who draws. */
export async function toSvg(spec: Spec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec, { logger: silent });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Vega-Lite warns of what is meant here: several scales of one field are drawn as one legend. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as never;
