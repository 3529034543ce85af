/**
 * Other ways to write the same answer, each equal to the gold by construction: a verifier must accept every one. A rewrite returns
 * `undefined` where it does not apply or where it cannot be sure.
 */
import {
  bare,
  bracketed,
  equation,
  finiteDecimal,
  interval,
  isExpression,
  isInteger,
  letter,
  listElements,
  mixedNumber,
  setElements,
  simpleFraction,
  splitTop,
  terms,
  valueIn,
  words,
} from './gold-shape.ts';

/** Gold without its dollar signs -> the answer's text, to be put in a box. */
type Rewrite = (gold: string) => string | undefined;

const hasText = (gold: string): boolean => /\\(?:text|mbox|mathrm|operatorname)/.test(gold);
const changed =
  (pattern: RegExp, replacement: string): Rewrite =>
  (gold) =>
    pattern.test(gold) ? gold.replaceAll(new RegExp(pattern.source, 'g'), replacement) : undefined;
const number = (gold: string) => (/^[-+]?\.?\d/.test(gold) || /^-?\\[dt]?frac/.test(gold) ? valueIn(gold) : undefined);
const unpadded = (gold: string): boolean => isInteger(gold) && !/^-?0\d/.test(gold);

/** Groups of three from the right: 1234567 -> 1,234,567. */
function grouped(separator: string): Rewrite {
  return (gold) => (unpadded(gold) && /\d{4}/.test(gold) ? gold.replace(/\B(?=(\d{3})+$)/g, separator) : undefined);
}

/** A letter that the gold does not use. */
const freeLetter = (gold: string): string | undefined => ['x', 'y', 'n', 'k'].find((name) => !gold.includes(name));

const improper: Rewrite = (gold) => {
  const mixed = mixedNumber(gold);
  if (!mixed) return undefined;
  const top = BigInt(mixed.whole) * BigInt(mixed.bottom) + BigInt(mixed.top);
  return `${mixed.sign}\\frac{${top}}{${mixed.bottom}}`;
};

const mixed: Rewrite = (gold) => {
  const part = simpleFraction(gold);
  if (!part) return undefined;
  const [top, bottom] = [BigInt(part.top), BigInt(part.bottom)];
  if (bottom === 0n || top < bottom || top % bottom === 0n) return undefined;
  return `${part.sign}${top / bottom}\\frac{${top % bottom}}{${bottom}}`;
};

const commutedSum: Rewrite = (gold) => {
  const parts = terms(gold)?.toReversed();
  return parts
    ?.map((part, index) => (index > 0 && /^[^+-]/.test(part) ? `+ ${part}` : part))
    .join(' ')
    .replace(/^\+/, '');
};

const commutedProduct: Rewrite = (gold) => {
  const found = /^(-?)(\d+)\s*(\\sqrt\{[^{}]+\}|\\sqrt\d|\\pi)$/.exec(gold);
  return found ? `${found[1]}${found[3]} \\cdot ${found[2]}` : undefined;
};

const fractionAsSlash: Rewrite = (gold) => {
  const part = simpleFraction(gold);
  if (part) return `${part.sign}${part.top}/${part.bottom}`;
  const row = bracketed(gold);
  if (!row?.elements.some((element) => simpleFraction(element))) return undefined;
  return `${row.open}${row.elements.map((element) => fractionAsSlash(element) ?? element).join(', ')}${row.close}`;
};

/** Fractions of whole numbers anywhere in an expression, in parentheses. */
const innerFractionAsSlash: Rewrite = (gold) => {
  if (!isExpression(gold) || simpleFraction(gold)) return undefined;
  const pattern = /(?<![\w^]\s*)\\[dt]?frac\{(\d+)\}\{(\d+)\}/;
  return pattern.test(gold) && !/^-?\d+\s*\\[dt]?frac/.test(gold)
    ? gold.replaceAll(new RegExp(pattern.source, 'g'), '($1/$2)')
    : undefined;
};

