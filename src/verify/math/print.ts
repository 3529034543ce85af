/**
 * A tree as one line of text, for tests and explanations: `(+ 1 (/ x 2))`.
 */
import type { Expression } from './expression.ts';

function join(name: string, parts: readonly (string | undefined)[]): string {
  return `(${[name, ...parts.filter((part) => part !== undefined)].join(' ')})`;
}

function showAll(expressions: readonly Expression[]): readonly string[] {
  return expressions.map(show);
}

/** Recursive: as deep as the tree. */
export function show(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.repeating === undefined ? expression.digits : `${expression.digits}(${expression.repeating})`;
    case 'symbol':
      return expression.name;
    case 'sum':
      return join('+', showAll(expression.terms));
    case 'product':
      return join('*', showAll(expression.factors));
    case 'quotient':
      return join('/', showAll([expression.numerator, expression.denominator]));
    case 'negation':
      return join('-', [show(expression.operand)]);
    case 'plusMinus':
      return join('±', [show(expression.operand)]);
    case 'power':
      return join('^', showAll([expression.base, expression.exponent]));
    case 'root':
      return join(
        'root',
        showAll(expression.degree === undefined ? [expression.radicand] : [expression.radicand, expression.degree]),
      );
    case 'factorial':
      return join('!', [show(expression.operand)]);
    case 'absolute':
      return join('abs', [show(expression.operand)]);
    case 'call': {
      const { name, subscript, operands } = expression;
      return join(subscript === undefined ? name : `${name}_${show(subscript)}`, showAll(operands));
    }
    case 'based':
      return `${expression.digits}_${expression.base}`;
    case 'percent':
      return join('%', [show(expression.operand)]);
    case 'degrees':
      return join('°', [show(expression.operand)]);
    case 'quantity':
      return join('quantity', [show(expression.value), expression.unit]);
    case 'relation':
      return `(${expression.sides.map((side, index) => `${index === 0 ? '' : `${expression.relations[index - 1]} `}${show(side)}`).join(' ')})`;
    case 'tuple':
    case 'set':
    case 'list':
      return join(expression.kind, showAll(expression.elements));
    case 'interval':
      return `${expression.isLowClosed ? '[' : '('}${show(expression.low)}, ${show(expression.high)}${expression.isHighClosed ? ']' : ')'}`;
    case 'union':
    case 'intersection':
    case 'difference':
      return join(expression.kind, showAll(expression.operands));
    case 'matrix':
      return join(
        'matrix',
        expression.rows.map((row) => `[${showAll(row).join(' ')}]`),
      );
    case 'text':
      return JSON.stringify(expression.text);
  }
}
