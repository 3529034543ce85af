/**
 * Digits in all the ways answers write them: separators of thousands, decimals, repeating decimals, scientific notation, other bases.
 */

interface NumberToken {
  /** Digits with at most one dot, no separators: `0.50`, `1000`. */
  readonly text: string;
  readonly repeating?: string;
  /** Of ten: 3e5. */
  readonly exponent?: number;
  /** Given where digits beyond 9 were read with it: 1A_{16}. */
  readonly base?: number;
}

interface ScannedNumber {
  readonly token: NumberToken;
  readonly end: number;
  /** Where a run of comma-separated digits that is a list ends; 0 where there is none. */
  readonly listEnd: number;
}

/** The usual case: digits with nothing behind that could belong to them. */
const PLAIN = /\d+(?![\d.,{\\~eE_A-Z '])/y;
const DIGITS = /\d+/y;
const FRACTION = /\.(?!\.)\d*/y;
/** Separators of thousands that cannot be anything else: {,} ,\! \, \! \  ~ and a space, before exactly three digits. */
const SOFT_GROUP = /(?:\{,\}|,\\!\s*|\\,|\\!|\\ |~| |')(\d{3})(?!\d)/y;
const DECIMAL_COMMA = /\{,\}(\d+)/y;
const COMMA_RUN = /\d+(?:,\d+)+/y;
const THOUSANDS = /^[1-9]\d{0,2}(?:,\d{3})+$/;
const HAS_ZERO_GROUP = /,0/;
const OVERLINE = /\s*\\(?:overline|bar)\s*(?:\{\s*(\d+)\s*\}|(\d))/y;
const DOTS = /(\d*)\\dot\s*\{?(\d)\}?(?:(\d*)\\dot\s*\{?(\d)\}?)?/y;
const ROUND_REPEATING = /\((\d+)\)(?!\s*[\d(!^])/y;
const ELLIPSIS = /\s*(?:\.\.\.+|\\[lc]?dots)(?!\s*[,+\-*])/y;
const EXPONENT = /[eE]([+-]?\d{1,9})(?![\dA-Za-z]|\.\d)/y;
const LETTER_DIGITS = /(\d[\dA-Z]{0,30})_(?:\{\s*(1[1-9]|2\d|3[0-6])\s*\}|(1[1-9]|2\d|3[0-6])(?!\d))/y;

function match(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}

/** The block that visibly repeats at the end of `digits`: 0.1666... and 0.142857142857..., not 1.414... */
function repeatedBlock(digits: string): { readonly head: string; readonly block: string } | undefined {
  const dot = digits.indexOf('.');
  const decimals = digits.slice(dot + 1);
  for (let period = 1; period * 2 <= decimals.length && period <= 12; period++) {
    const block = decimals.slice(-period);
    const times = period === 1 ? 3 : 2;
    if (decimals.length >= period * times && decimals.endsWith(block.repeat(times))) {
      let head = decimals;
      while (head.endsWith(block)) head = head.slice(0, -period);
      return { head: `${digits.slice(0, dot + 1)}${head}`, block };
    }
  }
  return undefined;
}

function tidy(digits: string): string {
  const withZero = digits.startsWith('.') ? `0${digits}` : digits;
  return withZero.endsWith('.') ? withZero.slice(0, -1) : withZero;
}

function scanLetterDigits(text: string, position: number): ScannedNumber | undefined {
  const found = match(LETTER_DIGITS, text, position);
  const base = Number(found?.[2] ?? found?.[3]);
  const digits = found?.[1] ?? '';
  if (found === undefined || !/[A-Z]/.test(digits) || [...digits].some((digit) => Number.parseInt(digit, 36) >= base))
    return undefined;
  return { token: { text: digits, base }, end: position + found[0].length, listEnd: 0 };
}

/** The digits before the decimal point, separators of thousands taken out. */
function scanWhole(text: string, position: number, isSeparator: boolean, isListed: boolean): ScannedNumber | undefined {
  const first = match(DIGITS, text, position)?.[0];
  if (first === undefined) return undefined;
  const run = isListed ? undefined : match(COMMA_RUN, text, position)?.[0];
  if (run !== undefined && THOUSANDS.test(run) && (!isSeparator || HAS_ZERO_GROUP.test(run))) {
    return { token: { text: run.replaceAll(',', '') }, end: position + run.length, listEnd: 0 };
  }
  const listEnd = run === undefined ? 0 : position + run.length;
  let digits = first;
  let end = position + first.length;
  if (run === undefined && /^[1-9]\d{0,2}$/.test(first)) {
    for (let group = match(SOFT_GROUP, text, end); group !== undefined; group = match(SOFT_GROUP, text, end)) {
      digits += group[1] ?? '';
      end += group[0].length;
    }
  }
  const decimal = digits === first ? match(DECIMAL_COMMA, text, end) : undefined;
  if (decimal === undefined) return { token: { text: digits }, end, listEnd };
  return { token: { text: `${digits}.${decimal[1] ?? ''}` }, end: end + decimal[0].length, listEnd };
}

function scanRepeating(text: string, digits: string, end: number): ScannedNumber | undefined {
  const bar = match(OVERLINE, text, end);
  if (bar !== undefined) {
    return { token: { text: digits, repeating: bar[1] ?? bar[2] ?? '' }, end: end + bar[0].length, listEnd: 0 };
  }
  const dots = match(DOTS, text, end);
  if (dots !== undefined) {
    const [, lead = '', first = '', middle = '', last = ''] = dots;
    return { token: { text: digits + lead, repeating: first + middle + last }, end: end + dots[0].length, listEnd: 0 };
  }
  const round = match(ROUND_REPEATING, text, end);
  if (round !== undefined) {
    return { token: { text: digits, repeating: round[1] ?? '' }, end: end + round[0].length, listEnd: 0 };
  }
  const ellipsis = match(ELLIPSIS, text, end);
  const repeated = ellipsis === undefined ? undefined : repeatedBlock(digits);
  if (ellipsis === undefined || repeated === undefined) return undefined;
  return { token: { text: repeated.head, repeating: repeated.block }, end: end + ellipsis[0].length, listEnd: 0 };
}

/**
 * The number that begins at `position`, if one does. `isSeparator`: commas between digits separate, unless some group of three begins with 0.
 * `isListed`: the digits stand in a run of commas already found to be a list.
 */
export function scanNumber(
  text: string,
  position: number,
  isSeparator: boolean,
  isListed: boolean,
): ScannedNumber | undefined {
  const plain = match(PLAIN, text, position)?.[0];
  if (plain !== undefined) return { token: { text: plain }, end: position + plain.length, listEnd: 0 };
  const lettered = scanLetterDigits(text, position);
  if (lettered !== undefined) return lettered;
  const whole = scanWhole(text, position, isSeparator, isListed) ?? { token: { text: '' }, end: position, listEnd: 0 };
  const fraction = whole.token.text.includes('.') ? undefined : match(FRACTION, text, whole.end)?.[0];
  const digits = whole.token.text + (fraction ?? '');
  const end = whole.end + (fraction?.length ?? 0);
  if (!/\d/.test(digits) && !(digits === '.' && match(OVERLINE, text, end) !== undefined)) return undefined;
  const repeating = digits.includes('.') ? scanRepeating(text, digits, end) : undefined;
  if (repeating !== undefined) {
    const token = {
      ...repeating.token,
      text: repeating.token.text.startsWith('.') ? `0${repeating.token.text}` : repeating.token.text,
    };
    return { ...repeating, token: { ...token, text: token.text.endsWith('.') ? tidy(token.text) : token.text } };
  }
  const scientific = match(EXPONENT, text, end);
  if (scientific === undefined) return { token: { text: tidy(digits) }, end, listEnd: whole.listEnd };
  const exponent = Number(scientific[1]);
  return { token: { text: tidy(digits), exponent }, end: end + scientific[0].length, listEnd: whole.listEnd };
}
