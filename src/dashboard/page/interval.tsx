/** An estimate with its 95 % interval, as a mark on a line: whole tables of them can be compared at a glance. */

const HEIGHT = 16;
const EDGE = 5;

interface IntervalProps {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Values at the line's ends. */
  readonly from: number;
  readonly to: number;
  /** A line to be on one side of: 0 for differences. */
  readonly reference?: number;
  readonly label: string;
  /** Pixels across. */
  readonly width: number;
}

export function Interval({ value, low, high, from, to, reference, label, width }: IntervalProps) {
  const x = (at: number): number => EDGE + (width - 2 * EDGE) * share(at, from, to);
  const middle = HEIGHT / 2;
  return (
    <svg
      class={`interval interval-${sideOf(low, high, reference)}`}
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <line class="interval-axis" x1={EDGE} x2={width - EDGE} y1={middle} y2={middle} />
      {reference !== undefined && (
        <line class="interval-reference" x1={x(reference)} x2={x(reference)} y1="1" y2={HEIGHT - 1} />
      )}
      <line class="interval-range" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
      <circle class="interval-value" cx={x(value)} cy={middle} r="3" />
    </svg>
  );
}

/** Whether the whole interval is on one side of the reference; open while it is not. Without a reference: plain. */
export function sideOf(low: number, high: number, reference: number | undefined): 'plain' | 'open' | 'above' | 'below' {
  if (reference === undefined) return 'plain';
  if (low <= reference && high >= reference) return 'open';
  return low > reference ? 'above' : 'below';
}

/** From the lowest end of all to the highest, so that one can be told from another; of a lone interval the whole scale. */
export function extentOf(intervals: readonly (readonly [unknown, unknown] | undefined)[]): [number, number] {
  const ends = intervals
    .flatMap((interval) => interval ?? [])
    .map(Number)
    .filter(Number.isFinite);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return ends.length > 2 && high > low ? [low, high] : [0, 1];
}

/** Where a value lies between two others, kept within them. */
export const share = (value: number, from: number, to: number): number =>
  to > from ? Math.min(1, Math.max(0, (value - from) / (to - from))) : 0.5;
