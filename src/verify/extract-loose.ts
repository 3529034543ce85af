/**
 * Answers that nothing announces: a bare line, the last formula, the last number.
 */
import type { Span } from './span.ts';

/** A longer completion is never an answer as a whole. */
const MAX_WHOLE = 400;
/** A longer formula is no answer. */
const MAX_FORMULA = 2_000;

const COMMANDS_AND_TEXT =
  /\\(?:begin|end)\{[a-z*]{1,20}\}|\\(?:text|mbox|mathrm|textbf|operatorname)\s?\{[^{}]{0,100}\}|\\[A-Za-z]{1,20}/g;

/** Words that are not part of LaTeX. */
function proseWords(text: string): number {
  return text.replace(COMMANDS_AND_TEXT, ' ').match(/\p{L}{3,}/gu)?.length ?? 0;
}

const NAMES =
  /^(?:sqrt|frac|(?:arc|a)?(?:sin|cos|tan|cot|sec|csc)h?|log|ln|exp|gcd|lcm|max|min|abs|floor|ceil|pi|theta|alpha|beta|np|math|and|or|union|infinity|inf|[A-Z]{2,6})$/;
/** `No solution`, `Ann and Bob`, not a sentence. */
const WORDS_ALONE = /^\p{L}+(?:[ -]\p{L}+){0,2}[.!]?$/u;
/** Emphasis of Markdown around the whole line. */
const EMPHASIS = /^(\*{1,3}|_{1,2}|`)(?=\S)([^*_`]+)\1(?=\.?$)/;
const MATH_PIECES = /\$[^$]{1,400}\$|\\\((?:[^\\]|\\[^)]){1,400}\\\)|\\\[(?:[^\\]|\\[^\]]){1,400}\\\]/g;

/** One line, no sentence: every word is a function's name, or there are only words, up to three. */
export function findWhole(text: string): Span | undefined {
  const line = text.trim();
  if (line === '' || line.length > MAX_WHOLE || /\n|fbox|boxed|#|answer/i.test(line)) return undefined;
  const emphasis = EMPHASIS.exec(line);
  const trimmed = emphasis?.[2] ?? line;
  const words = trimmed.replace(COMMANDS_AND_TEXT, ' ').match(/\p{L}{2,}/gu) ?? [];
  if (!WORDS_ALONE.test(trimmed) && words.some((word) => !NAMES.test(word) && word.length > 3)) return undefined;
  if (isWordsAndMath(trimmed)) return undefined;
  const start = text.indexOf(line) + (emphasis?.[1]?.length ?? 0);
  return [start, start + trimmed.length];
}

/** `It is $2k$`: formulas among words, which are more than `and`. */
function isWordsAndMath(line: string): boolean {
  const outside = line.replace(MATH_PIECES, ' ');
  return (
    outside !== line && /[A-Za-z]{2,}/.test(outside.replace(COMMANDS_AND_TEXT, ' ').replace(/\b(?:and|or)\b/g, ' '))
  );
}

const DELIMITERS = /\\\\|\\\$|\$\$|\$|\\[()[\]]/g;
const CLOSING: Readonly<Record<string, string>> = { $: '$', $$: '$$', '\\(': '\\)', '\\[': '\\]' };

/** `$5 each, so $` is money, not a formula. */
function isFormula(content: string): boolean {
  if (/^\d/.test(content) && proseWords(content) > 0) return false;
  return content.trim() !== '' && content.length <= MAX_FORMULA && proseWords(content) < 3 && !/\n\s*\n/.test(content);
}

/** Between formulas that are one answer: `$1$ and $2$`. */
const JOINT = /^\s*(?:[,;]|,?\s*(?:and|or))\s*$/;
/** The name a value is given to: `x` of `x = 5`. */
const nameIn = (formula: string): string =>
  formula.includes('=') ? formula.slice(0, formula.indexOf('=')).trim() : '';

interface Formulas {
  /** From the first delimiter to the last. */
  readonly outer: Span;
  /** What is the answer: the inside of one formula, all of several. */
  readonly span: Span;
  readonly name: string;
}

/** The last formula; several values of one name that only `,`, `and`, `or` stand between count together. */
export function findMath(text: string): Span | undefined {
  let open: { readonly closing: string; readonly from: number; readonly start: number } | undefined;
  let last: Formulas | undefined;
  for (const { 0: mark, index } of text.matchAll(DELIMITERS)) {
    const behind = index + mark.length;
    if (open !== undefined && mark === open.closing) {
      const content = text.slice(open.from, Math.min(index, open.from + MAX_FORMULA + 1));
      const isRead = isFormula(content);
      if (isRead)
        last = joined(text, last, { outer: [open.start, behind], span: [open.from, index], name: nameIn(content) });
      const closing: string | undefined = isRead || mark !== '$' ? undefined : '$';
      open = closing === undefined ? undefined : { closing, from: behind, start: index };
    } else {
      const closing = CLOSING[mark];
      if (closing !== undefined && (open === undefined || mark !== '$')) open = { closing, from: behind, start: index };
    }
  }
  return last?.span;
}

function joined(text: string, before: Formulas | undefined, next: Formulas): Formulas {
  if (before === undefined || before.name !== next.name || next.outer[0] - before.outer[1] > 10) return next;
  if (!JOINT.test(text.slice(before.outer[1], next.outer[0]))) return next;
  const outer: Span = [before.outer[0], next.outer[1]];
  return { outer, span: outer, name: next.name };
}

/** Digits with separators, a decimal part, a fraction, a percent sign; a minus sign unless it subtracts. */
const NUMBERS =
  /(?<![\p{L}\d\\^_{])(?:(?<![\d)\]}][ \t]?)[-−])?(?:\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)(?:[ ]?\/[ ]?\d+)?(?:\\?%)?/gu;
const EXPRESSION_BEHIND = /^[ \t]*(?:[\^_}{(*+×÷·√π=<>]|\\[a-z]|[-−/][ \t]*[\d\\(a-z]|\d)/u;
/** As much of the end as the last number is looked for in. */
const NUMBER_WINDOW = 10_000;

export function findNumber(text: string): Span | undefined {
  const from = Math.max(0, text.length - NUMBER_WINDOW);
  const tail = text.slice(from);
  let last: Span | undefined;
  for (const { 0: digits, index } of tail.matchAll(NUMBERS)) {
    const behind = index + digits.length;
    const following = tail.slice(behind, behind + 8);
    if (/[+*/·×÷][ \t]*$/.test(tail.slice(Math.max(0, index - 4), index))) continue;
    if (/^(?:\p{L}(?!\p{L})|(?:st|nd|rd|th)\b|[\^_}])/u.test(following)) continue;
    if (!/^[ \t]/.test(following) && EXPRESSION_BEHIND.test(following)) continue;
    last = [from + index, from + behind];
  }
  return last;
}
