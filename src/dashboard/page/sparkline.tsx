/** A curve as small as a word: its course, not its values. Drawn, and asked for, when it is near the window. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { useMetrics } from './metrics.ts';
import { drawable, thinned } from './series.ts';

const [WIDTH, HEIGHT] = [88, 20];

export function Sparkline({
  run,
  metric,
  label,
}: {
  readonly run: string;
  readonly metric: string;
  readonly label: string;
}) {
  const element = useRef<HTMLSpanElement>(null);
  const [wasNear, setWasNear] = useState(false);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setWasNear(true), {
      rootMargin: '200px',
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return (
    <span class="sparkline" ref={element}>
      {wasNear && <Curve run={run} metric={metric} label={label} />}
    </span>
  );
}

function Curve({ run, metric, label }: { readonly run: string; readonly metric: string; readonly label: string }) {
  const column = useMetrics([run], [metric]).get(run)?.columns.get(metric);
  if (!column) return null;
  const { steps, curves } = thinned(column.steps, [drawable(column.values, false)], 0, column.steps.length - 1, WIDTH);
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <path d={pathOf(steps, curves[0] ?? [])} />
    </svg>
  );
}

/** Shares are drawn from 0 to 1, so that rows can be compared; a gap lifts the pen. A single value is a short line. */
export function pathOf(steps: readonly number[], values: readonly (number | null)[]): string {
  const [first, last] = [steps[0] ?? 0, steps.at(-1) ?? 0];
  const x = (step: number): string =>
    first === last ? '1' : (1 + ((step - first) / (last - first)) * (WIDTH - 2)).toFixed(1);
  const y = (value: number): string => (HEIGHT - 1.5 - Math.min(1, Math.max(0, value)) * (HEIGHT - 3)).toFixed(1);
  let isDown = false;
  const parts = values.map((value, i) => {
    if (value === null) {
      isDown = false;
      return '';
    }
    const command = isDown ? 'L' : 'M';
    isDown = true;
    return `${command}${x(steps[i] ?? 0)} ${y(value)}`;
  });
  return steps.length === 1 && parts[0] !== '' ? `${parts[0]}h6` : parts.join('');
}
