/**
 * Other ways to write the same answer, each equal to the gold by construction: a verifier must accept every one. A rewrite returns
 * `undefined` where it does not apply or where it cannot be sure.
 */
import {
  bare,
  equation,
  finiteDecimal,
  isExpression,
  isInteger,
  letter,
  listElements,
  setElements,
  splitTop,
  valueIn,
  words,
} from './gold-shape.ts';
import {
  changed,
  commutedProduct,
  commutedSum,
  decimalAsFraction,
  degreesOf,
  dollarsOf,
  exactDecimal,
  fractionAsSlash,
  grouped,
  improper,
  innerFractionAsSlash,
  intervalAsInequality,
  memberOf,
  mixed,
  named,
  number,
  ofValue,
  percentOf,
  quantityOf,
  type Rewrite,
  reversed,
  scientific,
  sizedBrackets,
  swappedSides,
  toZero,
  unionReversed,
  unpadded,
  withoutSpaces,
  withSpaces,
  withUnit,
} from './rewrite-forms.ts';

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
