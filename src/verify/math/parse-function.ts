/**
 * Functions: `\sin^2 x`, `\log_2 8`, `\gcd(a, b)`, `f(x)`, `f^{-1}(2)`.
 */
import type { Expression } from './expression.ts';
import { parseArgument } from './parse-brackets.ts';
import { call, negated, productOf, spread, symbol } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { parseExponent, takePrimes } from './parse-postfix.ts';
import { INVERSES } from './vocabulary.ts';

/** Letters that are functions wherever brackets follow them. */
const FUNCTION_LETTERS: ReadonlySet<string> = new Set(['f', 'g', 'h', 'F', 'G', 'H']);

/** The bracketed arguments that stand here. */
function parseArguments(cursor: Cursor): readonly Expression[] {
  const closing = cursor.at('(') ? ')' : cursor.at('[') ? ']' : '\\}';
  cursor.index++;
  const elements = cursor.bracketed(false, () => cursor.grammar.list(cursor));
  cursor.close(closing);
  return spread(elements);
}

/** An argument without brackets: factors side by side, up to the next sign, function or bracket. */
function parseBareArgument(cursor: Cursor): Expression {
  if (cursor.accept('-')) return negated(cursor.nested(() => parseBareArgument(cursor)));
  const factors = [cursor.grammar.factor(cursor)];
  for (;;) {
    const { kind, text } = cursor.token;
    const isFactor = kind === 'symbol' || (kind === 'macro' && text !== 'end' && text !== 'pmod' && text !== 'big');
    if (!isFactor && !(kind === 'number' && cursor.peek(-1).kind !== 'number')) return productOf(factors);
    factors.push(cursor.grammar.factor(cursor));
  }
}

function parseOperands(cursor: Cursor): readonly Expression[] {
  if (cursor.at('(') || cursor.at('[') || cursor.at('\\{')) return parseArguments(cursor);
  if (cursor.at('{')) return spread([parseArgument(cursor)]);
  return [cursor.nested(() => parseBareArgument(cursor))];
}

function isMinusOne(expression: Expression | undefined): boolean {
  return expression?.kind === 'negation' && expression.operand.kind === 'number' && expression.operand.digits === '1';
}

function apply(name: string, operands: readonly Expression[], subscript?: Expression): Expression {
  const [only] = operands;
  if (name === 'abs' && operands.length === 1 && only !== undefined) return { kind: 'absolute', operand: only };
  if (name === 'cis' && only !== undefined) {
    return { kind: 'power', base: symbol('e'), exponent: productOf([symbol('i'), only]) };
  }
  return call(name, operands, subscript);
}

/** `log2(8)`, `log10(x)`: digits between the name and a bracket are the base. */
function isPlainBase(cursor: Cursor, name: string): boolean {
  const { kind, spaced } = cursor.token;
  return (
    name === 'log' && kind === 'number' && !spaced && cursor.peek(1).kind === 'mark' && cursor.peek(1).text === '('
  );
}

export function parseFunction(cursor: Cursor): Expression {
  const name = cursor.token.text;
  cursor.index++;
  const primes = "'".repeat(takePrimes(cursor));
  let subscript = cursor.accept('_') || isPlainBase(cursor, name) ? parseArgument(cursor) : undefined;
  const exponent = cursor.accept('^') ? parseExponent(cursor) : undefined;
  if (subscript === undefined && cursor.accept('_')) subscript = parseArgument(cursor);
  const inverse = isMinusOne(exponent) ? INVERSES.get(name) : undefined;
  if (inverse !== undefined) return apply(inverse, parseOperands(cursor));
  const applied = apply(name + primes, parseOperands(cursor), subscript);
  return exponent === undefined ? applied : { kind: 'power', base: applied, exponent };
}

/** `I(0)`: nobody multiplies a letter by a number in brackets behind it. */
function isAtNumber(cursor: Cursor, letter: string): boolean {
  const closing = cursor.peek(2);
  return (
    /^[A-Za-z]$/.test(letter) &&
    !/^[eiC]$/.test(letter) &&
    cursor.peek(1).kind === 'number' &&
    closing.kind === 'mark' &&
    closing.text === ')'
  );
}

/** A function's letter with its arguments, `undefined` where the letter stands for itself. */
export function parseApplied(cursor: Cursor, letter: string, name: string): Expression | undefined {
  const isFunction = FUNCTION_LETTERS.has(letter) || cursor.functionLetters.has(letter);
  if (isFunction && cursor.at('^') && cursor.peek(1).text === '{' && cursor.peek(2).text === '-') {
    const isInverse = cursor.peek(3).text === '1' && cursor.peek(4).text === '}' && cursor.peek(5).text === '(';
    if (isInverse) {
      cursor.index += 5;
      return call(`${name}^{-1}`, parseArguments(cursor));
    }
  }
  if (!cursor.at('(')) return undefined;
  if (isFunction) return call(name, parseArguments(cursor));
  if (cursor.token.spaced) return undefined;
  if (isAtNumber(cursor, letter)) return call(name, parseArguments(cursor));
  if (letter !== 'C' || cursor.peek(1).kind !== 'number' || cursor.peek(2).text !== ',') return undefined;
  const operands = parseArguments(cursor);
  // C(5, 2) counts combinations
  return operands.length === 2 ? call('binomial', operands) : call(name, operands);
}
