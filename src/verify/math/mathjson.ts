/**
 * Trees as MathJSON, the format of the compute engine, and back. Only what has one meaning on both sides crosses: a logarithm without a
 * base, a decimal that may be rounded, a condition or an error does not.
 */
import { Budget } from '../budget.ts';
import { formatRational } from '../rational.ts';
import type { Calculus } from './calculus.ts';
import { decimalValue } from './canonical.ts';
import type { Expression } from './expression.ts';
import { functionName } from './function-names.ts';
import { childrenOf, someNode } from './tree-key.ts';

type MathJson = number | string | { readonly num: string } | readonly [string, ...MathJson[]];

/** Our names of functions of one operand, and theirs. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  cot: 'Cot',
  sec: 'Sec',
  csc: 'Csc',
  arcsin: 'Arcsin',
  arccos: 'Arccos',
  arctan: 'Arctan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  tanh: 'Tanh',
  arcsinh: 'Arsinh',
  arccosh: 'Arcosh',
  arctanh: 'Artanh',
  ln: 'Ln',
  exp: 'Exp',
};
const FUNCTIONS_BACK = new Map(Object.entries(FUNCTIONS).map(([ours, theirs]) => [theirs, ours]));

const CONSTANTS: Readonly<Record<string, string>> = { pi: 'Pi', e: 'ExponentialE' };

/** Longer numbers could make the library build numbers that no heap holds. */
const MAX_DIGITS = 6;

/** Their names of our letters: theirs have meanings (`D`, `N`, `e`), ours have braces. */
export class LetterNames {
  readonly #letters: string[] = [];

