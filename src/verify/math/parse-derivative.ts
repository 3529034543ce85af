/**
 * Derivatives: `\frac{dy}{dx}`, `\frac{d^2}{dx^2} x^3`, `dy/dx`. No quotients: nothing of them may cancel.
 */
import type { Expression } from './expression.ts';
import { call, productOf } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { startsFactor } from './parse-starts.ts';

interface Differential {
  /** `d` or `partial`. */
  readonly sign: string;
  /** What is differentiated, or by what; `undefined` where the sign stands alone. */
  readonly of: Expression | undefined;
  readonly order: Expression | undefined;
}

/** `d`, `d^2`, `\partial`: the sign and how often. */
function readSign(e: Expression | undefined): Pick<Differential, 'sign' | 'order'> | undefined {
  const base = e?.kind === 'power' ? e.base : e;
  if (base?.kind !== 'symbol' || (base.name !== 'd' && base.name !== 'partial')) return undefined;
  return { sign: base.name, order: e?.kind === 'power' ? e.exponent : undefined };
}

/** `dx`, `d^2 x`, `d`. */
function readDifferential(e: Expression): Differential | undefined {
  const [head, ...rest] = e.kind === 'product' ? e.factors : [e];
  const sign = readSign(head);
  return sign && { ...sign, of: rest.length > 0 ? productOf(rest) : undefined };
}

function isPlainVariable(e: Expression): boolean {
  return e.kind === 'symbol' || (e.kind === 'power' && e.base.kind === 'symbol');
}

/**
 * The derivative that a line between `above` and `below` means, `undefined` for a quotient. A sign alone above is applied to the product that
 * follows: the cursor stands there. Number factors before the differential stay factors.
 */
export function derivativeOf(cursor: Cursor, above: Expression, below: Expression): Expression | undefined {
  const factors = above.kind === 'product' ? above.factors : [above];
  const start = factors.findIndex((factor) => factor.kind !== 'number');
  if (start < 0) return undefined;
  const [upper, lower] = [readDifferential(productOf(factors.slice(start))), readDifferential(below)];
  if (!upper || !lower?.of) return undefined;
  if (!upper.of && (upper.sign !== lower.sign || !(upper.sign === 'partial' || isPlainVariable(lower.of))))
    return undefined;
  const by = lower.of.kind === 'power' ? lower.of.base : lower.of;
  const of = upper.of ?? takeOperand(cursor) ?? { kind: 'symbol', name: upper.sign };
  const derivative = call('derivative', upper.order === undefined ? [of, by] : [of, by, upper.order]);
  return productOf([...factors.slice(0, start), derivative]);
}

function takeOperand(cursor: Cursor): Expression | undefined {
  const { kind } = cursor.token;
  if (kind === 'word' || kind === 'text' || !startsFactor(cursor, cursor.token)) return undefined;
  return cursor.nested(() => cursor.grammar.product(cursor));
}

/**
 * Behind a slash: `dx` of `dy/dx`, `d/dx x^2`, where the factors before the slash end in a differential of the same sign. What is taken
 * from the factors is replaced by the derivative; false where it is a quotient.
 */
export function takePlainDerivative(cursor: Cursor, factors: Expression[]): boolean {
  const start = factors.findLastIndex((factor) => readSign(factor) !== undefined);
  const sign = readSign(factors[start]);
  if (!sign || start < factors.length - 2) return false;
  const [letter, variable] = [cursor.token, cursor.peek(1)];
  if (letter.kind !== 'symbol' || letter.text !== sign.sign) return false;
  if (variable.kind !== 'symbol' || (variable.spaced && letter.text === 'd')) return false;
  cursor.index++;
  const below = productOf([{ kind: 'symbol', name: sign.sign }, cursor.grammar.factor(cursor)]);
  const derivative = derivativeOf(cursor, productOf(factors.slice(start)), below);
  if (!derivative) return cursor.fail('no variable to differentiate by');
  factors.splice(start, factors.length, derivative);
  return true;
}
