/**
 * What a pair of formulas is made of, as far as testing at points needs it: which letters, which of them count something.
 */
import type { Expression } from './expression.ts';
import { functionName, isLetterFunction, isOpenDerivative } from './function-names.ts';
import { seriesOf, termAt } from './series.ts';
import { childrenOf } from './tree-key.ts';

export interface Letters {
  readonly names: ReadonlySet<string>;
  /** Letters inside a factorial, binomial or gcd, in the exponent of a negative number, or (n, m, k, j, p, q, r, N, M, K) under a floor: whole numbers. */
  readonly whole: ReadonlySet<string>;
  readonly hasI: boolean;
  /** A function that nothing is known of, such as an integral. */
  readonly hasUnknownFunction: boolean;
  /** Only + - * / and powers, no i, pi, e. */
  readonly isRational: boolean;
}

const CONSTANTS = new Set(['pi', 'e', 'i']);
const COUNTING = /^[nmkjpqrNMK](_.*)?$/;
const WHOLE_FUNCTIONS = new Set(['binomial', 'gcd', 'lcm', 'mod', 'doubleFactorial']);
const STEP_FUNCTIONS = new Set(['floor', 'ceil', 'round']);
const KNOWN_FUNCTIONS = new Set(
  (
    'sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch arcsinh arccosh arctanh ' +
    'ln log lg exp sqrt cbrt absolute floor ceil round max min sgn gcd lcm mod binomial doubleFactorial Re Im conjugate'
  ).split(' '),
);
const RATIONAL_KINDS = new Set(['number', 'symbol', 'sum', 'product', 'quotient', 'negation', 'power']);

export function lettersOf(expressions: readonly Expression[]): Letters {
  const names = new Set<string>();
  const whole = new Set<string>();
  let hasI = false;
  let hasUnknownFunction = false;
  let isRational = true;
  const walk = (e: Expression, mode: 'any' | 'step' | 'whole'): void => {
    if (!RATIONAL_KINDS.has(e.kind)) isRational = false;
    if (e.kind === 'symbol') {
      if (e.name === 'i') hasI = true;
      if (CONSTANTS.has(e.name)) {
        isRational = false;
        return;
      }
      names.add(e.name);
      if (mode === 'whole' || (mode === 'step' && COUNTING.test(e.name))) whole.add(e.name);
      return;
    }
    if (e.kind === 'power') {
      walk(e.base, mode);
      walk(e.exponent, isNegativeNumber(e.base) ? 'whole' : mode);
      return;
    }
    const series = seriesOf(e);
    if (series) {
      isRational = false;
      walk(series.low, 'whole');
      walk(series.high, 'whole');
      // the index is no letter of the formula: any number stands for it
      walk(termAt(series, 1n), mode);
      return;
    }
    if (e.kind === 'call') {
      const name = functionName(e.name);
      if (isOpenDerivative(e)) hasUnknownFunction = true;
      else if (isLetterFunction(name)) names.add(name);
      else if (!KNOWN_FUNCTIONS.has(name)) hasUnknownFunction = true;
      const inside = WHOLE_FUNCTIONS.has(name) ? 'whole' : STEP_FUNCTIONS.has(name) ? 'step' : mode;
      for (const operand of e.operands) walk(operand, inside);
      if (e.subscript) walk(e.subscript, mode);
      return;
    }
    for (const child of childrenOf(e)) walk(child, e.kind === 'factorial' ? 'whole' : mode);
  };
  for (const e of expressions) walk(e, 'any');
  return { names, whole, hasI, hasUnknownFunction, isRational };
}

function isNegativeNumber(e: Expression): boolean {
  return e.kind === 'negation' && e.operand.kind === 'number';
}
