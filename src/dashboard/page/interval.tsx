/** An estimate with its 95 % interval, as a mark on a line: whole tables of them can be compared at a glance. */

const [WIDTH, HEIGHT] = [150, 16];

export interface IntervalProps {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Values at the line's ends. */
  readonly from: number;
  readonly to: number;
  /** A line to be on one side of: 0 for differences. */
  readonly reference?: number;
  readonly label: string;
}

export function Interval({ value, low, high, from, to, reference, label }: IntervalProps) {
  const x = (at: number): number => 3 + (WIDTH - 6) * share(at, from, to);
  const middle = HEIGHT / 2;
  const side =
    reference === undefined || (low <= reference && high >= reference) ? 'open' : low > reference ? 'above' : 'below';
  return (
    <svg class={`interval interval-${side}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <line class="interval-axis" x1="3" x2={WIDTH - 3} y1={middle} y2={middle} />
      {reference !== undefined && (
        <line class="interval-reference" x1={x(reference)} x2={x(reference)} y1="1" y2={HEIGHT - 1} />
      )}
      <line class="interval-range" x1={x(low)} x2={x(high)} y1={middle} y2={middle} />
      <circle class="interval-value" cx={x(value)} cy={middle} r="3" />
    </svg>
  );
}

/** Where a value lies between two others, kept within them. */
export const share = (value: number, from: number, to: number): number =>
  to > from ? Math.min(1, Math.max(0, (value - from) / (to - from))) : 0.5;
