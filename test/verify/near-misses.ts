/**
 * Wrong answers that look right, each different from the gold by construction: a verifier must accept none. A near-miss returns
 * `undefined` where it does not apply or where the change might leave the value as it is.
 */
import {
  bare,
  bracketed,
  equation,
  interval,
  isExpression,
  isInteger,
  letter,
  listElements,
  mixedNumber,
  point,
  setElements,
  simpleFraction,
  valueIn,
  words,
} from './gold-shape.ts';
import type { Mutation } from './rewrites.ts';

type NearMiss = (gold: string) => string | undefined;

const isWords = (gold: string): boolean => words(gold) !== undefined || letter(gold) !== undefined;
/** Rounding, remainders and magnitudes can hide a change of one number. */
const canHide = (gold: string): boolean => /\\[lr](?:floor|ceil)|\||\\gcd|\\bmod|\\pmod|where/.test(gold);

const signFlipped: NearMiss = (gold) => {
  const value = valueIn(gold);
  if (value)
    return value.numerator === 0n ? undefined : gold.startsWith('-') ? gold.slice(1) : `-${gold.replace('+', '')}`;
  if (isExpression(gold)) return `-\\left(${gold}\\right)`;
  const row = point(gold);
  const first = row && valueIn(row[0]!);
  return first && first.numerator !== 0n ? `(${[signFlipped(row[0]!), ...row.slice(1)].join(', ')})` : undefined;
};

