/**
 * What a gold looks like, decided by its text alone: mutations need to know only enough to change it safely. Deliberately knows nothing of
 * the parser under test; where a text is not plainly of one shape, the answer is "no" and the mutation is not made.
 */

/** A gold without dollar signs around it or its parts, without outer spaces and the full stop of its sentence. `\$` stays. */
export function bare(gold: string): string {
  return gold
    .replace(/(?<!\\)\$/g, '')
    .trim()
    .replace(/(?<=[}\])])\.$/, '');
}

/** An exact fraction, `denominator` > 0, in lowest terms. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

export function fraction(numerator: bigint, denominator: bigint): Fraction {
  const divisor = gcd(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

const ARGUMENT = String.raw`(?:\{\s*(\d+)\s*\}|(\d))`;
const FRACTION = new RegExp(String.raw`^(-?)\s*\\[dt]?frac\s*${ARGUMENT}\s*${ARGUMENT}$`);
const MIXED = new RegExp(String.raw`^(-?)(\d+)\s*\\[dt]?frac\s*${ARGUMENT}\s*${ARGUMENT}$`);

/** `7`, `-07`; at most 30 digits. */
export const isInteger = (text: string): boolean => /^-?\d{1,30}$/.test(text);

/** `-\frac{3}{4}`, `\frac34`, `3/4`: signed, as written. */
export function simpleFraction(text: string): { sign: string; top: string; bottom: string } | undefined {
  const found = FRACTION.exec(text);
  if (found)
    return {
      sign: found[1] ?? '',
      top: found[2] ?? found[3] ?? '',
      bottom: found[4] ?? found[5] ?? '',
    };
  const plain = /^(-?)(\d+)\s*\/\s*(\d+)$/.exec(text);
  return plain ? { sign: plain[1] ?? '', top: plain[2] ?? '', bottom: plain[3] ?? '' } : undefined;
}

/** `4\frac{2}{3}`. */
export function mixedNumber(text: string): { sign: string; whole: string; top: string; bottom: string } | undefined {
  const found = MIXED.exec(text);
  return found
    ? {
        sign: found[1] ?? '',
        whole: found[2] ?? '',
        top: found[3] ?? found[4] ?? '',
        bottom: found[5] ?? found[6] ?? '',
      }
    : undefined;
}

/** The value of an integer, a finite decimal, a simple fraction or a mixed number; `undefined` for all else. */
export function valueIn(text: string): Fraction | undefined {
  const decimal = /^([-+]?)(\d*)\.?(\d*)$/.exec(text);
  if (decimal && /\d/.test(text)) {
    const digits = `${decimal[2]}${decimal[3]}`;
    const value = BigInt(digits) * (decimal[1] === '-' ? -1n : 1n);
    return fraction(value, 10n ** BigInt((decimal[3] ?? '').length));
  }
  const mixed = mixedNumber(text);
  const part = mixed ?? simpleFraction(text);
  if (!part || BigInt(part.bottom) === 0n) return undefined;
  const top = BigInt(part.top) + BigInt(mixed?.whole ?? 0) * BigInt(part.bottom);
  return fraction(part.sign === '-' ? -top : top, BigInt(part.bottom));
}

/** `3/8` -> `0.375`; `undefined` when the decimal does not end within 15 places. */
export function finiteDecimal({ numerator, denominator }: Fraction): string | undefined {
  for (let places = 0; places <= 15; places++) {
    const scaled = numerator * 10n ** BigInt(places);
    if (scaled % denominator !== 0n) continue;
    const digits = (scaled / denominator)
      .toString()
      .replace('-', '')
      .padStart(places + 1, '0');
    const point = digits.length - places;
    const sign = numerator < 0n ? '-' : '';
    return places === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }
  return undefined;
}

const OPENING = '([{';
const CLOSING = ')]}';

/** Splits where `isSeparator` says so outside all brackets; `undefined` when brackets do not balance. */
export function splitTop(text: string, isSeparator: (text: string, at: number) => boolean): string[] | undefined {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if (OPENING.includes(text[at]!)) depth++;
    else if (CLOSING.includes(text[at]!)) depth--;
    else if (depth === 0 && isSeparator(text, at)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
    if (depth < 0) return undefined;
  }
  parts.push(text.slice(start));
  return depth === 0 ? parts : undefined;
}

/** Parts between top-level commas; a thousands separator (`10,\!080`, `1,234`) makes it undecidable: `undefined`. */
export function commaParts(text: string): string[] | undefined {
  if (/,\s*\\!|\{,\}|\\,/.test(text) || /^-?\d{1,3}(,\d{3})+$/.test(text)) return undefined;
  const parts = splitTop(text, (of, at) => of[at] === ',')?.map((part) => part.trim());
  return parts?.every((part) => part !== '') ? parts : undefined;
}

