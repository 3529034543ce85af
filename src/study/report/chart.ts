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
}

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
  title: { fontSize: 10.5, fontWeight: 'bold', color: INK, anchor: 'start', offset: 6 },
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
  concat: { spacing: 22 },
} as const;

const scales = (styles: readonly ArmStyle[]) => {
  const domain = styles.map(({ arm }) => arm);
  return {
    color: { field: 'arm', type: 'nominal', scale: { domain, range: styles.map(({ color }) => color) } },
    strokeDash: { field: 'arm', type: 'nominal', scale: { domain, range: styles.map(({ dash }) => dash) } },
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
    concat: panels.map((panel) => curvePanel(panel, styles, options)),
    resolve: { scale: { color: 'shared', strokeDash: 'shared', shape: 'shared' } },
  };
}

function curvePanel(
  { title, points }: Panel,
  styles: readonly ArmStyle[],
  { xTitle, isLogarithmic }: CurveOptions,
): Spec {
  const { color, strokeDash, shape } = scales(styles);
  const shown = points.filter(({ arm }) => styles.some((style) => style.arm === arm));
  const width = isLogarithmic === true ? 240 : 196;
  const x = {
    field: 'x',
    type: 'quantitative',
    title: xTitle,
    scale: isLogarithmic === true ? { type: 'log', base: 2, nice: false } : { nice: false, zero: true },
    axis: isLogarithmic === true ? { values: [...new Set(shown.map(({ x }) => x))], format: 'd' } : { format: 'd' },
  };
  const y = (field: string) => ({ field, type: 'quantitative', title: null, scale: { zero: false }, axis: Y_AXIS });
  return {
    title,
    width,
    height: 140,
    data: { values: shown },
    encoding: { x },
    layer: [
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'area', opacity: 0.16 },
        encoding: { y: y('low'), y2: { field: 'high' }, fill: { ...color, legend: null } },
      },
      { mark: { type: 'line', strokeWidth: 1.5 }, encoding: { y: y('mean'), color, strokeDash } },
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
  readonly panel: string;
  readonly arm: string;
  readonly mean: number;
  readonly low?: number;
  readonly high?: number;
  readonly seeds: readonly number[];
}

export interface DotOptions {
  readonly columns: number;
  /** A line to measure from, e.g. no difference. */
  readonly zero?: boolean;
  /** Panel -> what luck alone does to either side of 0. */
  readonly noise?: ReadonlyMap<string, number>;
}

/** A row an arm in every panel: the mean with its interval, a light dot for each seed. */
export function dots(values: readonly Dot[], styles: readonly ArmStyle[], { columns, zero, noise }: DotOptions): Spec {
  const panels = [...new Set(values.map(({ panel }) => panel))];
  return {
    config: CONFIG,
    columns,
    concat: panels.map((panel, i) => {
      const own = values.filter((value) => value.panel === panel);
      return dotPanel(panel, own, styles, { zero: zero === true, noise: noise?.get(panel), named: i % columns === 0 });
    }),
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  };
}

function dotPanel(
  title: string,
  values: readonly Dot[],
  styles: readonly ArmStyle[],
  { zero, noise, named }: { readonly zero: boolean; readonly noise: number | undefined; readonly named: boolean },
): Spec {
  const arms = styles.map(({ arm }) => arm).filter((arm) => values.some((value) => value.arm === arm));
  const { color, shape } = scales(styles);
  const axis = { labelLimit: 160, ticks: false, domain: false, grid: true, ...(named ? {} : { labels: false }) };
  const y = { field: 'arm', type: 'nominal', sort: arms, title: null, scale: { domain: arms }, axis };
  const x = (field: string) => ({ field, type: 'quantitative', title: null, scale: { zero }, axis: Y_AXIS });
  const plain = { legend: null };
  return {
    title,
    width: 170,
    height: { step: 17 },
    data: { values: values.map(({ panel: _panel, ...value }) => value) },
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
