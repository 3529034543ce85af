/**
 * Evaluates arithmetic written by a policy: integers, + - * /, unary minus, parentheses, spaces. Exact, never `eval`,
 * and total: any text gives a value or a reason, within bounds on length and nesting.
 *
 * sum := product (('+' | '-') product)*      product := factor (('*' | '/') factor)*      factor := '-' factor | '('
 * sum ')' | digits
 */
import { add, divide, multiply, negate, type Rational, rational, subtract } from './rational.ts';

/** Characters of an expression, at most; a number in it is therefore bounded too. */
export const MAX_EXPRESSION_LENGTH = 1000;
/** Open parentheses and unary minuses around one another, at most. */
export const MAX_EXPRESSION_DEPTH = 50;

export type Evaluation =
  | {
      readonly ok: true;
      readonly value: Rational;
      /** The integers written, in order: whoever demands "each number once" counts these. */
      readonly literals: readonly bigint[];
    }
  | { readonly ok: false; readonly reason: string };

/** Thrown and caught in this file only. */
class Refusal extends Error {}

class Parser {
  readonly #text: string;
  readonly literals: bigint[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character that is not a space, without taking it; '' at the end. */
  peek(): string {
    while (this.#text[this.#at] === ' ') this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #take(...wanted: string[]): string | undefined {
    const next = this.peek();
    if (!wanted.includes(next)) return undefined;
    this.#at++;
    return next;
  }

  refuse(): never {
    const next = this.peek();
    throw new Refusal(
      next === '' ? 'ends too early' : `unexpected ${JSON.stringify(next)} at character ${this.#at + 1}`,
    );
  }

  sum(): Rational {
    let value = this.#product();
    for (let sign = this.#take('+', '-'); sign !== undefined; sign = this.#take('+', '-')) {
      const right = this.#product();
      value = sign === '+' ? add(value, right) : subtract(value, right);
    }
    return value;
  }

  #product(): Rational {
    let value = this.#factor();
    for (let sign = this.#take('*', '/'); sign !== undefined; sign = this.#take('*', '/')) {
      const right = this.#factor();
      const result = sign === '*' ? multiply(value, right) : divide(value, right);
      if (result === undefined) throw new Refusal('division by zero');
      value = result;
    }
    return value;
  }

  #factor(): Rational {
    const open = this.#take('-', '(');
    if (open === undefined) return this.#integer();
    if (++this.#depth > MAX_EXPRESSION_DEPTH) throw new Refusal(`nested deeper than ${MAX_EXPRESSION_DEPTH}`);
    const value = open === '-' ? negate(this.#factor()) : this.sum();
    if (open === '(' && this.#take(')') === undefined) this.refuse();
    this.#depth--;
    return value;
  }

  #integer(): Rational {
    this.peek();
    const digits = /^[0-9]+/.exec(this.#text.slice(this.#at))?.[0];
    if (digits === undefined) this.refuse();
    this.#at += digits.length;
    const value = BigInt(digits);
    this.literals.push(value);
    return rational(value);
  }
}

/** `evaluate('7*(3+5)')` -> 56 with literals 7, 3, 5; `evaluate('7/0')` -> reason 'division by zero'. */
export function evaluate(text: string): Evaluation {
  if (text.length > MAX_EXPRESSION_LENGTH)
    return { ok: false, reason: `longer than ${MAX_EXPRESSION_LENGTH} characters` };
  const parser = new Parser(text);
  try {
    const value = parser.sum();
    if (parser.peek() !== '') parser.refuse();
    return { ok: true, value, literals: parser.literals };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}
