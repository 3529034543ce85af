/**
 * Answers that nothing announces: a bare line, the last formula, the last number.
 */
import type { Span } from './extract.ts';

/** A longer completion is never an answer as a whole. */
const MAX_WHOLE = 400;
/** A longer formula is no answer. */
const MAX_FORMULA = 2_000;

const COMMANDS_AND_TEXT =
  /\\(?:begin|end)\{[a-z*]{1,20}\}|\\(?:text|mbox|mathrm|textbf)\s?\{[^{}]{0,100}\}|\\[A-Za-z]{1,20}/g;

/** Words that are not part of LaTeX. */
function proseWords(text: string): number {
  return text.replace(COMMANDS_AND_TEXT, ' ').match(/\p{L}{3,}/gu)?.length ?? 0;
}

const NAMES = /^(?:sqrt|frac|sin|cos|tan|log|ln|exp|gcd|lcm|max|min|pi|and|or|union|infinity|inf)$/;

/** One line, no sentence: every word is a function's name, or the line is one word. */
export function findWhole(text: string): Span | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_WHOLE || /\n|fbox|boxed|#|answer/i.test(trimmed)) return undefined;
  const words = trimmed.replace(COMMANDS_AND_TEXT, ' ').match(/\p{L}{2,}/gu) ?? [];
  const isOneWord = /^\p{L}+[.!]?$/u.test(trimmed);
  if (!isOneWord && words.some((word) => !NAMES.test(word) && word.length > 3)) return undefined;
  const start = text.indexOf(trimmed);
  return [start, start + trimmed.length];
}

const DELIMITERS = /\\\\|\\\$|\$\$|\$|\\[()[\]]/g;
const CLOSING: Readonly<Record<string, string>> = { $: '$', $$: '$$', '\\(': '\\)', '\\[': '\\]' };

/** `$5 each, so $` is money, not a formula. */
function isFormula(content: string): boolean {
  if (/^\d/.test(content) && proseWords(content) > 0) return false;
  return content.trim() !== '' && content.length <= MAX_FORMULA && proseWords(content) < 3 && !/\n\s*\n/.test(content);
}

export function findMath(text: string): Span | undefined {
  let open: { readonly closing: string; readonly from: number } | undefined;
  let last: Span | undefined;
  for (const { 0: mark, index } of text.matchAll(DELIMITERS)) {
    const behind = index + mark.length;
    if (open !== undefined && mark === open.closing) {
      const isRead = isFormula(text.slice(open.from, Math.min(index, open.from + MAX_FORMULA + 1)));
      if (isRead) last = [open.from, index];
      const closing: string | undefined = isRead || mark !== '$' ? undefined : '$';
      open = closing === undefined ? undefined : { closing, from: behind };
    } else {
      const closing = CLOSING[mark];
      if (closing !== undefined && (open === undefined || mark !== '$')) open = { closing, from: behind };
    }
  }
  return last;
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