const exactDecimal: Rewrite = (gold) => {
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

const decimalAsFraction: Rewrite = (gold) => {
  if (!/^-?\d*\.\d+$/.test(gold)) return undefined;
  const value = valueIn(gold);
  if (!value) return undefined;
  const { numerator, denominator } = value;
  return `${numerator < 0n ? '-' : ''}\\frac{${numerator < 0n ? -numerator : numerator}}{${denominator}}`;
};

const withoutSpaces: Rewrite = (gold) => {
  if (hasText(gold) || /\d\s+\d|[A-Za-z]\s+[A-Za-z]|\\\s/.test(gold)) return undefined;
  const dense = gold.replace(/(\\[A-Za-z]+)\s+(?=[A-Za-z])|\s+/g, (_, command) => (command ? `${command} ` : ''));
  return dense === gold ? undefined : dense;
};

const withSpaces: Rewrite = (gold) => {
  if (hasText(gold) || /[A-Za-z]\(\d|\d\s*,\s*(?:\\!|\d{3})|\{,\}|\d[eE]|-?\.\/|^-?\d/.test(gold)) return undefined;
  const loose = gold
    .replace(/(?<!\\left|\\right)([,=+()])/g, ' $1 ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return loose === gold ? undefined : loose;
};

const sizedBrackets: Rewrite = (gold) => {
  if (hasText(gold) || /\\left|\\right|\\sqrt\s*\[|\\big/.test(gold) || !/[([]/.test(gold)) return undefined;
  const count = (of: RegExp) => gold.match(of)?.length ?? 0;
  if (count(/[([]/g) !== count(/[)\]]/g)) return undefined;
  return gold.replace(/[([]/g, '\\left$&').replace(/[)\]]/g, '\\right$&');
};

const reversed: Rewrite = (gold) => {
  const set = setElements(gold);
  if (set && set.length >= 2) return `\\{${set.toReversed().join(', ')}\\}`;
  // a \pm pair keeps its own order; a name in front belongs to one element
  const list = listElements(gold);
  return list && !/=/.test(gold) ? list.toReversed().join(', ') : undefined;
};

const unionReversed: Rewrite = (gold) => {
  const parts = gold.split('\\cup').map((part) => part.trim());
  return parts.length === 2 &&
    !/[=]|\\in(?![a-z])|\.$/.test(gold) &&
    parts.every((part) => /^\s*(?:\\left)?[([\\]/.test(part))
    ? parts.toReversed().join(' \\cup ')
    : undefined;
};

const intervalAsInequality: Rewrite = (gold) => {
  const row = interval(gold);
  if (!row) return undefined;
  const [low, high] = row.elements as [string, string];
  const isBounded = (end: string) => !/\\infty/.test(end);
  const [left, right] = [row.open === '[' ? '\\le' : '<', row.close === ']' ? '\\le' : '<'];
  if (isBounded(low) && isBounded(high)) return `${low} ${left} x ${right} ${high}`;
  if (isBounded(low)) return `x ${row.open === '[' ? '\\ge' : '>'} ${low}`;
  return isBounded(high) ? `x ${right} ${high}` : undefined;
};

const scientific: Rewrite = (gold) => {
  const found = /^([-+]?\d*\.?\d+)[eE]([-+]?\d+)$/.exec(gold);
  return found ? `${found[1]} \\times 10^{${Number(found[2])}}` : undefined;
};

const named: Rewrite = (gold) => {
  const list = listElements(gold);
  if (list) return list.every((each) => number(each)) ? list.map((each) => `x = ${each}`).join(', ') : undefined;
  const name = freeLetter(gold);
  return name && (number(gold) || isExpression(gold)) ? `${name} = ${gold}` : undefined;
};

const memberOf: Rewrite = (gold) => (interval(gold) ? `x \\in ${gold}` : undefined);

const swappedSides: Rewrite = (gold) => {
  const sides = equation(gold);
  return sides && `${sides[1]} = ${sides[0]}`;
};

const toZero: Rewrite = (gold) => {
  const sides = equation(gold);
  if (!sides || sides[1] === '0' || !/^y$/.test(sides[0]) || !isExpression(sides[1])) return undefined;
  return `${sides[0]} - (${sides[1]}) = 0`;
};

const percentOf = (gold: string): string | undefined => /^(-?\d+(?:\.\d+)?)\s*\\?%$/.exec(gold)?.[1];
const degreesOf = (gold: string): string | undefined =>
  /^(-?[\d.]+)\s*\^\s*(?:\{\s*\\circ\s*\}|\\circ)$/.exec(gold)?.[1];
const dollarsOf = (gold: string): string | undefined => /^\\\$(\d[\d.]*)$/.exec(gold)?.[1];
/** `15` of `15\mbox{ cm}^2`. */
const quantityOf = (gold: string): string | undefined =>
  /^(-?[\d.]+)\s*\\(?:text|mbox)\{\s*(?:cm|m|km|inches|cents|degrees)\s*\}(?:\^\{?\d\}?)?$/.exec(gold)?.[1];
const withUnit =
  (unit: string): Rewrite =>
  (gold) =>
    number(gold) && !mixedNumber(gold) ? `${gold}${unit}` : undefined;
const ofValue = (
  value: (gold: string) => string | undefined,
  write: (value: string) => string | undefined,
): Rewrite => {
  return (gold) => {
    const found = value(gold);
    return found === undefined ? undefined : write(found);
  };
};

const REWRITES: Readonly<Record<string, Rewrite>> = {
  identity: (gold) => gold,
  dfrac: changed(/\\frac(?![a-z])/, '\\dfrac'),
  tfrac: changed(/\\d?frac(?![a-z])/, '\\tfrac'),
  'fraction with a slash': fractionAsSlash,
  'inner fraction with a slash': innerFractionAsSlash,
  'exact decimal': exactDecimal,
  'decimal as a fraction': decimalAsFraction,
  'decimal with one more zero': (gold) => (/^-?\d*\.\d+$/.test(gold) ? `${gold}0` : undefined),
  'decimal with a zero before the point': (gold) => (/^-?\.\d+$/.test(gold) ? gold.replace('.', '0.') : undefined),
  'point zero': (gold) => (isInteger(gold) ? `${gold}.0` : undefined),
  'two zeros after the point': (gold) => (isInteger(gold) ? `${gold}.00` : undefined),
  'thousands with commas': grouped(','),
  'thousands with braced commas': grouped('{,}'),
  'thousands with thin spaces': grouped('\\,'),
  'thousands with tight commas': grouped(',\\!'),
  'without thousands separators': (gold) =>
    /^-?\d{1,3}(,(\\!\s*)?\d{3})+$/.test(gold) ? gold.replace(/,(\\!\s*)?/g, '') : undefined,
  'zeros in front': (gold) => (isInteger(gold) ? gold.replace(/\d/, '00$&') : undefined),
  'no zeros in front': (gold) => (/^-?0+[1-9]\d*$/.test(gold) ? gold.replace(/0+/, '') : undefined),
  'plus sign': (gold) => (/^[\d.]/.test(gold) && number(gold) ? `+${gold}` : undefined),
  'over one': (gold) => (unpadded(gold) ? `\\frac{${gold}}{1}` : undefined),
  'twice over two': (gold) => (unpadded(gold) ? `\\frac{${2n * BigInt(gold)}}{2}` : undefined),
  'mixed number': mixed,
  'improper fraction': improper,
  'with a name': named,
  'without its name': (gold) => {
    const sides = equation(gold);
    return sides && /^[a-z](?:\(x\))?$/.test(sides[0]) && (number(sides[1]) || isExpression(sides[1]))
      ? sides[1]
      : undefined;
  },
  'member of': memberOf,
  'unit in text': withUnit('\\text{ cm}'),
  'square unit in text': withUnit(' \\text{ m}^2'),
  'unit in mathrm': withUnit('\\,\\mathrm{kg}'),
  'plain word of a unit': withUnit(' units'),
  'commuted sum': commutedSum,
  'commuted product': commutedProduct,
  'scientific notation': scientific,
  'braces around': (gold) => `{${gold}}`,
  'spaces around': (gold) => `  ${gold} `,
  'thin spaces around': (gold) => `\\, ${gold} \\;`,
  'display style': (gold) => `\\displaystyle ${gold}`,
  'dollar signs inside': (gold) => `$${gold}$`,
  'full stop inside': (gold) => (/[.!]$/.test(gold) ? undefined : `${gold}.`),
  'without spaces': withoutSpaces,
  'with spaces': withSpaces,
  'sized brackets': sizedBrackets,
  'unsized brackets': (gold) =>
    /\\(?:left|right)\s*\\?[.|]/.test(gold) ? undefined : changed(/\\(?:left|right)(?![a-z])\s*/, '')(gold),
  'other order': reversed,
  'list as a set': ofValue(
    (gold) => (/=|\\pm/.test(gold) ? undefined : listElements(gold)?.join(', ')),
    (list) => `\\{${list}\\}`,
  ),
  'set as a list': ofValue(
    (gold) => setElements(gold)?.join(', '),
    (list) => list,
  ),
  'list with and': (gold) => {
    const list = /=/.test(gold) ? undefined : listElements(gold);
    return list && `${list.slice(0, -1).join(', ')} \\text{ and } ${list.at(-1)}`;
  },
  'union in other order': unionReversed,
  'interval as an inequality': intervalAsInequality,
  'inequality turned round': (gold) => {
    const found = /^([a-z]) *\\(ge|le|geq|leq) *(-?\d+)$/.exec(gold);
    return found ? `${found[3]} \\${found[2]!.startsWith('g') ? 'le' : 'ge'} ${found[1]}` : undefined;
  },
  'inequality of Unicode': (gold) =>
    /\\[gl]eq?(?![a-z])/.test(gold)
      ? gold.replace(/\\geq?(?![a-z])/g, '≥').replace(/\\leq?(?![a-z])/g, '≤')
      : undefined,
  'plus infinity': (gold) => (/,\s*\\infty/.test(gold) ? gold.replace(/,\s*\\infty/g, ', +\\infty') : undefined),
  'swapped sides': swappedSides,
  'all on one side': toZero,
  'either sign written out': (gold) => {
    const found = /^(.*?)\\pm(.*)$/.exec(gold);
    return found &&
      isExpression(found[1]!.trim() || '0') &&
      isExpression(found[2]!.trim()) &&
      splitTop(gold, () => false)
      ? `${found[1]} + ${found[2]}, ${found[1]} - ${found[2]}`
      : undefined;
  },
  'brackets for a matrix': changed(/\{pmatrix\}/, '{bmatrix}'),
  'parentheses for a matrix': changed(/\{bmatrix\}/, '{pmatrix}'),
  'percent sign in text': ofValue(percentOf, (value) => `${value}\\text{ percent}`),
  'percent as a decimal': ofValue(percentOf, (value) => {
    const exact = valueIn(value);
    return exact && finiteDecimal({ numerator: exact.numerator, denominator: exact.denominator * 100n });
  }),
  'percent sign dropped': ofValue(percentOf, (value) => value),
  'degrees in words': ofValue(degreesOf, (value) => `${value}\\text{ degrees}`),
  'degree sign dropped': ofValue(degreesOf, (value) => value),
  'degree sign of Unicode': ofValue(degreesOf, (value) => `${value}°`),
  'dollar dropped': ofValue(dollarsOf, (value) => value),
  'dollars in words': ofValue(dollarsOf, (value) => `${value} \\text{ dollars}`),
  'root with braces': changed(/\\sqrt(\d)/, '\\sqrt{$1}'),
  'root as a power': (gold) => {
    const found = /^\\sqrt\{(\d+)\}$/.exec(gold);
    return found ? `${found[1]}^{1/2}` : undefined;
  },
  'minus of Unicode': (gold) => (/^-\d+$/.test(gold) ? gold.replace('-', '−') : undefined),
  'unit dropped': ofValue(quantityOf, (value) => value),
  'unit in mathrm instead': (gold) => (quantityOf(gold) ? gold.replace(/\\(?:text|mbox)/, '\\mathrm') : undefined),
  'unit as plain words': (gold) => (quantityOf(gold) ? gold.replace(/\\(?:text|mbox)\s*\{([^}]*)\}/, '$1') : undefined),
  'braces around the base': (gold) => (/^\d+_\d$/.test(gold) ? gold.replace(/_(\d)$/, '_{$1}') : undefined),
  'no braces around the base': (gold) => (/^\d+_\{\d\}$/.test(gold) ? gold.replace(/[{}]/g, '') : undefined),
  'words alone': ofValue(words, (text) => text),
  'words in bold': ofValue(words, (text) => `\\textbf{${text}}`),
  'words in lower case': ofValue(words, (text) => `\\text{${text.toLowerCase()}}`),
  'letter alone': ofValue(letter, (name) => name),
  'letter in text': ofValue(letter, (name) => `\\text{${name}}`),
  'letter in parentheses': ofValue(letter, (name) => `(${name})`),
  'letter in bold': ofValue(letter, (name) => `\\textbf{(${name})}`),
};

/** Where the answer stands: each takes the gold's text without dollar signs. */
const SETTINGS: Readonly<Record<string, Rewrite>> = {
  'as it is': (gold) => gold,
  'a box in a sentence': (gold) => `Adding the two cases gives $\\boxed{${gold}}$.`,
  'a box on display': (gold) => `Therefore\n\\[\n\\boxed{${gold}}.\n\\]\nThis uses all 3 conditions.`,
  'a box, corrected': (gold) => `At first \\boxed{987654321}. Wait, that counts each pair twice: \\boxed{${gold}}`,
  dollars: (gold) => `$${gold}$`,
  'double dollars': (gold) => `$$${gold}$$`,
  'round delimiters': (gold) => `\\(${gold}\\)`,
  'square delimiters': (gold) => `\\[${gold}\\]`,
  'Answer:': (gold) => `There are 3 cases.\n\nAnswer: ${gold}`,
  'Answer: in bold': (gold) => `There are 3 cases.\n\n**Answer:** $${gold}$`,
  'the final answer is': (gold) => `There are 3 cases. The final answer is $${gold}$.`,
  'the final answer is, boxed': (gold) => `Final Answer: The final answer is $\\boxed{${gold}}$. I hope it is correct.`,
  'four hashes': (gold) => (/^-?[\d.,]+$/.test(gold) ? `3 * 4 = 12\n#### ${gold}` : undefined),
};

export interface Mutation {
  readonly name: string;
  /** A completion, or a bare answer. */
  readonly answer: string;
  readonly expected: 0 | 1;
}

/** Every rewrite that applies to this gold. */
export function rewrites(gold: string): Mutation[] {
  const text = bare(gold);
  const collect = (table: Readonly<Record<string, Rewrite>>, dress: (answer: string) => string): Mutation[] =>
    Object.entries(table).flatMap(([name, rewrite]) => {
      const answer = rewrite(text);
      return answer === undefined ? [] : [{ name, answer: dress(answer), expected: 1 as const }];
    });
  return [
    ...collect(REWRITES, (answer) => `The result is $\\boxed{${answer}}$.`),
    ...collect(SETTINGS, (answer) => answer),
  ];
}
