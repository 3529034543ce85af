/**
 * Text to tokens: LaTeX, plain and mixed notation in one alphabet. Knows words and digits, not structure.
 *
 * Every pattern is sticky and has no nested repetition, so a text costs time linear in its length. Dollar signs: one alone before a number is money,
 * two or more are math delimiters. Commas between digits: `1,234` outside brackets is one number; inside brackets (`(1,234)`), or where some part has
 * other than three digits, they separate. `commas: 'separators'` asks for the other reading of `1,234`.
 */
import { scanNumber } from './lexer-number.ts';
import { readWord, type TokenKind } from './lexer-words.ts';
import { readUnit } from './units.ts';
import {
  COMMAND_MARKS,
  FUNCTIONS,
  IGNORED_COMMANDS,
  MACROS,
  SHORT_WORDS,
  SYMBOLS,
  TEXT_COMMANDS,
} from './vocabulary.ts';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly name: string;
  /** White space stands before it. */
  readonly spaced: boolean;
  readonly repeating?: string;
  readonly exponent?: number;
  readonly base?: number;
}

export interface LexOptions {
  /** What `1,234` outside brackets means. */
  readonly commas: 'thousands' | 'separators';
}

const SPACE = /[\s~]+/y;
const COMMAND = /\\(?:[A-Za-z]+|[^A-Za-z])/y;
const LETTERS = /\p{L}\p{M}*(?:[\p{L}\p{M}]|['’](?=\p{L}{2}))*/uy;
const WORDS_ARGUMENT = /\s*\{([^{}\\$]{0,200})\}/y;
const BARE_WORDS = /^[\s~]*[^\d=+*/<>^_|]*$/;
/** 5th, 5^{th}, 5^{\text{th}}: the number alone. */
const ORDINAL =
  /\^\{(?:\\(?:text|textrm|mathrm)\{)?(?:st|nd|rd|th)\}{1,2}|\^\\(?:text|textrm|mathrm)\{(?:st|nd|rd|th)\}|(?:(?<=1)st|(?<=2)nd|(?<=3)rd|th)(?![A-Za-z])/y;
const ALIGNED = /^\{(?:aligned|align\*?|split|eqnarray\*?)\}/;
/** `1.5 x 10^5`: a letter used for the sign. */
const TIMES = /[xX](?=\s*10\s*(?:\^|\*\*))/y;
/** What stands behind the units of time that are also functions, where they are units. A minimum needs brackets, a secant does not. */
const NO_ARGUMENT: Readonly<Record<string, RegExp>> = {
  min: /^\s*(?!(?:\\left\s*)?(?:[([{_]|\\\{)|\\left)/,
  sec: /^(?:\^\{?-?\d\}?)?\s*(?:$|[.,;:)\]}$/*=+-])/,
};
/** Words before a number that say nothing about its value. */
const HEDGE = /(?:[Aa]pproximately|[Aa]bout|[Rr]oughly|[Aa]round|[Ee]xactly)(?=\s*[\d$\\-])/y;
const RELATIONS = /<=|>=|=<|==|:=|!=|\|\||\*\*/y;
const RELATION_MARKS: Readonly<Record<string, string>> = {
  '=<': '<=',
  '==': '=',
  ':=': '=',
  '**': '^',
};
const ROW_SKIP = /\*?(?:\s*\[-?[\d.]+\s*(?:pt|em|ex|cm|mm|in)\])?/y;
const PYTHON_PREFIX = /^(?:np|numpy|math|sympy|sp|cmath)$/;
/** Words that are a list: Alice and Bob. */
const INNER_SEPARATOR = /^(?!(?:and|or)\b|,)[\s\S]*\S(?:,|\s(?:and|or))\s+(?!(?:and|or)\b)\S/i;
/** Words of \text{} before a value that say nothing about it. */
const LEAD_IN = /^(?:(?:the )?(?:final )?(?:answer|result)(?: is)?:?|approximately|approx\.?|about|roughly|exactly)$/i;
const TEXT_SEPARATORS = /^(?:,|;|and|or|, and|, or|&)$/i;

class Lexer {
  readonly tokens: Token[] = [];
  readonly text: string;
  readonly options: LexOptions;
  readonly isMoney: boolean;
  position = 0;
  /** Open round, square and set brackets. */
  #depth = 0;
  /** End of a run of comma-separated digits already found to be a list. */
  #listEnd = 0;
  #spaced = false;
  /** Inside rows of statements, where & marks a column only. */
  #isAligned = false;

  constructor(text: string, options: LexOptions) {
    this.text = text;
    this.options = options;
    const first = text.search(/(?<!\\)\$/);
    this.isMoney = first >= 0 && !/(?<!\\)\$/.test(text.slice(first + 1));
  }

  push(kind: TokenKind, text: string, name = text): void {
    this.tokens.push({ kind, text, name, spaced: this.#spaced });
    this.#spaced = false;
  }

  /** The sticky pattern's match here, and the position after it. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.position = pattern.lastIndex;
    return match;
  }

  run(): readonly Token[] {
    while (this.position < this.text.length) this.#next();
    this.push('end', '');
    return this.tokens;
  }

  #next(): void {
    if (this.take(SPACE) !== undefined) {
      this.#spaced = true;
      return;
    }
    const character = this.text.charAt(this.position);
    if (character === '\\') this.#command();
    else if (/[\d.]/.test(character) && this.#number()) return;
    else if (/\p{L}/u.test(character)) this.#letters();
    else if (this.position + 1 < this.text.length && /[\ud800-\udbff]/.test(character)) {
      this.push('mark', this.text.slice(this.position, this.position + 2));
      this.position += 2;
    } else this.#mark(character);
  }

  #number(): boolean {
    const scanned = scanNumber(
      this.text,
      this.position,
      this.options.commas === 'separators' || this.#depth > 0,
      this.position < this.#listEnd,
    );
    if (scanned === undefined) return false;
    this.tokens.push({ ...scanned.token, kind: 'number', name: 'number', spaced: this.#spaced });
    this.#spaced = false;
    this.position = scanned.end;
    this.#listEnd = Math.max(this.#listEnd, scanned.listEnd);
    this.take(ORDINAL);
    return true;
  }

  #command(): void {
    const match = this.take(COMMAND)?.[0];
    if (match === undefined) {
      this.position++;
      return;
    }
    const name = match.slice(1);
    if (name === '\\') this.take(ROW_SKIP);
    if (name === 'begin' || name === 'end') {
      this.#isAligned = name === 'begin' && ALIGNED.test(this.text.slice(this.position, this.position + 14));
    }
    if (name === 'left' || name === 'right' || name === 'middle') this.#sized(name);
    else if (TEXT_COMMANDS.has(name)) this.#wordsArgument(name);
    else if (/^(?:implies|Rightarrow|Longrightarrow|therefore|Leftrightarrow|iff)$/.test(name) && this.#depth === 0) {
      // the last statement of a derivation is the answer
      this.tokens.length = 0;
    } else if (name === '!') {
      // negative space: nothing is printed
    } else if (IGNORED_COMMANDS.has(name)) this.#spaced = true;
    else this.#named(name, match);
  }

  /** After \left, \right or \middle: a bar says which side it is, a dot is no bracket. */
  #sized(side: string): void {
    this.take(SPACE);
    const bar = this.take(/\\\||\\[lr]?Vert|\||\\[lr]?vert|[.<>]/y)?.[0];
    if (bar === '<' || bar === '>') this.#bracketed(bar === '<' ? 'langle' : 'rangle');
    else if (bar !== undefined && bar !== '.') {
      const mark = bar === '|' || bar.endsWith('vert') ? '|' : '||';
      this.push('mark', `${mark}${side === 'left' ? 'open' : side === 'right' ? 'close' : 'relation'}`);
    }
  }

  /** \text{...}: words are one token; anything with mathematics in it is read as if the command were not there. */
  #wordsArgument(name: string): void {
    const match = this.take(WORDS_ARGUMENT);
    const content = match?.[1]?.replace(/[\s~]+/g, ' ').trim();
    if (match === undefined || content === undefined) this.push('macro', 'style', name);
    else if (content === '' || LEAD_IN.test(content)) this.#spaced = true;
    else if (TEXT_SEPARATORS.test(content)) this.push('mark', ',');
    else if (INNER_SEPARATOR.test(content) || (!BARE_WORDS.test(content) && readUnit(content) === undefined)) {
      this.push('macro', 'style', name);
      this.position -= match[0].length;
      this.take(SPACE);
    } else if (name !== 'operatorname' && this.#isTime(content)) this.push('text', content, name);
    else if (FUNCTIONS.has(content)) this.push('function', FUNCTIONS.get(content) ?? content);
    else if (name === 'operatorname' || (/^mathrm$/.test(name) && /^[A-Za-z]$/.test(content) && !this.#afterValue())) {
      this.push('symbol', content.length === 1 ? content : (SYMBOLS.get(content) ?? content));
    } else this.push('text', content, name);
  }

  /** `90 min`, `30 sec.`, `m/sec`: behind a number or a unit's slash and before no argument they are time, not a minimum and a secant. */
  #isTime(word: string): boolean {
    const noArgument = NO_ARGUMENT[word];
    const [last, before] = [this.tokens.at(-1), this.tokens.at(-2)];
    const isBelow = last?.text === '/' && /^(?:symbol|word|text)$/.test(before?.kind ?? '');
    if (noArgument === undefined || !(isBelow || last?.kind === 'number')) return false;
    return noArgument.test(this.text.slice(this.position, this.position + 20));
  }

  /** What stands before could carry a unit. */
  #afterValue(): boolean {
    const last = this.tokens.at(-1);
    return last !== undefined && (last.kind === 'number' || last.kind === 'text' || /^[)}]$/.test(last.text));
  }

  #named(name: string, match: string): void {
    const mark = COMMAND_MARKS.get(name);
    const symbol = SYMBOLS.get(name);
    const functionName = FUNCTIONS.get(name);
    const macro = MACROS.get(name);
    if (mark !== undefined) {
      if (mark !== '') this.#bracketed(mark);
    } else if (symbol !== undefined) this.push('symbol', symbol);
    else if (functionName !== undefined) this.push('function', functionName);
    else if (macro !== undefined) this.push('macro', macro, name);
    else if (name === 'arraystretch') return;
    else this.push('mark', match);
  }

  #bracketed(mark: string): void {
    if (mark === '(' || mark === '[' || mark === '\\{' || mark === 'langle') this.#depth++;
    if (mark === ')' || mark === ']' || mark === '\\}' || mark === 'rangle') this.#depth = Math.max(0, this.#depth - 1);
    this.push('mark', mark);
  }

  #mark(character: string): void {
    const relation = this.take(RELATIONS)?.[0];
    if (relation === '!=') {
      const last = this.tokens.at(-1);
      // 5!=120 is a factorial, x != 3 is not
      if (!this.#spaced && (last?.kind === 'number' || last?.text === ')')) {
        this.push('mark', '!');
        this.position--;
      } else this.push('mark', '!=');
    } else if (relation === '||') {
      // two bars: which side they are on is for the parser
      this.push('mark', '|');
      this.push('mark', '|');
    } else if (relation !== undefined) this.push('mark', RELATION_MARKS[relation] ?? relation);
    else {
      this.position++;
      if (character === '$') {
        if (this.isMoney && /^\s*[-+]?[\d.]/.test(this.text.slice(this.position, this.position + 20))) {
          this.push('mark', 'dollar');
        } else this.#spaced = true;
      } else if (character === '£' || character === '€') this.push('mark', character === '£' ? 'pound' : 'euro');
      else if (character === ';') this.push('mark', ',');
      else if (character === '&' && this.#isAligned) this.#spaced = true;
      else this.#bracketed(character);
    }
  }

  /** Two letters that mathematics stands close to: `e^{at}`, `2at`, `nm - 1`, which elsewhere are words or units. */
  #isProduct(word: string, before: string): boolean {
    if (!/^[a-z]{2}$/.test(word) || !SHORT_WORDS.has(word)) return false;
    const isAfterValue = /^(?:number|symbol|word|text)$/.test(this.tokens.at(-1)?.kind ?? '');
    if (isAfterValue) return /\d/.test(before) && readUnit(word) === undefined;
    const behind = /^ ?[-+*/^=_]|^\}/.test(this.text.slice(this.position, this.position + 2));
    return behind && (before === '' || /[{^(+\-*/=\s]/.test(before));
  }

  #letters(): void {
    if (this.tokens.at(-1)?.kind === 'number' && this.take(TIMES) !== undefined) {
      this.push('mark', '*');
      return;
    }
    if (this.take(HEDGE) !== undefined) return;
    const before = this.text.charAt(this.position - 1);
    const word = this.take(LETTERS)?.[0] ?? '';
    if (PYTHON_PREFIX.test(word) && this.text.charAt(this.position) === '.') {
      this.position++;
      return;
    }
    if (this.#isProduct(word, before)) for (const letter of word) this.push('symbol', letter);
    else if (this.#isTime(word)) this.push('word', word);
    else if (word === 'text') this.#wordsArgument(word);
    else if (!/^(?:left|right)$/.test(word) || !/[()[\]{|]/.test(this.text.charAt(this.position))) {
      for (const { kind, text } of readWord(word)) this.push(kind, text, kind === 'macro' ? word : text);
    }
  }
}

/** The text's tokens, an `end` token last. `text` is already folded to ASCII and LaTeX (`foldUnicode`). */
export function lex(text: string, options: LexOptions): readonly Token[] {
  return new Lexer(text, options).run();
}
