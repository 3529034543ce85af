/** How one form of a gold becomes another: the functions behind `rewrites.ts`, each equal by construction or `undefined`. */
import {
  bracketed,
  equation,
  finiteDecimal,
  interval,
  isExpression,
  isInteger,
  listElements,
  mixedNumber,
  setElements,
  simpleFraction,
  terms,
  valueIn,
} from './gold-shape.ts';

/** Gold without its dollar signs -> the answer's text, to be put in a box. */
export type Rewrite = (gold: string) => string | undefined;

const hasText = (gold: string): boolean => /\\(?:text|mbox|mathrm|operatorname)/.test(gold);
export const changed =
  (pattern: RegExp, replacement: string): Rewrite =>
  (gold) =>
    pattern.test(gold) ? gold.replaceAll(new RegExp(pattern.source, 'g'), replacement) : undefined;
export const number = (gold: string) =>
  /^[-+]?\.?\d/.test(gold) || /^-?\\[dt]?frac/.test(gold) ? valueIn(gold) : undefined;
export const unpadded = (gold: string): boolean => isInteger(gold) && !/^-?0\d/.test(gold);

/** Groups of three from the right: 1234567 -> 1,234,567. */
export function grouped(separator: string): Rewrite {
  return (gold) => (unpadded(gold) && /\d{4}/.test(gold) ? gold.replace(/\B(?=(\d{3})+$)/g, separator) : undefined);
}

/** A letter that the gold does not use. */
const freeLetter = (gold: string): string | undefined => ['x', 'y', 'n', 'k'].find((name) => !gold.includes(name));

export const improper: Rewrite = (gold) => {
  const mixed = mixedNumber(gold);
  if (!mixed) return undefined;
  const top = BigInt(mixed.whole) * BigInt(mixed.bottom) + BigInt(mixed.top);
  return `${mixed.sign}\\frac{${top}}{${mixed.bottom}}`;
};

export const mixed: Rewrite = (gold) => {
  const part = simpleFraction(gold);
  if (!part) return undefined;
  const [top, bottom] = [BigInt(part.top), BigInt(part.bottom)];
  if (bottom === 0n || top < bottom || top % bottom === 0n) return undefined;
  return `${part.sign}${top / bottom}\\frac{${top % bottom}}{${bottom}}`;
};

export const commutedSum: Rewrite = (gold) => {
  const parts = terms(gold)?.toReversed();
  return parts
    ?.map((part, index) => (index > 0 && /^[^+-]/.test(part) ? `+ ${part}` : part))
    .join(' ')
    .replace(/^\+/, '');
};

export const commutedProduct: Rewrite = (gold) => {
  const found = /^(-?)(\d+)\s*(\\sqrt\{[^{}]+\}|\\sqrt\d|\\pi)$/.exec(gold);
  return found ? `${found[1]}${found[3]} \\cdot ${found[2]}` : undefined;
};

export const fractionAsSlash: Rewrite = (gold) => {
  const part = simpleFraction(gold);
  if (part) return `${part.sign}${part.top}/${part.bottom}`;
  const row = bracketed(gold);
  if (!row?.elements.some((element) => simpleFraction(element))) return undefined;
  return `${row.open}${row.elements.map((element) => fractionAsSlash(element) ?? element).join(', ')}${row.close}`;
};

/** Fractions of whole numbers anywhere in an expression, in parentheses. */
export const innerFractionAsSlash: Rewrite = (gold) => {
  if (!isExpression(gold) || simpleFraction(gold)) return undefined;
  const pattern = /(?<![\w^]\s*)\\[dt]?frac\{(\d+)\}\{(\d+)\}/;
  return pattern.test(gold) && !/^-?\d+\s*\\[dt]?frac/.test(gold)
    ? gold.replaceAll(new RegExp(pattern.source, 'g'), '($1/$2)')
    : undefined;
};

export const exactDecimal: Rewrite = (gold) => {
  const row = bracketed(gold);
  if (row) {
    const decimals = row.elements.map((element) => (simpleFraction(element) ? exactDecimal(element) : undefined));
    if (decimals.every((decimal) => decimal === undefined)) return undefined;
    return `${row.open}${row.elements.map((element, index) => decimals[index] ?? element).join(', ')}${row.close}`;
  }
  if (!simpleFraction(gold) && !mixedNumber(gold)) return undefined;
  const value = valueIn(gold);
  return value && finiteDecimal(value);
};

export const decimalAsFraction: Rewrite = (gold) => {
  if (!/^-?\d*\.\d+$/.test(gold)) return undefined;
  const value = valueIn(gold);
  if (!value) return undefined;
  const { numerator, denominator } = value;
  return `${numerator < 0n ? '-' : ''}\\frac{${numerator < 0n ? -numerator : numerator}}{${denominator}}`;
};

