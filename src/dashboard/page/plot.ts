/**
 * One drawing of curves over steps, by uPlot: thinned to its pixels, its cursor and zoom shared with every other drawing of the
 * view. Knows neither runs nor metrics.
 */
import uPlot from 'uplot';
import { lonePoints, paddedRange, tickLabels } from './axes.ts';
import type { Colors } from './colors.ts';
import { indexAt, type Mark, thinned, type Values } from './series.ts';
import type { Store } from './store.ts';

/** One line of a drawing, aligned with its steps: what can be drawn of it, see `drawable`. */
export interface Line {
  readonly values: Values;
  readonly color: string;
  readonly dash: readonly number[];
  readonly width: number;
  /** The raw curve behind a smoothed one, or an edge of a band: no point follows the cursor on it. */
  readonly isFaint: boolean;
}

export interface Drawing {
  /** [N] ascending; every line has N values. */
  readonly steps: readonly number[];
  readonly lines: readonly Line[];
  /** Pairs of lines with the area between them filled. */
  readonly bands: readonly { readonly low: number; readonly high: number; readonly color: string }[];
  readonly marks: readonly Mark[];
  readonly isLog: boolean;
  /** Of parts of a whole: named in per cent. */
  readonly isShare: boolean;
}

/** Steps that are shown; undefined: all there are. */
export type Range = readonly [from: number, to: number] | undefined;

/** The step under the cursor, and the drawing where the pointer is (undefined: the keyboard moved it). */
export interface CursorAt {
  readonly step: number;
  readonly from?: Plot;
}

/** What all drawings of a view share. */
export interface Shared {
  readonly range: Store<Range>;
  readonly cursor: Store<CursorAt | undefined>;
}

const FONT = '11px system-ui, sans-serif';
const STEP_INCREMENTS = [1, 2, 5]
  .flatMap((digit) => Array.from({ length: 7 }, (_, power) => digit * 10 ** power))
  .sort((a, b) => a - b);

export class Plot {
  private readonly element: HTMLElement;
  private readonly shared: Shared;
  private readonly colors: Colors;
  private drawing: Drawing;
  private extent: readonly [number, number];
  private chart: uPlot | undefined;
  private frame = 0;
  private readonly stopListening: readonly (() => void)[];

  constructor(
    element: HTMLElement,
    drawing: Drawing,
    extent: readonly [number, number],
    shared: Shared,
    colors: Colors,
  ) {
    this.element = element;
    this.shared = shared;
    this.colors = colors;
    this.drawing = drawing;
    this.extent = extent;
    this.stopListening = [shared.range.listen(() => this.redraw()), shared.cursor.listen(() => this.followCursor())];
    this.redraw();
  }

  /** What is drawn from the next frame on. */
  show(drawing: Drawing, extent: readonly [number, number]): void {
    const isAlike = lookOf(drawing) === lookOf(this.drawing);
    this.drawing = drawing;
    this.extent = extent;
    if (!isAlike) this.forget();
    this.redraw();
  }

