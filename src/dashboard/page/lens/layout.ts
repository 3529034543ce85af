/**
 * Which part of which token stands in which line, computed and not left to the browser: only the lines in sight are drawn, so a
 * completion of any length opens and scrolls at once, one line of a million characters included.
 *
 * Dimensions: T completion tokens.
 */
import { columnsOf, visibleCharacter } from './visible.ts';

/** A token's part in one line. */
export interface Piece {
  readonly token: number;
  /** [start, end) in UTF-16 units of the token's text. */
  readonly start: number;
  readonly end: number;
  /** From the line's left. */
  readonly column: number;
  readonly columns: number;
}

export type Line = readonly Piece[];

export interface TokenLayout {
  readonly lines: readonly Line[];
  /** [T] the line a token begins in. */
  readonly lineOf: Int32Array;
}

/** What stands for a token without a text, such as a stop token. */
export const NO_TEXT = '∅';

/** Lines of at most `columns` columns: broken after each line feed, else before a word, else before a token, else inside it. */
export function layOut(texts: readonly string[], columns: number): TokenLayout {
  const setter = new Typesetter(columns, texts.length);
  texts.forEach((text, token) => {
    setter.add(token, text);
  });
  return setter.finish();
}

class Typesetter {
  readonly #columns: number;
  readonly #lines: Piece[][] = [];
  readonly #lineOf: Int32Array;
  #line: Piece[] = [];
  #column = 0;
  /** Where in the line the last word begins. */
  #word = 0;
  #isAfterSpace = false;

  constructor(columns: number, T: number) {
    this.#columns = Math.max(1, columns);
    this.#lineOf = new Int32Array(T);
  }

  add(token: number, text: string): void {
    if (text === '') this.#place({ token, start: 0, end: 0, columns: 1 }, false);
    for (let start = 0; start < text.length; ) {
      const feed = text.indexOf('\n', start);
      const end = feed < 0 ? text.length : feed + 1;
      this.#addUnbroken(token, text, start, end);
      if (feed >= 0) this.#endLine();
      start = end;
    }
    this.#isAfterSpace = /\s$/.test(text);
  }

  finish(): TokenLayout {
    if (this.#line.length > 0 || this.#lines.length === 0) this.#endLine();
    return { lines: this.#lines, lineOf: this.#lineOf };
  }

  #addUnbroken(token: number, text: string, start: number, end: number): void {
    const beginsWord = this.#isAfterSpace || /^\s/.test(text.slice(start, start + 1));
    let [from, width] = [start, 0];
    for (let at = start; at < end; ) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
      const columns = columnsOf(visibleCharacter(character));
      if (width > 0 && width + columns > this.#columns) {
        this.#place({ token, start: from, end: at, columns: width }, beginsWord && from === start);
        [from, width] = [at, 0];
      }
      width += columns;
      at += character.length;
    }
    this.#place({ token, start: from, end, columns: width }, beginsWord && from === start);
  }

  #place(piece: Omit<Piece, 'column'>, beginsWord: boolean): void {
    if (this.#column + piece.columns > this.#columns && this.#line.length > 0) this.#wrap(beginsWord, piece.columns);
    if (beginsWord) this.#word = this.#line.length;
    if (piece.start === 0) this.#lineOf[piece.token] = this.#lines.length;
    this.#line.push({ ...piece, column: this.#column });
    this.#column += piece.columns;
  }

  /** The word under way comes along when it leaves something behind and has room with what follows. */
  #wrap(beginsWord: boolean, columns: number): void {
    const word = this.#line[this.#word];
    const carries = !beginsWord && this.#word > 0 && word !== undefined;
    const carried =
      carries && this.#column - word.column + columns <= this.#columns ? this.#line.splice(this.#word) : [];
    this.#endLine();
    for (const piece of carried) this.#place(piece, false);
  }

  #endLine(): void {
    this.#lines.push(this.#line);
    this.#line = [];
    this.#column = 0;
    this.#word = 0;
  }
}

/** The token at a column of a line, or the nearest; undefined in an empty line. */
export function tokenAt(line: Line, column: number): number | undefined {
  const piece = line.findLast((each) => each.column <= column) ?? line[0];
  return piece?.token;
}

/** [T + 1] where each token begins in the text of all of them, in UTF-16 units; the last is the text's length. */
export function tokenOffsets(texts: readonly string[]): Int32Array {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((text, t) => {
    offsets[t + 1] = (offsets[t] ?? 0) + text.length;
  });
  return offsets;
}
