/** Numbers as people read them: short, aligned by tabular figures, never more digits than are meant. */

/** 0.2351 -> `0.235`, 7274.3 -> `7,274`, 1.47e-7 -> `1.47e-7`, 1234567 -> `1.23M`, NaN -> `NaN`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-4) return minus(trimmedExponent(value));
  if (size >= 1e9) return minus(`${threeDigits(value / 1e9)}G`);
  if (size >= 1e6) return minus(`${threeDigits(value / 1e6)}M`);
  if (size >= 1000) return minus(Math.round(value).toLocaleString('en-US'));
  return minus(Number.isInteger(value) ? String(value) : threeDigits(value));
}

/** 0.4609 -> `46.1 %`, 0.75 -> `75.0 %`, 0 and 1 -> `0 %` and `100 %`, 0.00004 -> `4.00e-3 %`. */
export function formatShare(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const percent = Number((value * 100).toPrecision(12));
  const isBetween = Math.abs(percent) >= 1 && Math.abs(percent) < 99.95;
  return `${isBetween ? minus(percent.toFixed(1)) : formatNumber(percent)} %`;
}

/** Whether a metric is a part of a whole. */
export const isShare = (key: string): boolean =>
  /(?:_frac|\/pass_rate)(?:\/|$)/.test(key) || /\/pass_at_\d+$/.test(key);

/** A metric by what its key says it is: shares in per cent, seconds with their unit, the rest as a number. */
export function formatMetric(key: string, value: number): string {
  if (isShare(key)) return formatShare(value);
  return /^time\/[a-z_]+_s$/.test(key) && !key.endsWith('_per_s') ? `${formatNumber(value)} s` : formatNumber(value);
}

/** 0.0017 -> `1.7 ms`, 75 -> `1 min 15 s`, 7500 -> `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 > 0 ? ` ${whole % 60} s` : ''}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.round(minutes / 1440)} days`;
}

/** How long ago; `now` for less than two seconds. */
export function formatAge(unixSeconds: number, now: number): string {
  const age = now - unixSeconds;
  if (age < 2) return 'now';
  if (age < 90) return `${Math.round(age)} s ago`;
  if (age < 5400) return `${Math.round(age / 60)} min ago`;
  if (age < 36 * 3600) return `${Math.round(age / 3600)} h ago`;
  return `${Math.round(age / 86400)} days ago`;
}

/** 2026-11-24 02:31:07, in this browser's time zone. */
export function formatTime(unixSeconds: number): string {
  const time = new Date(unixSeconds * 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${threeDigits(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${threeDigits(bytes / 1e6)} MB` : `${threeDigits(bytes / 1e9)} GB`;
}

/** With its sign: +0.012, −0.3, 0. */
export const formatDifference = (value: number): string => `${value > 0 ? '+' : ''}${formatNumber(value)}`;

/** `3 runs`, `1 run`, `1,200 rollouts`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

const threeDigits = (value: number): string => {
  const digits = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : undefined;
  return digits === undefined ? value.toPrecision(3) : value.toFixed(digits);
};

const trimmedExponent = (value: number): string => value.toExponential(2).replace('e+', 'e');
const minus = (text: string): string => text.replace(/^-/, '−');
