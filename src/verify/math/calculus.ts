/**
 * Integrals, limits, and sums or products without a last number, as parsing leaves them: what is integrated over which letter, what tends
 * where. Says nothing of their values.
 */
import type { Expression } from './expression.ts';
import { type Series, seriesOf } from './series.ts';
import { substitute } from './tree-key.ts';

export type Calculus =
  | {
      readonly kind: 'integral';
      readonly body: Expression;
      readonly variable: string;
      readonly low: Expression;
      readonly high: Expression;
    }
  | { readonly kind: 'limit'; readonly body: Expression; readonly variable: string; readonly to: Expression }
  | ({ readonly kind: 'series' } & Series);

type Call = Extract<Expression, { kind: 'call' }>;

/** `undefined` for anything else, such as an integral without bounds, which has many values. */
export function calculusOf(e: Expression): Calculus | undefined {
  if (e.kind !== 'call') return undefined;
  if (e.name === 'integral') return integralOf(e);
  if (e.name === 'limit') return limitOf(e);
  const series = seriesOf(e);
  return series && { kind: 'series', ...series };
}

function integralOf({ operands: [written, high], subscript: low }: Call): Calculus | undefined {
  const integrand = written && integrandOf(written);
  return integrand && low && high && { kind: 'integral', ...integrand, low, high };
}

function limitOf({ operands: [body, extra], subscript }: Call): Calculus | undefined {
  if (!body || extra || subscript?.kind !== 'call' || subscript.name !== 'to') return undefined;
  const [variable, to] = subscript.operands;
  return variable?.kind === 'symbol' && to ? { kind: 'limit', body, variable: variable.name, to } : undefined;
}

interface Integrand {
  readonly body: Expression;
  readonly variable: string;
}

/** The differential is read as two last factors, `x d x`, wherever the last factors landed: sin(x d x), (d x)/(1 + x^2). */
function integrandOf(e: Expression): Integrand | undefined {
  switch (e.kind) {
    case 'product':
      return integrandOfProduct(e.factors);
    case 'quotient':
      return rebuilt(integrandOf(e.numerator), (numerator) => ({ ...e, numerator }));
    case 'negation':
      return rebuilt(integrandOf(e.operand), (operand) => ({ ...e, operand }));
    case 'power':
      return e.base.kind === 'call' ? rebuilt(integrandOf(e.base), (base) => ({ ...e, base })) : undefined;
    case 'call': {
      const [operand] = e.operands;
      if (!operand || e.operands.length > 1 || calculusOf(e)) return undefined;
      return rebuilt(integrandOf(operand), (inner) => ({ ...e, operands: [inner] }));
    }
    case 'sum': {
      const last = e.terms.at(-1);
      return last && rebuilt(integrandOf(last), (term) => ({ ...e, terms: [...e.terms.slice(0, -1), term] }));
    }
    default:
      return undefined;
  }
}

function integrandOfProduct(factors: readonly Expression[]): Integrand | undefined {
  const [d, letter] = factors.slice(-2);
  if (d?.kind === 'symbol' && d.name === 'd' && letter?.kind === 'symbol')
    return { body: productOf(factors.slice(0, -2)), variable: letter.name };
  const last = factors.at(-1);
  return last && rebuilt(integrandOf(last), (factor) => productOf([...factors.slice(0, -1), factor]));
}

function rebuilt(inner: Integrand | undefined, around: (body: Expression) => Expression): Integrand | undefined {
  return inner && { ...inner, body: around(inner.body) };
}

function productOf(factors: readonly Expression[]): Expression {
  const [only] = factors;
  if (!only) return { kind: 'number', digits: '1' };
  return factors.length === 1 ? only : { kind: 'product', factors };
}

/** \int x^2 + 1 dx is parsed as (\int x^2) + 1 dx: the terms up to the differential go back under the integral. */
export function withWholeIntegrals(e: Expression): Expression {
  return substitute(e, (node) => {
    if (node.kind !== 'sum') return undefined;
    const terms = joinedTerms(node.terms.map(withWholeIntegrals));
    const [only] = terms;
    return only && terms.length === 1 ? only : { ...node, terms };
  });
}

function joinedTerms(terms: readonly Expression[]): readonly Expression[] {
  const result: Expression[] = [];
  for (let index = 0; index < terms.length; index++) {
    const term = terms[index] as Expression;
    const open = openIntegral(term);
    const end = open ? terms.findIndex((each, at) => at > index && integrandOf(each) !== undefined) : -1;
    if (!open || end < 0) {
      result.push(term);
      continue;
    }
    const [body, ...rest] = open.operands;
    const sum: Expression = { kind: 'sum', terms: [body as Expression, ...terms.slice(index + 1, end + 1)] };
    const whole: Expression = { ...open, operands: [sum, ...rest] };
    result.push(substitute(term, (node) => (node === open ? whole : undefined)));
    index = end;
  }
  return result;
}

/** The integral that a term ends with, if it has no differential yet. */
function openIntegral(e: Expression): Call | undefined {
  if (e.kind === 'product') return openIntegral(e.factors.at(-1) as Expression);
  if (e.kind === 'negation') return openIntegral(e.operand);
  if (e.kind !== 'call' || e.name !== 'integral') return undefined;
  const [body] = e.operands;
  return body && !integrandOf(body) ? e : undefined;
}