export interface Bracketed {
  readonly open: string;
  readonly close: string;
  readonly elements: readonly string[];
}

/** `(a, b)`, `[a, b)`, `\left(a,b\right]`: one bracketed row of two or more elements. */
export function bracketed(text: string): Bracketed | undefined {
  const found = /^(?:\\left)?\s*([([])([\s\S]*?)(?:\\right)?\s*([)\]])$/.exec(text);
  if (!found) return undefined;
  const elements = commaParts(found[2]!.trim());
  return elements && elements.length >= 2 ? { open: found[1]!, close: found[3]!, elements } : undefined;
}

/** Certainly an interval, not a point: a square bracket or an infinite end, and two elements. */
export function interval(text: string): Bracketed | undefined {
  const row = bracketed(text);
  if (row?.elements.length !== 2) return undefined;
  return row.open === '[' || row.close === ']' || /\\infty/.test(text) ? row : undefined;
}

/** Certainly a point: round brackets, and three elements or a first number above or at the second. */
export function point(text: string): readonly string[] | undefined {
  const row = bracketed(text);
  return row?.open === '(' && row.close === ')' && !/\\infty/.test(text) ? row.elements : undefined;
}

/** `\{1, 2\}` -> its elements. */
export function setElements(text: string): readonly string[] | undefined {
  const found = /^(?:\\left)?\\\{([\s\S]*?)(?:\\right)?\\\}$/.exec(text);
  return found ? commaParts(found[1]!.trim()) : undefined;
}

/** `1, -2`: two or more elements without brackets around them. */
export function listElements(text: string): readonly string[] | undefined {
  if (/\\text|\\mbox|\bwhere\b|\\begin|[<>]|\\[lg]e|\\in\b/.test(text)) return undefined;
  const parts = commaParts(text);
  return parts && parts.length >= 2 ? parts : undefined;
}

/** The two sides of a single `=`; chains, inequalities and words are not equations here. */
export function equation(text: string): readonly [string, string] | undefined {
  if (/[<>]|\\[lg]e|\\ne|\\in\b|\\text|\\mbox|\\begin|\\pm/.test(text) || listElements(text)) return undefined;
  const sides = splitTop(text, (of, at) => of[at] === '=');
  return sides?.length === 2 && sides.every((side) => side.trim() !== '')
    ? [sides[0]!.trim(), sides[1]!.trim()]
    : undefined;
}

/** An expression alone: no relation, list, set, interval, words, unit, either-sign or base. */
export function isExpression(text: string): boolean {
  if (
    text === '' ||
    /[=<>,:;~%&"'!?]|\\(?:text|mbox|mathrm|begin|pm|mp|in|cup|cap|[lg]e|ne|circ|infty|\$|\{)/.test(text)
  )
    return false;
  if (/_\{?\d/.test(text) && /^\d/.test(text)) return false;
  return !/[A-Za-z]{2}/.test(text.replace(/\\[A-Za-z]+/g, '')) && splitTop(text, () => false) !== undefined;
}

/** Signed terms of a top-level sum, two or more: `2k+2` -> [`2k`, `+2`]. */
export function terms(text: string): readonly string[] | undefined {
  if (!isExpression(text) || /\||\\log|\\ln|\\sin|\\cos|\\exp|\\arc/.test(text)) return undefined;
  const isSign = (of: string, at: number): boolean => {
    const before = of.slice(0, at).trimEnd();
    return /[+-]/.test(of[at]!) && before !== '' && !/[+\-*/^]$|\\cdot$|\\times$|\d[eE]$/.test(before);
  };
  const signs: string[] = [];
  const parts = splitTop(text, (of, at) => {
    if (!isSign(of, at)) return false;
    signs.push(of[at]!);
    return true;
  });
  if (!parts || parts.length < 2) return undefined;
  return parts.map((part, index) => `${index === 0 ? '' : signs[index - 1]}${part.trim()}`);
}

/** `\text{Evelyn}`, `\mbox{...}` around the whole, or a word alone. */
export function words(text: string): string | undefined {
  const found = /^\\(?:text|mbox|mathrm)\{([A-Za-z][A-Za-z ]*)\}$/.exec(text) ?? /^([A-Z][a-z]{2,})$/.exec(text);
  return found?.[1];
}

/** `(C)`, `\text{(C)}`: a letter in parentheses. */
export const letter = (text: string): string | undefined => /^(?:\\text\{)?\(([A-J])\)\}?$/.exec(text)?.[1];