  nameOf(letter: string): string {
    if (!this.#letters.includes(letter)) this.#letters.push(letter);
    return `letter${this.#letters.indexOf(letter)}`;
  }

  letterOf(name: string): string | undefined {
    return this.#letters[Number(/^letter(\d+)$/.exec(name)?.[1] ?? -1)];
  }
}

/** `undefined` where a part has no counterpart, or numbers alone could grow without bound (9^{9^9}). */
export function calculusJson(part: Calculus, names: LetterNames): MathJson | undefined {
  const of = (e: Expression) => toMathJson(e, names);
  const body = of(part.body);
  if (body === undefined) return undefined;
  if (part.kind === 'limit') {
    const to = of(part.to);
    return to === undefined ? undefined : ['Limit', ['Function', body, names.nameOf(part.variable)], to];
  }
  const [low, high] = [of(part.low), of(part.high)];
  if (low === undefined || high === undefined) return undefined;
  if (part.kind === 'integral') {
    const letter = names.nameOf(part.variable);
    return ['Integrate', ['Function', body, letter], ['Limits', letter, low, high]];
  }
  return [part.operation === 'sum' ? 'Sum' : 'Product', body, ['Limits', names.nameOf(part.index), low, high]];
}

function toMathJson(e: Expression, names: LetterNames): MathJson | undefined {
  const apply = (name: string, operands: readonly Expression[]): MathJson | undefined => {
    const parts = operands.map((operand) => toMathJson(operand, names));
    return parts.includes(undefined) ? undefined : [name, ...(parts as MathJson[])];
  };
  switch (e.kind) {
    case 'number':
      return numberJson(e.digits, e.repeating);
    case 'symbol':
      if (e.name === 'infinity') return 'PositiveInfinity';
      if (e.name === 'i' || e.name === 'dots' || e.name === 'emptyset') return undefined;
      return CONSTANTS[e.name] ?? names.nameOf(e.name);
    case 'sum':
      return apply('Add', e.terms);
    case 'product':
      return apply('Multiply', e.factors);
    case 'quotient':
      return apply('Divide', [e.numerator, e.denominator]);
    case 'negation':
      if (e.operand.kind === 'symbol' && e.operand.name === 'infinity') return 'NegativeInfinity';
      return apply('Negate', [e.operand]);
    case 'power':
      return isTower(e.exponent) ? undefined : apply('Power', [e.base, e.exponent]);
    case 'root':
      return e.degree ? apply('Root', [e.radicand, e.degree]) : apply('Sqrt', [e.radicand]);
    case 'factorial':
      return hasLetters(e.operand) ? apply('Factorial', [e.operand]) : undefined;
    case 'absolute':
      return apply('Abs', [e.operand]);
    case 'call': {
      const name = functionName(e.name);
      if (name === 'log' && e.subscript) return apply('Log', [...e.operands, e.subscript]);
      const theirs = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
      if (name === 'binomial' && e.operands.length === 2) return apply('Binomial', e.operands);
      return theirs && !e.subscript && e.operands.length === 1 ? apply(theirs, e.operands) : undefined;
    }
    default:
      return undefined;
  }
}

function numberJson(digits: string, repeating: string | undefined): MathJson | undefined {
  if (digits.length + (repeating?.length ?? 0) > MAX_DIGITS) return undefined;
  const [top = '0', bottom] = formatRational(decimalValue(digits, repeating, new Budget(1000))).split('/');
  return bottom === undefined ? Number(top) : ['Rational', Number(top), Number(bottom)];
}

/** Powers or factorials of numbers alone in an exponent. */
function isTower(exponent: Expression): boolean {
  return someNode(
    exponent,
    (node) => (node.kind === 'power' || node.kind === 'factorial') && !childrenOf(node).some(hasLetters),
  );
}

function hasLetters(e: Expression): boolean {
  return someNode(e, (node) => node.kind === 'symbol' && !Object.hasOwn(CONSTANTS, node.name));
}

/** `undefined` for whatever is not an exact number or formula: the library's own words for undecided, conditions, errors, rounded numbers. */
export function fromMathJson(json: unknown, names: LetterNames): Expression | undefined {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? integer(`${json}`) : undefined;
  if (typeof json === 'string') return symbolOf(json, names);
  if (Array.isArray(json)) return applied(json, names);
  const { num } = (json ?? {}) as { readonly num?: unknown };
  return typeof num === 'string' && /^-?\d{1,400}$/.test(num) ? integer(num) : undefined;
}

function integer(digits: string): Expression {
  return digits.startsWith('-')
    ? { kind: 'negation', operand: { kind: 'number', digits: digits.slice(1) } }
    : { kind: 'number', digits };
}

function symbolOf(name: string, names: LetterNames): Expression | undefined {
  const ours = Object.keys(CONSTANTS).find((key) => CONSTANTS[key] === name) ?? names.letterOf(name);
  return ours === undefined ? undefined : { kind: 'symbol', name: ours };
}

function applied([head, ...parts]: readonly unknown[], names: LetterNames): Expression | undefined {
  const operands: Expression[] = [];
  for (const part of parts) {
    const operand = fromMathJson(part, names);
    if (!operand) return undefined;
    operands.push(operand);
  }
  const [x, y] = operands;
  if (!x || typeof head !== 'string') return undefined;
  const single = operands.length === 1;
  const pair = operands.length === 2 && y !== undefined;
  switch (head) {
    case 'Add':
      return { kind: 'sum', terms: operands };
    case 'Multiply':
      return { kind: 'product', factors: operands };
    case 'Subtract':
      return pair ? { kind: 'sum', terms: [x, { kind: 'negation', operand: y }] } : undefined;
    case 'Divide':
    case 'Rational':
      return pair ? { kind: 'quotient', numerator: x, denominator: y } : undefined;
    case 'Power':
      return pair ? { kind: 'power', base: x, exponent: y } : undefined;
    case 'Root':
      return pair ? { kind: 'root', radicand: x, degree: y } : undefined;
    case 'Sqrt':
      return single ? { kind: 'root', radicand: x } : undefined;
    case 'Square':
      return single ? { kind: 'power', base: x, exponent: { kind: 'number', digits: '2' } } : undefined;
    case 'Negate':
      return single ? { kind: 'negation', operand: x } : undefined;
    case 'Abs':
      return single ? { kind: 'absolute', operand: x } : undefined;
    case 'Factorial':
      return single ? { kind: 'factorial', operand: x } : undefined;
    case 'Log':
      return pair ? { kind: 'call', name: 'log', operands: [x], subscript: y } : undefined;
    default: {
      const name = FUNCTIONS_BACK.get(head);
      return name !== undefined && single ? { kind: 'call', name, operands } : undefined;
    }
  }
}
