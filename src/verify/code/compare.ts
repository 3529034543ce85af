/**
 * Whether a program printed or returned what was expected, by LiveCodeBench's rules where they are not more lenient: outputs line by
 * line without outer white space, a line equal as text or number by number as exact decimals; results as JSON, a tuple being a list.
 * Differs from LiveCodeBench: runs of white space inside a line count as one blank.
 */
import { canonicalDecimal, sameNumber } from './decimals.ts';

/** What differs, or `undefined` when nothing does. */
export type Difference = string | undefined;

const SHOWN = 80;

export function shorten(text: string): string {
  const quoted = JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);
  return quoted;
}

/** @param tolerance of numbers; 0 is exact */
export function outputDifference(expected: string, printed: string, tolerance: number): Difference {
  const wanted = linesOf(expected);
  const got = linesOf(printed);
  for (let line = 0; line < Math.max(wanted.length, got.length); line++) {
    const [want, have] = [wanted[line], got[line]];
    if (want !== undefined && have !== undefined && sameLine(want, have, tolerance)) continue;
    const where = wanted.length > 1 ? `line ${line + 1}: ` : '';
    if (want === undefined) return `${where}expected no more, got ${shorten(have ?? '')}`;
    return `${where}expected ${shorten(want)}, got ${have === undefined ? 'no such line' : shorten(have)}`;
  }
  return undefined;
}

function linesOf(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim());
}

function sameLine(expected: string, got: string, tolerance: number): boolean {
  if (expected === got) return true;
  const wanted = expected.split(/\s+/);
  const found = got.split(/\s+/);
  if (wanted.length !== found.length) return false;
  if (wanted.every((token, index) => token === found[index])) return true;
  return wanted.every((token, index) => sameDecimal(token, found[index] ?? '', tolerance));
}

function sameDecimal(expected: string, got: string, tolerance: number): boolean {
  const [wanted, found] = [canonicalDecimal(expected), canonicalDecimal(got)];
  return wanted !== undefined && found !== undefined && sameNumber(wanted, found, tolerance);
}

/** Both as JSON text, so that no digit of a number is lost. */
export function resultDifference(expected: string, returned: string, tolerance: number): Difference {
  const wanted = parseExactly(expected);
  try {
    if (sameJson(wanted, parseExactly(returned), tolerance)) return undefined;
  } catch (error) {
    // too deep or no JSON: not what was expected in any case
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  return `expected ${shorten(expected)}, got ${returned === '' ? 'no result' : shorten(returned)}`;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON with each string marked by `s` and each number as `n` and its canonical decimal. @throws SyntaxError */
function parseExactly(text: string): unknown {
  const marked = text.replace(TOKEN, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${canonicalDecimal(token) ?? token}"`,
  );
  return JSON.parse(marked);
}

function sameJson(expected: unknown, got: unknown, tolerance: number): boolean {
  if (expected === got) return true;
  if (typeof expected === 'string' && typeof got === 'string') {
    const areNumbers = expected.startsWith('n') && got.startsWith('n');
    return areNumbers && sameNumber(expected.slice(1), got.slice(1), tolerance);
  }
  if (typeof expected !== 'object' || typeof got !== 'object' || expected === null || got === null) return false;
  if (Array.isArray(expected) !== Array.isArray(got)) return false;
  const keys = Object.keys(expected);
  if (keys.length !== Object.keys(got).length) return false;
  return keys.every((key) => Object.hasOwn(got, key) && sameJson(valueAt(expected, key), valueAt(got, key), tolerance));
}

const valueAt = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];