/** Numbers of the gold that may be changed: not in words, units, subscripts, thousands groups, or where the value would not notice. */
function numberAt(gold: string): { start: number; end: number; digits: string } | undefined {
  if (isWords(gold) || canHide(gold) || /\d\s*,\s*\\!|\\overline/.test(gold)) return undefined;
  const hidden = gold.replace(/\\(?:text|mbox|mathrm|operatorname|begin|end)\s*\{[^{}]*\}|_\{[^{}]*\}|_\w/g, (part) =>
    (part.startsWith('_') ? '#' : '~').repeat(part.length),
  );
  for (const found of hidden.matchAll(/\d+(?:\.\d+)?|\.\d+/g)) {
    const [before, after] = [
      hidden.slice(0, found.index).trimEnd(),
      hidden.slice(found.index + found[0].length).trimStart(),
    ];
    // 0! = 1!, 1^n = 1, 0^n, a factor 0, the exponent of a unit, a base, sizes of thousands
    if (
      /^(?:[!_#]|\^(?!\{?\\circ))/.test(after) ||
      /~\s*\^\{?$|(?<!\d)[01]\^\{?$|^,\d{3}/.test(before) ||
      /^,\d{3}(?!\d)/.test(after)
    )
      continue;
    if (/^0*\.?0*$/.test(found[0]) && !/[=,([{]\s*$/.test(before) && before !== '') continue;
    return { start: found.index, end: found.index + found[0].length, digits: found[0] };
  }
  return undefined;
}

/** One more, or one less, in the last place of the first number. */
function lastPlace(change: 1n | -1n): NearMiss {
  return (gold) => {
    const found = numberAt(gold);
    if (!found) return undefined;
    const places = found.digits.includes('.') ? found.digits.length - found.digits.indexOf('.') - 1 : 0;
    const value = BigInt(found.digits.replace('.', '')) + change;
    if (value < 0n || (value === 0n && change < 0n && gold !== found.digits)) return undefined;
    const digits = value.toString().padStart(places + 1, '0');
    const written = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
    return `${gold.slice(0, found.start)}${written}${gold.slice(found.end)}`;
  };
}

function exponent(change: 1 | -1): NearMiss {
  return (gold) => {
    if (canHide(gold)) return undefined;
    const scientific = /^([-+]?\d*\.?\d+[eE])([-+]?\d+)$/.exec(gold);
    if (scientific && !/^[-+]?0*\.?0*[eE]$/.test(scientific[1]!))
      return `${scientific[1]}${Number(scientific[2]) + change}`;
    const found = /(?<=[A-Za-z)]|(?<!\d)(?:[2-9]|\d{2,}))\^(?:\{\s*(\d+)\s*\}|(\d))/.exec(gold);
    if (!found || /\\(?:text|mbox|mathrm)|\\(?:sin|cos|tan|sec|csc|cot)\s*\^/.test(gold)) return undefined;
    const power = Number(found[1] ?? found[2]) + change;
    return `${gold.slice(0, found.index)}^{${power}}${gold.slice(found.index + found[0].length)}`;
  };
}

const lostFactor: NearMiss = (gold) => {
  if (isWords(gold) || canHide(gold)) return undefined;
  const found = /^(-?)(\d+)\s*(?=\\sqrt|\\pi|[A-Za-z](?![A-Za-z])|\(|\\left\()/.exec(gold);
  return found && BigInt(found[2]!) > 1n && !/[eE]/.test(gold)
    ? `${found[1]}${gold.slice(found[0].length)}`
    : undefined;
};

const lostPi: NearMiss = (gold) => {
  const at = gold.search(/\\pi(?![a-z])/);
  if (at < 0 || canHide(gold) || /\\(?:sin|cos|tan|cot)/.test(gold)) return undefined;
  const isFactor = /[\d}]\s*$/.test(gold.slice(0, at)) && !/\\[dt]?frac\{[^{}]*\}$/.test(gold.slice(0, at).trimEnd());
  const after = gold.slice(at + 3);
  if (/^\s*\d/.test(after) || /^\s*\^/.test(after)) return undefined;
  return `${gold.slice(0, at)}${isFactor ? '' : '1'}${after}`;
};

const lostRadical: NearMiss = (gold) => {
  const found = /\\sqrt\s*(?:\{(\d+)\}|(\d))/.exec(gold);
  const inside = found?.[1] ?? found?.[2];
  if (!found || canHide(gold) || inside === undefined || BigInt(inside) < 2n) return undefined;
  return `${gold.slice(0, found.index)}(${inside})${gold.slice(found.index + found[0].length)}`;
};

const turnedOver: NearMiss = (gold) => {
  const part = simpleFraction(gold);
  if (!part || BigInt(part.top) === 0n || BigInt(part.top) === BigInt(part.bottom)) return undefined;
  return `${part.sign}\\frac{${part.bottom}}{${part.top}}`;
};

const lostWhole: NearMiss = (gold) => {
  const mixed = mixedNumber(gold);
  return mixed && BigInt(mixed.whole) > 0n ? `${mixed.sign}\\frac{${mixed.top}}{${mixed.bottom}}` : undefined;
};

/** Two expressions that are surely not equal: different values, or texts of different letters. */
function surelyDiffer(a: string, b: string): boolean {
  const [left, right] = [valueIn(a), valueIn(b)];
  if (left && right) return left.numerator !== right.numerator || left.denominator !== right.denominator;
  const letters = (text: string) => text.replace(/\\left|\\right|[^A-Za-z\\]/g, '');
  return letters(a) !== letters(b) || Math.abs(a.length - b.length) > 4;
}

const swappedCoordinates: NearMiss = (gold) => {
  const row = point(gold);
  if (!row) return undefined;
  const at = row.findIndex((element, index) => index > 0 && surelyDiffer(row[index - 1]!, element));
  if (at < 1) return undefined;
  const swapped = row.with(at - 1, row[at]!).with(at, row[at - 1]!);
  return `(${swapped.join(', ')})`;
};

const otherBracket = (side: 'open' | 'close'): NearMiss => {
  return (gold) => {
    const row = interval(gold);
    const [low, high] = row ? [valueIn(row.elements[0]!), valueIn(row.elements[1]!)] : [];
    if (!row || /\\infty/.test(row.elements[side === 'open' ? 0 : 1]!)) return undefined;
    // an empty or one-point interval may not notice
    if (low && high && low.numerator * high.denominator >= high.numerator * low.denominator) return undefined;
    const [open, close] =
      side === 'open' ? [row.open === '(' ? '[' : '(', row.close] : [row.open, row.close === ')' ? ']' : ')'];
    return `${open}${row.elements.join(', ')}${close}`;
  };
};

const elementsOf = (
  gold: string,
): { readonly elements: readonly string[]; write(elements: readonly string[]): string } | undefined => {
  const set = setElements(gold);
  if (set && set.length >= 2) return { elements: set, write: (elements) => `\\{${elements.join(', ')}\\}` };
  const list = listElements(gold);
  if (list) return { elements: list, write: (elements) => elements.join(', ') };
  const row = point(gold);
  return row && row.length >= 3 ? { elements: row, write: (elements) => `(${elements.join(', ')})` } : undefined;
};

/** Without its first element whose value no other element has. */
const oneDropped: NearMiss = (gold) => {
  const found = elementsOf(gold);
  const isOrdered = point(gold) !== undefined;
  const at = found?.elements.findIndex(
    (element, index) =>
      isOrdered || found.elements.every((other, place) => place === index || surelyDiffer(element, other)),
  );
  return found && at !== undefined && at >= 0 ? found.write(found.elements.toSpliced(at, 1)) : undefined;
};

const oneAdded: NearMiss = (gold) => {
  const found = elementsOf(gold);
  return found?.write([...found.elements, '98765']);
};

const NEAR_MISSES: Readonly<Record<string, NearMiss>> = {
  'sign flipped': signFlipped,
  'one more': lastPlace(1n),
  'one less': lastPlace(-1n),
  'exponent one more': exponent(1),
  'exponent one less': exponent(-1),
  'ten times': (gold) => (isInteger(gold) && BigInt(gold) !== 0n ? `${gold}0` : undefined),
  'decimal point moved': (gold) => (/^-?\d+\.\d{2,}$/.test(gold) ? gold.replace(/\.(\d)/, '$1.') : undefined),
  'factor lost': lostFactor,
  'pi lost': lostPi,
  'radical lost': lostRadical,
  'turned over': turnedOver,
  'whole part lost': lostWhole,
  'coordinates swapped': swappedCoordinates,
  'left bracket changed': otherBracket('open'),
  'right bracket changed': otherBracket('close'),
  'one element dropped': oneDropped,
  'one element added': oneAdded,
  'equation reversed in sign': (gold) => {
    const sides = equation(gold);
    const isProduct = sides && /^[A-Za-z]$/.test(sides[0]) && isExpression(sides[1]) && sides[1] !== '0';
    return isProduct ? `${sides[0]} = -(${sides[1]})` : undefined;
  },
  'one more beside it': (gold) =>
    valueIn(gold) && bracketed(gold) === undefined ? `${gold} \\text{ or } 98765` : undefined,
  'imaginary unit added': (gold) => (isInteger(gold) && BigInt(gold) !== 0n ? `${gold}i` : undefined),
  'other base': (gold) => (/^[1-9]\d+$/.test(gold) ? `${gold}_{11}` : undefined),
  'inequality made strict': (gold) => {
    const found = /^([a-z]) *\\(ge|le|geq|leq|geqslant|leqslant) *(-?\d+)$/.exec(gold);
    return found ? `${found[1]} ${found[2]!.startsWith('g') ? '>' : '<'} ${found[3]}` : undefined;
  },
  'inequality the other way': (gold) =>
    /^[a-z] *\\(?:ge|le)(?:q|qslant)? *-?\d+$/.test(gold)
      ? gold.replace(/\\(ge|le)/, (_, way) => (way === 'ge' ? '\\le' : '\\ge'))
      : undefined,
  'next base': (gold) => {
    const found = /^(\d{2,})_\{?(\d)\}?$/.exec(gold);
    return found && !/^0/.test(gold) ? `${found[1]}_{${Number(found[2]) + 1}}` : undefined;
  },
  'last digit of a number with a base': (gold) => {
    const found = /^(\d*)(\d)(_\{?\d\}?)$/.exec(gold);
    return found ? `${found[1]}${found[2] === '0' ? '1' : '0'}${found[3]}` : undefined;
  },
  'other unit': (gold) =>
    /\\(?:text|mbox)\{\s*(?:cm|inches|cents|degrees)\s*\}/.test(gold)
      ? gold.replace(/cm|inches|cents|degrees/, 'km')
      : undefined,
  'other word': (gold) => (words(gold) ? '\\text{Zanzibar}' : undefined),
  'other letter': (gold) => {
    const name = letter(gold);
    return name && `\\text{(${name === 'A' ? 'B' : 'A'})}`;
  },
  nothing: () => '',
  'a question mark': () => '?',
};

/** Every near-miss that applies to this gold, in a box. */
export function nearMisses(gold: string): Mutation[] {
  const text = bare(gold);
  return Object.entries(NEAR_MISSES).flatMap(([name, miss]) => {
    const answer = miss(text);
    return answer === undefined ? [] : [{ name, answer: `The result is $\\boxed{${answer}}$.`, expected: 0 as const }];
  });
}
