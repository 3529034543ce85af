/**
 * Values with their intervals, an arm a row.
 */
import { CONFIG, INK, NUMBERS, PAGE, type Spec, scales } from './look.ts';
import type { ArmStyle } from './style.ts';

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
  const axis = { labelLimit: 260, ticks: false, domain: false, grid: true, ...(named ? {} : { labels: false }) };
  const y = { field: 'arm', type: 'nominal', sort: arms, title: null, scale: { domain: arms }, axis };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    title: null,
    scale: { zero },
    axis: { ...NUMBERS, tickCount: 4 },
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
