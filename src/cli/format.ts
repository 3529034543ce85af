/**
 * Numbers for people: short, aligned, absent where there is nothing to say.
 */

const BLOCKS = [...'▁▂▃▄▅▆▇█'];

/** A column of blocks per value, scaled between the least and the greatest; the last `width` values, averaged when there are more. */
export function sparkline(values: readonly number[], width: number): string {
  const drawn = values.length <= width ? values : bucketMeans(values, width);
  const low = Math.min(...drawn);
  const span = Math.max(...drawn) - low;
  return drawn.map((value) => BLOCKS[span > 0 ? Math.round(((value - low) / span) * 7) : 0]).join('');
}

function bucketMeans(values: readonly number[], buckets: number): number[] {
  return Array.from({ length: buckets }, (_, i) => {
    const part = values.slice(
      Math.floor((i * values.length) / buckets),
      Math.floor(((i + 1) * values.length) / buckets),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** `[########------]` in blocks, `fraction` in [0, 1]. */
export function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** 7 -> 7 s, 83 -> 1 min 23 s, 3725 -> 1 h 02 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (seconds < 10 && seconds > 0) return `${seconds.toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** 950 -> 950, 12345 -> 12.3k, 4.2e6 -> 4.2M. */
export function count(value: number): string {
  if (value < 1000) return `${Math.round(value)}`;
  if (value < 999_950) return `${(value / 1000).toFixed(1)}k`;
  return `${(value / 1e6).toFixed(1)}M`;
}

/** Bytes in binary units: 3_145_728 -> 3.0 MiB. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** A number with fixed digits, or a dash where the stratum was empty. */
export function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

/** Rows of cells as aligned columns; the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => [...(row[i] ?? '')].length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