export const withoutSpaces: Rewrite = (gold) => {
  if (hasText(gold) || /\d\s+\d|[A-Za-z]\s+[A-Za-z]|\\\s/.test(gold)) return undefined;
  const dense = gold.replace(/(\\[A-Za-z]+)\s+(?=[A-Za-z])|\s+/g, (_, command) => (command ? `${command} ` : ''));
  return dense === gold ? undefined : dense;
};

export const withSpaces: Rewrite = (gold) => {
  if (hasText(gold) || /[A-Za-z]\(\d|\d\s*,\s*(?:\\!|\d{3})|\{,\}|\d[eE]|-?\.\/|^-?\d/.test(gold)) return undefined;
  const loose = gold
    .replace(/(?<!\\left|\\right)([,=+()])/g, ' $1 ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return loose === gold ? undefined : loose;
};

export const sizedBrackets: Rewrite = (gold) => {
  if (hasText(gold) || /\\left|\\right|\\sqrt\s*\[|\\big/.test(gold) || !/[([]/.test(gold)) return undefined;
  const count = (of: RegExp) => gold.match(of)?.length ?? 0;
  if (count(/[([]/g) !== count(/[)\]]/g)) return undefined;
  return gold.replace(/[([]/g, '\\left$&').replace(/[)\]]/g, '\\right$&');
};

export const reversed: Rewrite = (gold) => {
  const set = setElements(gold);
  if (set && set.length >= 2) return `\\{${set.toReversed().join(', ')}\\}`;
  // a \pm pair keeps its own order; a name in front belongs to one element
  const list = listElements(gold);
  return list && !/=/.test(gold) ? list.toReversed().join(', ') : undefined;
};

export const unionReversed: Rewrite = (gold) => {
  const parts = gold.split('\\cup').map((part) => part.trim());
  return parts.length === 2 &&
    !/[=]|\\in(?![a-z])|\.$/.test(gold) &&
    parts.every((part) => /^\s*(?:\\left)?[([\\]/.test(part))
    ? parts.toReversed().join(' \\cup ')
    : undefined;
};

export const intervalAsInequality: Rewrite = (gold) => {
  const row = interval(gold);
  if (!row) return undefined;
  const [low, high] = row.elements as [string, string];
  const isBounded = (end: string) => !/\\infty/.test(end);
  const [left, right] = [row.open === '[' ? '\\le' : '<', row.close === ']' ? '\\le' : '<'];
  if (isBounded(low) && isBounded(high)) return `${low} ${left} x ${right} ${high}`;
  if (isBounded(low)) return `x ${row.open === '[' ? '\\ge' : '>'} ${low}`;
  return isBounded(high) ? `x ${right} ${high}` : undefined;
};

export const scientific: Rewrite = (gold) => {
  const found = /^([-+]?\d*\.?\d+)[eE]([-+]?\d+)$/.exec(gold);
  return found ? `${found[1]} \\times 10^{${Number(found[2])}}` : undefined;
};

export const named: Rewrite = (gold) => {
  const list = listElements(gold);
  if (list) return list.every((each) => number(each)) ? list.map((each) => `x = ${each}`).join(', ') : undefined;
  const name = freeLetter(gold);
  return name && (number(gold) || isExpression(gold)) ? `${name} = ${gold}` : undefined;
};

export const memberOf: Rewrite = (gold) => (interval(gold) ? `x \\in ${gold}` : undefined);

export const swappedSides: Rewrite = (gold) => {
  const sides = equation(gold);
  return sides && `${sides[1]} = ${sides[0]}`;
};

export const toZero: Rewrite = (gold) => {
  const sides = equation(gold);
  if (!sides || sides[1] === '0' || !/^y$/.test(sides[0]) || !isExpression(sides[1])) return undefined;
  return `${sides[0]} - (${sides[1]}) = 0`;
};

export const percentOf = (gold: string): string | undefined => /^(-?\d+(?:\.\d+)?)\s*\\?%$/.exec(gold)?.[1];
export const degreesOf = (gold: string): string | undefined =>
  /^(-?[\d.]+)\s*\^\s*(?:\{\s*\\circ\s*\}|\\circ)$/.exec(gold)?.[1];
export const dollarsOf = (gold: string): string | undefined => /^\\\$(\d[\d.]*)$/.exec(gold)?.[1];
/** `15` of `15\mbox{ cm}^2`. */
export const quantityOf = (gold: string): string | undefined =>
  /^(-?[\d.]+)\s*\\(?:text|mbox)\{\s*(?:cm|m|km|inches|cents|degrees)\s*\}(?:\^\{?\d\}?)?$/.exec(gold)?.[1];
export const withUnit =
  (unit: string): Rewrite =>
  (gold) =>
    number(gold) && !mixedNumber(gold) ? `${gold}${unit}` : undefined;
export const ofValue = (
  value: (gold: string) => string | undefined,
  write: (value: string) => string | undefined,
): Rewrite => {
  return (gold) => {
    const found = value(gold);
    return found === undefined ? undefined : write(found);
  };
};
