/**
 * Lines with bands over steps, or over k of pass@k.
 */
import { CONFIG, INK, NUMBERS, PAGE, type Spec, scales } from './look.ts';
import type { Point } from './series.ts';
import type { ArmStyle } from './style.ts';

/** Pixels between panels. */
const GUTTER = 48;

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

export interface CurveOptions {
  readonly xTitle: string;
  readonly columns: number;
  /** Doubling k of pass@k takes equal room. */
  readonly isLogarithmic?: boolean;
  /** Values lie on both sides of 0, which is drawn. */
  readonly isDifference?: boolean;
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
  { xTitle, columns, isLogarithmic, isDifference }: CurveOptions,
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
  const y = (field: string) => ({ field, type: 'quantitative', title: null, scale, axis: NUMBERS });
  return {
    title,
    width: PAGE / columns - GUTTER,
    height: 140,
    data: { values: shown },
    encoding: { x },
    layer: [
      ...(isDifference === true ? [ZERO] : []),
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

/** No difference. */
const ZERO: Spec = {
  mark: { type: 'rule', color: INK, strokeWidth: 0.8 },
  encoding: { y: { datum: 0, type: 'quantitative' }, x: null },
};

/** About seven markers a line: enough to tell it, too few to hide it. */
function markedEvery(points: readonly Point[]): Spec[] {
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const every = Math.ceil(xs.length / 7);
  const marked = xs.filter((_, i) => i % every === 0 || xs.length <= 8);
  return [{ filter: { field: 'x', oneOf: marked } }];
}
