/**
 * LaTeX commands with arguments: fractions, roots, binomials, accents, sums, environments.
 */
import type { Expression } from './expression.ts';
import { parseArgument } from './parse-brackets.ts';
import { call, number, productOf, symbol } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { derivativeOf } from './parse-derivative.ts';
import { parseEnvironment } from './parse-environment.ts';
import { parseExponent } from './parse-postfix.ts';
import { subscriptName } from './parse-scripts.ts';
import { NUMBER_SETS } from './vocabulary.ts';

/** Two digits that run together are two arguments: `\frac12`, `\binom52`. What is left of the digits is a factor behind. */
function parseDigitPair(
  cursor: Cursor,
  build: (above: Expression, below: Expression) => Expression,
): Expression | undefined {
  const { kind, text } = cursor.token;
  if (kind !== 'number' || !/^\d{2,}$/.test(text)) return undefined;
  cursor.index++;
  const pair = build(number(text[0] ?? ''), number(text[1] ?? ''));
  return text.length === 2 ? pair : productOf([pair, number(text.slice(2))]);
}

function quotient(numerator: Expression, denominator: Expression): Expression {
  return { kind: 'quotient', numerator, denominator };
}

/** `\frac12`, `\frac1{20}`, `\frac{1}{2}`, `\frac 1 20`. */
function parseFraction(cursor: Cursor): Expression {
  const pair = parseDigitPair(cursor, quotient);
  if (pair !== undefined) return pair;
  const numerator = parseBareDigits(cursor);
  const denominator = parseBareDigits(cursor);
  return derivativeOf(cursor, numerator, denominator) ?? quotient(numerator, denominator);
}

function binomial(above: Expression, below: Expression): Expression {
  return call('binomial', [above, below]);
}

function parseBinomial(cursor: Cursor): Expression {
  const pair = parseDigitPair(cursor, binomial);
  if (pair !== undefined) return pair;
  const above = parseBareDigits(cursor);
  return binomial(above, parseBareDigits(cursor));
}

/** An argument; unlike elsewhere a number in it stays clear of what follows. */
function parseBareDigits(cursor: Cursor): Expression {
  const { kind, text, exponent, repeating } = cursor.token;
  if (kind !== 'number' || exponent !== undefined || repeating !== undefined) return parseArgument(cursor);
  cursor.index++;
  return number(text);
}

function parseRoot(cursor: Cursor): Expression {
  if (!cursor.accept('[')) return { kind: 'root', radicand: parseArgument(cursor) };
  const degree = cursor.bracketed(false, () => cursor.grammar.sum(cursor));
  cursor.close(']');
  return { kind: 'root', radicand: parseArgument(cursor), degree };
}

/** `\hat{x}` and its kind name another symbol; over more than a symbol, a function of it. */
function parseAccent(cursor: Cursor, accent: string): Expression {
  const inner = parseArgument(cursor);
  if (inner.kind !== 'symbol') return call(accent, [inner]);
  const isUnitVector = /hat/.test(accent) && /^[ijk]$/.test(inner.name);
  return takeSubscript(cursor, symbol(isUnitVector ? inner.name : `${accent}{${inner.name}}`));
}

/** `\mathbf{x}_{1}`: a subscript behind a dressed symbol belongs to its name. */
function takeSubscript(cursor: Cursor, inner: Expression): Expression {
  if (inner.kind !== 'symbol' || !cursor.accept('_')) return inner;
  return symbol(`${inner.name}_{${subscriptName(cursor)}}`);
}

const BIG_NAMES: Readonly<Record<string, string>> = {
  sum: 'sum',
  prod: 'product',
  lim: 'limit',
  int: 'integral',
  iint: 'integral',
  oint: 'integral',
};

/** `\sum_{k=1}^n k`: the call `sum` of [body, upper bound], the lower line as its subscript. */
function parseBig(cursor: Cursor, name: string): Expression {
  let low: Expression | undefined;
  let high: Expression | undefined;
  for (let isScript = true; isScript; ) {
    if (low === undefined && cursor.accept('_')) low = parseLimitLine(cursor);
    else if (high === undefined && cursor.accept('^')) high = parseExponent(cursor);
    else isScript = false;
  }
  const body = cursor.nested(() => cursor.grammar.product(cursor));
  return call(BIG_NAMES[name] ?? name, high === undefined ? [body] : [body, high], low);
}

/** `k=1`, `x \to 0`. */
function parseLimitLine(cursor: Cursor): Expression {
  if (!cursor.accept('{')) return parseArgument(cursor);
  return cursor.bracketed(false, () => {
    const from = cursor.grammar.statement(cursor);
    const isLimit = cursor.accept('\\to') || cursor.accept('\\rightarrow');
    const line = isLimit ? call('to', [from, cursor.grammar.statement(cursor)]) : from;
    cursor.close('}');
    return line;
  });
}

/** `\mathbb{R}`, `\mathbb{Z}^+`, `\mathbb{N}_0`: scripts that pick a part of the set belong to its name. */
function parseNumberSet(cursor: Cursor): Expression {
  const inner = parseArgument(cursor);
  if (inner.kind !== 'symbol') return cursor.fail('no set of numbers');
  let name = NUMBER_SETS[inner.name] ?? inner.name;
  for (let count = 0; count < 2; count++) {
    const mark = cursor.peek(cursor.peek(1).text === '{' ? 2 : 1);
    const isPart = cursor.at('_') || (cursor.at('^') && mark.kind === 'mark' && /^[-+*]$/.test(mark.text));
    if (!isPart) break;
    const script = cursor.token.text;
    cursor.index++;
    name += `${script}{${subscriptName(cursor)}}`;
  }
  return symbol(name);
}

/** Drops the argument: spacing, colours, labels. */
function skipArgument(cursor: Cursor): Expression {
  parseArgument(cursor);
  return cursor.grammar.factor(cursor);
}

export function parseMacro(cursor: Cursor): Expression {
  const { text, name } = cursor.token;
  cursor.index++;
  switch (text) {
    case 'frac':
      return parseFraction(cursor);
    case 'sqrt':
      return parseRoot(cursor);
    case 'cbrt':
      return { kind: 'root', radicand: parseArgument(cursor), degree: number('3') };
    case 'binom':
      return parseBinomial(cursor);
    case 'accent':
      return parseAccent(cursor, name);
    case 'style':
      return takeSubscript(cursor, parseArgument(cursor));
    case 'mathbb':
      return parseNumberSet(cursor);
    case 'big':
      return parseBig(cursor, name);
    case 'phantom':
      return skipArgument(cursor);
    case 'begin':
      return parseEnvironment(cursor);
    default:
      return cursor.fail(`\\${name} where a value should stand`);
  }
}
