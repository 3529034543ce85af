/**
 * What all charts have in common. Charts are Vega-Lite specifications: plain data.
 */
import type { ArmStyle } from './style.ts';

/** A specification before Vega-Lite checks it. */
export type Spec = Readonly<Record<string, unknown>>;

/** Pixels across. */
export const PAGE = 780;

export const INK = '#222222';
export const CONFIG = {
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

/** Channels that tell arms apart, with the same scales in every panel. */
export const scales = (styles: readonly ArmStyle[]) => {
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

/** Small numbers keep their digits, large ones are short: 0.00125, 37.5, 2.5k. */
export const NUMBERS = {
  labelExpr: "abs(datum.value) >= 1000 ? format(datum.value, '.3~s') : format(datum.value, '.3~g')",
};
