/** Numbers as text, compared exactly: 1.0 = 1 = 10e-1, and 2^53 + 1 is not 2^53. */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** One form for equal numbers: sign, digits without zeros at either end, `e`, exponent. `undefined` for what is no finite decimal. */
export function canonicalDecimal(text: string): string | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = trimZeros(whole + fraction, 'start');
  const significant = trimZeros(digits, 'end');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign === '-' ? '-' : ''}${significant}e${power}`;
}

// by hand: a pattern for zeros at the end takes quadratic time on zeros that are not
function trimZeros(digits: string, side: 'start' | 'end'): string {
  let [start, end] = [0, digits.length];
  if (side === 'start') while (start < end && digits[start] === '0') start++;
  else while (end > start && digits[end - 1] === '0') end--;
  return digits.slice(start, end);
}

/** Equal exactly or, where both are decimals, within `tolerance` of the expected: absolutely below 1, relatively above. */
export function sameNumber(expected: string, got: string, tolerance: number): boolean {
  if (expected === got) return true;
  if (tolerance === 0) return false;
  const [wanted, found] = [Number(expected), Number(got)];
  return Math.abs(wanted - found) <= tolerance * Math.max(1, Math.abs(wanted));
}
