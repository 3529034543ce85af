/**
 * Names of functions: one spelling each, and which are letters that nothing is known of.
 */

import type { Expression } from './expression.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** Other spellings of a function's name. */
const SPELLINGS: Readonly<Record<string, string>> = {
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  acot: 'arccot',
  asec: 'arcsec',
  acsc: 'arccsc',
  asinh: 'arcsinh',
  acosh: 'arccosh',
  atanh: 'arctanh',
  arsinh: 'arcsinh',
  arcosh: 'arccosh',
  artanh: 'arctanh',
  tg: 'tan',
  ctg: 'cot',
  cosec: 'csc',
  ceiling: 'ceil',
  abs: 'absolute',
  choose: 'binomial',
  binom: 'binomial',
  overline: 'conjugate',
  bar: 'conjugate',
};

export function functionName(name: string): string {
  return Object.hasOwn(SPELLINGS, name) ? (SPELLINGS[name] as string) : name;
}

/**
 * A derivative whose value may be known, as d/dx of x^2 or of nothing yet; dy/dx and df(x)/dx are quantities of their own.
 */
export function isOpenDerivative({ name, operands }: Call): boolean {
  if (name !== 'derivative') return false;
  const [of, by] = operands;
  if (of?.kind === 'call') return !isLetterFunction(of.name) || isOpenDerivative(of);
  return (
    of?.kind !== 'symbol' || /^(?:d|partial|pi|e|i)$/.test(of.name) || (by?.kind === 'symbol' && by.name === of.name)
  );
}

/** A letter applied to arguments, f(x), g_1(x, y), f'(x), or a derivative dx/dt: nothing is known of it, so each value is a letter of its own. */
export function isLetterFunction(name: string): boolean {
  return /^(\p{L}|derivative|alpha|beta|gamma|delta|epsilon|zeta|eta|theta|lambda|mu|nu|xi|rho|sigma|tau|phi|varphi|chi|psi|omega|Gamma|Phi|Psi|Omega)(_.*)?'*$/u.test(
    name,
  );
}
