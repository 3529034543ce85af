/**
 * Where a completion says its answer. Candidates come best first, at most one an anchor, in this order:
 *
 * 1. `boxed`: the last \boxed{} or \fbox{}. Braces balance; a box that never closes takes the rest of its line; an empty box is none; of boxes in
 *    boxes the outermost counts. Boxes joined only by commas, `and` or `or` are one answer, whose text runs from the first box to the last;
 *    any other words between two boxes (`\boxed{33} wait, \boxed{34}`) mean that the last one counts alone.
 * 2. `final answer`: behind the last `final answer is`, `Final answer:`.
 * 3. `####`: behind the last line of GSM8K's form, unless it is a heading.
 * 4. `answer`: behind the last `Answer:`, `the answer is`, `answer to ... is`.
 * 5. `whole`: the whole completion, where it is one short line without prose.
 * 6. `math`: the last $...$, $$...$$, \(...\) or \[...\]; values that only `,`, `and`, `or` stand between are one answer.
 * 7. `number`: the last number that is no part of a larger expression; before `math` where it ends the text behind the last formula.
 *
 * Where `</think>` occurs only what follows the last one counts, and of that the inside of the last <answer>, if there is one. Only the last `WINDOW` characters are looked at, and every search is linear in it.
 * Knows nothing of what the answer means: reading it is `math/parse.ts`.
 */
import { findBoxed } from './extract-boxed.ts';
import { findMath, findNumber, findWhole } from './extract-loose.ts';
import { findAnswer, findFinalAnswer, findHashes } from './extract-phrases.ts';
import type { Span } from './span.ts';

export const ANCHORS = ['boxed', 'final answer', '####', 'answer', 'whole', 'math', 'number'] as const;
export type Anchor = (typeof ANCHORS)[number];

/** An answer: `completion.slice(start, end) === text`, in UTF-16 units, without white space around it. */
export interface Extraction {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly anchor: Anchor;
}

export interface ExtractOptions {
  /** Which anchors count; all by default. Their order here means nothing. */
  readonly anchors?: readonly Anchor[];
}

/** How much of the end of a completion is searched, in UTF-16 units: answers stand at the end. */
export const WINDOW = 100_000;

const FINDERS: Readonly<Record<Anchor, (text: string) => Span | undefined>> = {
  boxed: findBoxed,
  'final answer': findFinalAnswer,
  '####': findHashes,
  answer: findAnswer,
  whole: findWhole,
  math: findMath,
  number: findNumber,
};

const THINKING_ENDS = '</think>';
const ANSWER_BEGINS = '<answer>';
const ANSWER_ENDS = '</answer>';

/** The searched part: after the thinking, within <answer>, within the window. */
function searchedPart(completion: string): Span {
  const thinking = completion.lastIndexOf(THINKING_ENDS);
  const start = thinking < 0 ? 0 : thinking + THINKING_ENDS.length;
  const tag = completion.lastIndexOf(ANSWER_BEGINS);
  const inside = tag < start ? start : tag + ANSWER_BEGINS.length;
  const closing = tag < start ? -1 : completion.indexOf(ANSWER_ENDS, inside);
  const end = closing < 0 ? completion.length : closing;
  const [from, to] = completion.slice(inside, end).trim() === '' ? [start, completion.length] : [inside, end];
  return [Math.max(from, to - WINDOW), to];
}

const BEHIND_NUMBER = /^[^\d\n$\\]{0,40}\s*$/;
/** `step 3`, `equation (2)`: a number that counts nothing. */
const REFERENCE =
  /\b(?:step|case|part|equation|eq|figure|fig|problem|page|method|line|lemma|theorem|section|example|table|mod|modulo)s?\.?\s*\(?$/i;

/** A number at the end of the text, behind the last formula, says more than the formula. */
function isNumberLast(text: string, math: Span, number: Span): boolean {
  if (number[0] < math[1] || !BEHIND_NUMBER.test(text.slice(number[1], number[1] + 60))) return false;
  return number[1] + 60 >= text.length && !REFERENCE.test(text.slice(Math.max(0, number[0] - 20), number[0]));
}

/** The answers found, best first; empty where there is none. Never throws. */
export function extractAnswers(completion: string, options: ExtractOptions = {}): readonly Extraction[] {
  const [from, to] = searchedPart(completion);
  const text = completion.slice(from, to);
  const spans = new Map<Anchor, Span>();
  for (const anchor of ANCHORS) {
    if (options.anchors !== undefined && !options.anchors.includes(anchor)) continue;
    const span = FINDERS[anchor](text);
    if (span !== undefined) spans.set(anchor, span);
  }
  const [math, number] = [spans.get('math'), spans.get('number')];
  if (math && number && isNumberLast(text, math, number)) {
    // to the end of the order
    spans.delete('math');
    spans.set('math', math);
  }
  return [...spans].flatMap(([anchor, span]) => {
    const answer = text.slice(...span);
    const trimmed = answer.trim();
    if (trimmed === '') return [];
    const start = from + span[0] + answer.indexOf(trimmed);
    return [{ text: trimmed, start, end: start + trimmed.length, anchor }];
  });
}
