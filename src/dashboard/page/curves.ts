/**
 * From the metrics of runs to the lines of a panel: what is joined, smoothed, coloured and dashed. Pure.
 */

import type { Arm } from './arms.ts';
import type { Colors } from './colors.ts';
import { isShare } from './format.ts';
import { type Column, NO_METRICS, type RunMetrics } from './metrics.ts';
import type { Panel, PanelCurve, Stratum } from './panels.ts';
import type { Drawing, Line } from './plot.ts';
import { alignedTo, bandOf, drawable, type Mark, marksOf, smoothed, unionOfSteps, type Values } from './series.ts';

/** Which curves are drawn of those a panel has; `every` is all strata at once. */
export type Split = Stratum | 'every';

export interface Choice {
  readonly split: Split;
  /** Weight of the past in the moving average; 0: none. */
  readonly smoothing: number;
  readonly isLog: boolean;
}

/** A curve as the legend shows it, with the exact values behind the thinned and smoothed line. */
export interface LegendEntry {
  readonly id: string;
  readonly label: string;
  readonly key: string;
  readonly color: string;
  readonly dash: readonly number[];
  /** Aligned with the drawing's steps; of an arm the mean. */
  readonly values: Values;
  readonly band?: { readonly low: Values; readonly high: Values };
}

export interface PanelView {
  readonly drawing: Drawing;
  readonly legend: readonly LegendEntry[];
}

/** Curves of a panel that are drawn. A panel without the stratum asked for shows what it has, and says so in its legend. */
export function chosenCurves({ curves }: Panel, split: Split): readonly PanelCurve[] {
  if (split === 'every') return curves;
  const chosen = curves.filter(({ stratum }) => stratum === split);
  return chosen.length > 0 ? chosen : curves;
}

const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
const STRATUM_DASH: Readonly<Record<Stratum, readonly number[]>> = {
  all: [],
  positive: [],
  negative: [5, 3],
  unknown: [1.5, 3],
};

/**
 * @param names of the arms, for the legend
 * @returns a view without lines where no run has any of the panel's metrics
 */
export function panelView(
  panel: Panel,
  arms: readonly Arm[],
  names: readonly string[],
  metrics: ReadonlyMap<string, RunMetrics>,
  choice: Choice,
  colors: Colors,
): PanelView {
  const isAlone = arms.length === 1;
  const curves = chosenCurves(panel, choice.split);
  const members = arms.flatMap((arm, a) =>
    curves.map((curve, c) => {
      const columns = arm.runs.flatMap((run) => (metrics.get(run) ?? NO_METRICS).columns.get(curve.key) ?? []);
      return { arm, a, curve, c, columns: columns.filter(({ values }) => values.some((value) => value !== null)) };
    }),
  );
  const present = members.filter(({ columns }) => columns.length > 0);
  const steps = unionOfSteps(present.flatMap(({ columns }) => columns));

  const [lines, bands, legend, marks]: [Line[], Drawing['bands'][number][], LegendEntry[], Mark[]] = [[], [], [], []];
  for (const { arm, a, curve, c, columns } of present) {
    const color = isAlone ? curveColor(curve, curves, colors) : (colors.lines[a % colors.lines.length] ?? colors.ink);
    const dash = isAlone ? aloneDash(curve, curves, c, colors) : armDash(curve, curves, c);
    const label = labelOf(curve, isAlone ? undefined : (names[a] ?? arm.name), curves.length);
    const joined = bandOrCurve(steps, columns);
    const drawn = (values: Values): Values => drawable(smoothed(values, choice.smoothing), choice.isLog);
    const faint = { dash: [], width: 1, isFaint: true };
    if (joined.band) {
      const edge = { ...faint, color: `${color}00` };
      lines.push({ ...edge, values: drawn(joined.band.low) }, { ...edge, values: drawn(joined.band.high) });
      bands.push({ low: lines.length - 2, high: lines.length - 1, color });
    } else if (choice.smoothing > 0) {
      lines.push({ ...faint, color: `${color}40`, values: drawable(joined.values, choice.isLog) });
    }
    lines.push({ color, dash, width: 1.6, isFaint: false, values: drawn(joined.values) });
    legend.push({ id: `${arm.name} ${curve.key}`, label, key: curve.key, color, dash, ...joined });
    marks.push(...columns.flatMap(marksOf));
  }
  const drawing = { steps, lines, bands, marks, isLog: choice.isLog, isShare: curves.every(({ key }) => isShare(key)) };
  return { drawing, legend };
}

function bandOrCurve(steps: readonly number[], columns: readonly Column[]): Pick<LegendEntry, 'values' | 'band'> {
  const aligned = columns.map((column) => alignedTo(steps, column));
  if (aligned.length === 1) return { values: aligned[0] ?? [] };
  const { mean, low, high } = bandOf(aligned);
  return { values: mean, band: { low, high } };
}

/** A lone curve of a lone run needs no name; `all` is said only beside other strata. */
function labelOf({ label }: PanelCurve, name: string | undefined, curves: number): string {
  if (name === undefined) return curves === 1 && label === 'all' ? '' : label;
  return curves === 1 && label === 'all' ? name : `${name} · ${label}`;
}

/** Of one run: the polarity's colour; further families of a panel without strata have colours of their own. */
function curveColor(curve: PanelCurve, curves: readonly PanelCurve[], colors: Colors): string {
  if (curve.stratum === 'positive') return colors.positive;
  if (curve.stratum === 'negative') return colors.negative;
  if (curve.stratum === 'unknown') return colors.unknown;
  const hasStrata = curves.some(({ stratum }) => stratum !== 'all');
  return hasStrata || curve.family === 0
    ? colors.neutral
    : (colors.lines[curve.family % colors.lines.length] ?? colors.neutral);
}

/** Curves of one colour differ in their dashes. */
function aloneDash(curve: PanelCurve, curves: readonly PanelCurve[], index: number, colors: Colors): readonly number[] {
  const color = curveColor(curve, curves, colors);
  const earlier = curves.slice(0, index).filter((other) => curveColor(other, curves, colors) === color);
  return DASHES[earlier.length % DASHES.length] ?? [];
}

/** Of several runs or arms the colour says which; strata and families differ in their dashes. */
function armDash(curve: PanelCurve, curves: readonly PanelCurve[], index: number): readonly number[] {
  const strata = new Set(curves.map(({ stratum }) => stratum));
  return strata.size > 1 ? STRATUM_DASH[curve.stratum] : (DASHES[index % DASHES.length] ?? []);
}
