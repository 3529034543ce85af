/**
 * Where a parse stands: the tokens, the position, and the two bounds that keep hostile text from deep trees. The grammar's levels are reached through
 * the cursor, so that the files of the parser need not import each other in circles.
 */

import type { Expression } from './expression.ts';
import type { Token } from './lexer.ts';

/** Thrown inside the parser, caught in `parseMath`. */
export class ParseFailure extends Error {
  override readonly name = 'ParseFailure';
}

/** The levels of the grammar, loosest first. */
export interface Grammar {
  /** Statements separated by commas, `and`, `or`. */
  list(cursor: Cursor): readonly Expression[];
  /** A relation chain, a union, a sum: everything between separators. */
  statement(cursor: Cursor): Expression;
  sum(cursor: Cursor): Expression;
  /** Factors side by side or joined by signs of multiplication and division. */
  product(cursor: Cursor): Expression;
  /** An atom with its exponents, factorials, percent signs. */
  factor(cursor: Cursor): Expression;
  /** An atom alone. */
  atom(cursor: Cursor): Expression;
}

/** How deep brackets, arguments and exponents may nest. */
const MAX_NESTING = 200;
/** How many postfix signs or divisions may follow each other in one text, beyond the first of each. */
const MAX_STACKED = 300;

const END: Token = { kind: 'end', text: '', name: '', spaced: false };

export class Cursor {
  readonly tokens: readonly Token[];
  readonly grammar: Grammar;
  index = 0;
  /** Bars open in the innermost brackets: a bar after a value closes when there is one. */
  openBars = 0;
  /** Inside set braces, where a bar or colon means `such that`. */
  isInSet = false;
  /** Letters that the text itself applies to arguments: N in `N(n) = ...`. */
  readonly functionLetters = new Set<string>();
  readonly #lastBar: number;
  #nesting = 0;
  #stacked = 0;

  constructor(tokens: readonly Token[], grammar: Grammar) {
    this.tokens = tokens;
    this.grammar = grammar;
    this.#lastBar = tokens.findLastIndex((token) => token.text === '|' && token.kind === 'mark');
  }

  get token(): Token {
    return this.tokens[this.index] ?? END;
  }

  peek(offset: number): Token {
    return this.tokens[this.index + offset] ?? END;
  }

  /** The current token is this mark. */
  at(mark: string): boolean {
    const token = this.token;
    return token.kind === 'mark' && token.text === mark;
  }

  /** Moves past the mark if it stands here. */
  accept(mark: string): boolean {
    if (!this.at(mark)) return false;
    this.index++;
    return true;
  }

  /** Brackets that the text leaves open with nothing in them: read as closed they would be the empty set. */
  failIfCutOffEmpty(elements: readonly Expression[]): void {
    if (elements.length === 0 && this.token.kind === 'end') this.fail('nothing in the brackets');
  }

  /** A closing mark; the end of the text closes everything, as cut-off answers often lack it. */
  close(mark: string): void {
    if (!this.accept(mark) && this.token.kind !== 'end') this.fail(`expected ${mark}`);
  }

  /** The bar here has a partner further on. */
  get isBarPaired(): boolean {
    return this.index < this.#lastBar;
  }

  nested<T>(parse: () => T): T {
    if (++this.#nesting > MAX_NESTING) throw new ParseFailure(`nested more than ${MAX_NESTING} deep`);
    const result = parse();
    this.#nesting--;
    return result;
  }

  /** Brackets: bars and set notation of the surroundings do not reach inside. */
  bracketed<T>(isInSet: boolean, parse: () => T): T {
    const { openBars, isInSet: outer } = this;
    this.openBars = 0;
    this.isInSet = isInSet;
    const result = this.nested(parse);
    this.openBars = openBars;
    this.isInSet = outer;
    return result;
  }

  /** Counts a postfix sign or division that makes the tree one deeper. */
  stack(): void {
    if (++this.#stacked > MAX_STACKED) throw new ParseFailure(`more than ${MAX_STACKED} signs stacked`);
  }

  fail(why: string): never {
    const { kind, text } = this.token;
    throw new ParseFailure(`${why} at ${kind === 'end' ? 'the end' : `"${text.slice(0, 40)}"`} (token ${this.index})`);
  }
}
