/**
 * Python's `strftime` in the C locale, for chat templates that write the date. In UTC, so that it reads the same everywhere.
 */
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const padded = (value: number, digits = 2) => String(value).padStart(digits, '0');

function fields(date: Date): Readonly<Record<string, string>> {
  const day = DAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const hour = date.getUTCHours();
  const yearBegan = Date.UTC(date.getUTCFullYear(), 0, 1);
  return {
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    B: month,
    d: padded(date.getUTCDate()),
    H: padded(hour),
    I: padded(hour % 12 || 12),
    j: padded(Math.floor((date.getTime() - yearBegan) / 86_400_000) + 1, 3),
    m: padded(date.getUTCMonth() + 1),
    M: padded(date.getUTCMinutes()),
    p: hour < 12 ? 'AM' : 'PM',
    S: padded(date.getUTCSeconds()),
    y: padded(date.getUTCFullYear() % 100),
    Y: padded(date.getUTCFullYear(), 4),
    '%': '%',
  };
}

/** `strftime(new Date('2024-07-26'), '%d %b %Y')` -> `26 Jul 2024`. A directive that is not known stays as it is. */
export function strftime(date: Date, format: string): string {
  const values = fields(date);
  return format.replace(/%([a-zA-Z%])/g, (directive, letter: string) => values[letter] ?? directive);
}
