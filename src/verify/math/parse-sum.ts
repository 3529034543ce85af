/**
 * Sums and products: signs, division, factors side by side.
 */
import type { Expression } from './expression.ts';
import { call, negated, number, productOf } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { takePlainDerivative } from './parse-derivative.ts';
import { CURRENCIES, OPENING } from './parse-starts.ts';
import { takeLetterUnit, takeUnit, unitOf, withUnit } from './parse-units.ts';
import { MULTIPLIERS } from './vocabulary.ts';

/** The current token begins another factor of the product that stands before it. */
function continuesProduct(cursor: Cursor): boolean {
  const token = cursor.token;
  if (token.kind === 'word' || token.kind === 'text' || token.kind === 'end') return false;
  if (token.kind === 'macro') return token.text !== 'end' && token.text !== 'pmod';
  if (token.kind === 'number') return cursor.peek(-1).kind !== 'number';
  if (token.kind !== 'mark') return true;
  if (token.text === '|' || token.text === '||') return cursor.openBars === 0 && cursor.isBarPaired && !cursor.isInSet;
  if (token.text === '(' && cursor.peek(1).text === 'mod') return false;
  if (token.text === '[') return !isClosingSquare(cursor);
  return OPENING.has(token.text) && token.text !== '\\{' && !CURRENCIES.has(token.text);
}

/** The French way: in `[0, 1[` the last bracket closes. */
export function isClosingSquare(cursor: Cursor): boolean {
  const { kind, text } = cursor.peek(1);
  return cursor.at('[') && (kind === 'end' || (kind === 'mark' && /^(?:,|cup|cap|setminus|[.)])$/.test(text)));
}

/** Letters that are a unit: `9.8 m/s^2`. */
function startsUnit(cursor: Cursor): boolean {
  if (cursor.token.kind !== 'symbol') return false;
  const start = cursor.index;
  const unit = takeUnit(cursor);
  cursor.index = start;
  return unit !== undefined;
}

/** A sign before a factor: `2 \cdot -3`. */
function parseSigned(cursor: Cursor): Expression {
  if (cursor.accept('-')) return negated(cursor.nested(() => parseSigned(cursor)));
  if (cursor.accept('+')) return cursor.nested(() => parseSigned(cursor));
  return cursor.grammar.factor(cursor);
}

/** `5 feet 3 inches`, `2 h 30 min`: quantities side by side add up. */
function parseCompound(cursor: Cursor, first: Expression): Expression {
  const terms = [first];
  while (cursor.token.kind === 'number') {
    const value = cursor.grammar.factor(cursor);
    const unit = takeUnit(cursor) ?? takeLetterUnit(cursor) ?? cursor.fail('a unit is missing');
    terms.push(withUnit(value, unit));
  }
  return { kind: 'sum', terms };
}

/** Words inside a product: `3 million`, `5 ft + 3 in`. False where nothing of the product follows. */
function takeInnerWords(cursor: Cursor, factors: Expression[]): boolean {
  const { kind, text } = cursor.token;
  const power = kind === 'word' || kind === 'text' ? MULTIPLIERS.get(text) : undefined;
  if (power !== undefined) {
    cursor.index++;
    factors.push(number(`1${'0'.repeat(power)}`));
    return true;
  }
  const start = cursor.index;
  const unit = takeUnit(cursor);
  if (unit === undefined) return false;
  if (cursor.token.kind === 'number') {
    factors.splice(0, factors.length, parseCompound(cursor, withUnit(productOf([...factors]), unit)));
    return true;
  }
  if (cursor.at('+') || cursor.at('-') || cursor.at('/') || cursor.at('*') || continuesProduct(cursor)) {
    factors.splice(0, factors.length, withUnit(productOf([...factors]), unit));
    return true;
  }
  cursor.index = start;
  return false;
}

/** A letter before an interval says that it lies in it: `t(0, 4]`. */
function membership(left: Expression, right: Expression): Expression | undefined {
  if (right.kind !== 'interval' || left.kind !== 'symbol') return undefined;
  return { kind: 'relation', sides: [left, right], relations: ['in'] };
}

export function parseProduct(cursor: Cursor): Expression {
  let factors: Expression[] = [cursor.grammar.factor(cursor)];
  let isDivided = false;
  for (;;) {
    if (cursor.accept('*')) factors.push(parseSigned(cursor));
    else if (cursor.accept('/')) {
      if (takePlainDerivative(cursor, factors)) continue;
      if (isDivided) cursor.stack();
      isDivided = true;
      factors = [{ kind: 'quotient', numerator: productOf(factors), denominator: parseSigned(cursor) }];
    } else if (cursor.accept('mod')) {
      cursor.stack();
      factors = [call('mod', [productOf(factors), parseSigned(cursor)])];
    } else if (!startsUnit(cursor) && continuesProduct(cursor)) {
      const before = factors[0];
      const factor = cursor.grammar.factor(cursor);
      const related = before === undefined || factors.length > 1 ? undefined : membership(before, factor);
      if (related !== undefined) return related;
      const unit = unitOf(factor);
      if (unit === undefined) factors.push(factor);
      else factors = [withUnit(productOf(factors), unit)];
    } else if (!takeInnerWords(cursor, factors)) return productOf(factors);
  }
}

/** The sign before a term: what it makes of the term. `undefined` where no sign stands. */
function takeSign(cursor: Cursor): ((term: Expression) => Expression) | undefined {
  if (cursor.accept('+')) return (term) => term;
  if (cursor.accept('-')) return negated;
  if (cursor.accept('pm')) return (operand) => ({ kind: 'plusMinus', operand });
  if (cursor.accept('mp')) return (operand) => negated({ kind: 'plusMinus', operand });
  return undefined;
}

/** A term with the signs before it: `-2x`, `\pm 3`, `+-5`. */
function parseTerm(cursor: Cursor): Expression {
  const sign = takeSign(cursor);
  return sign === undefined ? cursor.grammar.product(cursor) : sign(cursor.nested(() => parseTerm(cursor)));
}

export function parseSum(cursor: Cursor): Expression {
  const terms = [parseTerm(cursor)];
  for (let sign = takeSign(cursor); sign !== undefined; sign = takeSign(cursor)) terms.push(sign(parseTerm(cursor)));
  const only = terms[0];
  const sum: Expression = terms.length === 1 && only !== undefined ? only : { kind: 'sum', terms };
  const unit = takeUnit(cursor);
  const last = terms.at(-1);
  if (unit === undefined || last === undefined) return sum;
  // 5 ft + 3 in: each term has its own
  if (terms.slice(0, -1).some(({ kind }) => kind === 'quantity'))
    return { kind: 'sum', terms: [...terms.slice(0, -1), withUnit(last, unit)] };
  return withUnit(sum, unit);
}