  /** The element has another size. */
  resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!this.chart || width === 0 || (this.chart.width === width && this.chart.height === height)) return;
    this.chart.setSize({ width, height });
    this.redraw();
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    for (const stop of this.stopListening) stop();
    this.forget();
  }

  private forget(): void {
    this.chart?.destroy();
    this.chart = undefined;
  }

  private redraw(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    const { steps, lines } = this.drawing;
    const [from, to] = this.shared.range.value ?? this.extent;
    const [first, last] = [Math.max(0, indexAt(steps, from)), Math.max(0, indexAt(steps, to))];
    const curves = lines.map(({ values }) => values);
    const thin = thinned(steps, curves, first, last, Math.max(50, width));
    this.chart ??= new uPlot(this.options(width, height), [[]], this.element);
    this.chart.batch((chart: uPlot) => {
      chart.setData([thin.steps, ...thin.curves] as uPlot.AlignedData, false);
      // a single step stands in the middle
      chart.setScale('x', from === to ? { min: from - 1, max: to + 1 } : { min: from, max: to });
    });
  }

  private followCursor(): void {
    const at = this.shared.cursor.value;
    if (!this.chart || at?.from === this) return;
    this.chart.setCursor({ left: at ? this.chart.valToPos(at.step, 'x') : -10, top: at ? 1 : -10 }, false);
  }

  private options(width: number, height: number): uPlot.Options {
    const { muted, grid } = this.colors;
    const axis = { stroke: muted, font: FONT, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    return {
      width,
      height,
      legend: { show: false },
      padding: [6, 20, 0, 0],
      scales: {
        x: { time: false },
        y: this.drawing.isLog ? { distr: 3 } : { range: (_, low, high) => paddedRange(low, high) },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 22, gap: 3, incrs: STEP_INCREMENTS, space: 60 },
        {
          ...axis,
          size: 50,
          gap: 4,
          space: 28,
          values: (_, splits, _axis, _space, step) => tickLabels(splits, step, this.drawing.isShare),
        },
      ],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        points: { show: (_, series) => cursorPoint(this.drawing.lines[series - 1]) },
        bind: { dblclick: () => () => this.zoomOut() },
      },
      series: [{}, ...this.drawing.lines.map(seriesOf)],
      bands: this.drawing.bands.map(({ low, high, color }) => ({ series: [high + 1, low + 1], fill: `${color}2e` })),
      hooks: {
        setSelect: [(chart) => this.zoomIn(chart)],
        setCursor: [(chart) => this.tellCursor(chart)],
        draw: [(chart) => this.drawMarks(chart)],
      },
    };
  }

  private zoomIn(chart: uPlot): void {
    const { left, width } = chart.select;
    if (width < 4) return;
    const [from, to] = [Math.round(chart.posToVal(left, 'x')), Math.round(chart.posToVal(left + width, 'x'))];
    chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (to > from) this.shared.range.set([from, to]);
  }

  private zoomOut(): null {
    this.shared.range.set(undefined);
    return null;
  }

  private tellCursor(chart: uPlot): void {
    const left = chart.cursor.left ?? -1;
    const step = Math.round(chart.posToVal(left, 'x'));
    this.shared.cursor.set(left < 0 ? undefined : { step, from: this });
  }

  /** A cross at the foot of the drawing for NaN, an arrow where an infinity left it. */
  private drawMarks(chart: uPlot): void {
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.fillStyle = this.colors.red;
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'center';
    for (const { step, kind } of this.drawing.marks) {
      const x = chart.valToPos(step, 'x', true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const isUp = kind === '∞';
      ctx.textBaseline = isUp ? 'top' : 'bottom';
      ctx.fillText(kind === 'NaN' ? '×' : isUp ? '▲' : '▼', x, isUp ? bbox.top : bbox.top + bbox.height);
    }
    ctx.restore();
  }
}

/** The point that follows the cursor on a line; faint lines have none. */
function cursorPoint(line: Line | undefined): HTMLElement {
  // uPlot takes anything that is no element for none, its types do not know that
  if (line === undefined || line.isFaint) return undefined as unknown as HTMLElement;
  const point = document.createElement('div');
  point.className = 'cursor-point';
  return point;
}

function seriesOf({ color, dash, width, isFaint }: Line): uPlot.Series {
  return {
    stroke: color,
    width,
    ...(dash.length > 0 ? { dash: [...dash] } : {}),
    spanGaps: false,
    points: {
      show: !isFaint,
      size: 4,
      fill: color,
      stroke: color,
      width: 0,
      filter: (chart, series) => lonePoints(chart.data[series] ?? []),
    },
  };
}

/** What cannot be changed in a chart that exists. */
function lookOf({ lines, bands, isLog, isShare }: Drawing): string {
  return JSON.stringify([
    isLog,
    isShare,
    bands,
    lines.map(({ color, dash, width, isFaint }) => [color, dash, width, isFaint]),
  ]);
}
