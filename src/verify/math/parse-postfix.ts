/**
 * What follows an atom: exponents, factorials, percent and degree signs, primes.
 */
import type { Expression } from './expression.ts';
import { call, negated } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { withUnit } from './parse-units.ts';

/** `^\circ`, `^{\circ}`, `^{o}` is not: moves past it. */
function takeDegrees(cursor: Cursor): boolean {
  if (!cursor.at('^')) return false;
  const isGroup = cursor.peek(1).text === '{';
  const sign = cursor.peek(isGroup ? 2 : 1);
  if (sign.kind !== 'mark' || (sign.text !== 'circ' && sign.text !== 'degree')) return false;
  if (isGroup && cursor.peek(3).text !== '}') return false;
  cursor.index += isGroup ? 4 : 2;
  return true;
}

/** `45^\circ`; with a C or F behind, a temperature. */
function degrees(cursor: Cursor, operand: Expression): Expression {
  const { kind, text } = cursor.token;
  if ((kind === 'symbol' || kind === 'text') && /^[CF]$/.test(text)) {
    cursor.index++;
    return withUnit(operand, text === 'C' ? 'degree-celsius' : 'degree-fahrenheit');
  }
  return { kind: 'degrees', operand };
}

/** Primes behind `^` or alone; how many. */
export function takePrimes(cursor: Cursor): number {
  let count = 0;
  for (;;) {
    if (cursor.accept("'")) count++;
    else if (cursor.at('^') && cursor.peek(1).text === "'") {
      cursor.index += 2;
      count++;
    } else if (cursor.at('^') && cursor.peek(1).text === '{' && cursor.peek(2).text === "'") {
      cursor.index += 2;
      while (cursor.accept("'")) count++;
      cursor.close('}');
    } else return count;
  }
}

/** What stands behind `^`: a group, a signed atom, a tower. */
export function parseExponent(cursor: Cursor): Expression {
  if (cursor.accept('-')) return negated(cursor.nested(() => parseExponent(cursor)));
  if (cursor.accept('+')) return cursor.nested(() => parseExponent(cursor));
  const base = cursor.nested(() => cursor.grammar.atom(cursor));
  if (!cursor.at('^') || takeDegrees(cursor)) return base;
  cursor.index++;
  return { kind: 'power', base, exponent: cursor.nested(() => parseExponent(cursor)) };
}

function factorial(cursor: Cursor, operand: Expression): Expression {
  return cursor.accept('!') ? call('doubleFactorial', [operand]) : { kind: 'factorial', operand };
}

/** One postfix sign applied to `operand`; `undefined` where none stands. */
function takePostfix(cursor: Cursor, operand: Expression): Expression | undefined {
  if (takeDegrees(cursor)) return degrees(cursor, operand);
  const primes = takePrimes(cursor);
  if (primes > 0) return call('prime', [operand, { kind: 'number', digits: `${primes}` }]);
  if (cursor.accept('^')) return { kind: 'power', base: operand, exponent: parseExponent(cursor) };
  if (cursor.accept('!')) return factorial(cursor, operand);
  if (cursor.accept('%')) return { kind: 'percent', operand };
  if (cursor.accept('degree') || cursor.accept('circ')) return degrees(cursor, operand);
  return undefined;
}

export function parseFactor(cursor: Cursor): Expression {
  let operand = cursor.nested(() => cursor.grammar.atom(cursor));
  for (let count = 0; ; count++) {
    const next = takePostfix(cursor, operand);
    if (next === undefined) return operand;
    if (count > 0) cursor.stack();
    operand = next;
  }
}
