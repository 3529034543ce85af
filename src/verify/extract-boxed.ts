/**
 * The last \boxed{} of a text, by balanced braces.
 */
import type { Span } from './span.ts';

/** A box: `outer` from its backslash to behind its brace, `inner` what stands in it. */
interface Box {
  readonly outer: Span;
  readonly inner: Span;
}

/** A longer box counts as never closed, in UTF-16 units. */
const MAX_BOX = 4_000;
/** How many boxes are tried from the end, and how many may join into a list. */
const MAX_BOXES = 64;

/** With a backslash; without one (lost in JSON or a tokenizer) only before a brace. */
const BOX = /\\(?:boxed|fbox)(?![A-Za-z])[ \t]*(\{)?|(?:boxed|fbox)(\{)/g;
const JOINT = /^(?:[\s$,;&]|\\[,;:! ()[\]]|\\quad|and|or|\\text\{\s*(?:,|and|or|, and)\s*\})*$/;
const HAS_JOINT = /[,;&]|and|or/;

const TRAILING: ReadonlySet<string> = new Set([' ', '\t', '\r', '$', '.', '\\']);
const CLOSING_MATH: ReadonlySet<string> = new Set(['\\)', '\\]']);

function behindBrace(text: string, open: number): number | undefined {
  let depth = 0;
  const limit = Math.min(text.length, open + MAX_BOX);
  for (let index = open; index < limit; index++) {
    const character = text.charCodeAt(index);
    if (character === 0x5c) index++;
    else if (character === 0x7b) depth++;
    else if (character === 0x7d && --depth === 0) return index + 1;
  }
  return undefined;
}

/** The rest of the line, without the math delimiters and full stop at its end. */
function restOfLine(text: string, from: number): Span {
  const newline = text.slice(from, from + MAX_BOX).indexOf('\n');
  let end = newline < 0 ? Math.min(text.length, from + MAX_BOX) : from + newline;
  while (end > from && (TRAILING.has(text.charAt(end - 1)) || CLOSING_MATH.has(text.slice(end - 2, end)))) end--;
  return [from, end];
}

function readBox(text: string, match: RegExpExecArray): Box | undefined {
  const start = match.index;
  const behind = start + match[0].length;
  if (match[1] === undefined && match[2] === undefined) {
    const bare = /^[^\s{}$.,;]+/.exec(text.slice(behind, behind + 100))?.[0];
    return bare === undefined
      ? undefined
      : { outer: [start, behind + bare.length], inner: [behind, behind + bare.length] };
  }
  const end = behindBrace(text, behind - 1);
  if (end !== undefined) return { outer: [start, end], inner: [behind, end - 1] };
  const inner = restOfLine(text, behind);
  return { outer: [start, inner[1]], inner };
}

/** The last boxes with something in them, last first, boxes in boxes left out. */
function lastBoxes(text: string): readonly Box[] {
  const matches: RegExpExecArray[] = [];
  for (const match of text.matchAll(BOX)) {
    matches.push(match);
    if (matches.length > 2 * MAX_BOXES) matches.splice(0, MAX_BOXES);
  }
  const boxes: Box[] = [];
  for (const match of matches.slice(-MAX_BOXES).reverse()) {
    const box = readBox(text, match);
    if (box === undefined || text.slice(...box.inner).trim() === '') continue;
    while (boxes.length > 0 && (boxes.at(-1)?.outer[1] ?? 0) <= box.outer[1] && isClosed(text, box)) boxes.pop();
    boxes.push(box);
  }
  return boxes;
}

function isClosed(text: string, box: Box): boolean {
  return text.charAt(box.outer[1] - 1) === '}' && box.inner[1] === box.outer[1] - 1;
}

export function findBoxed(text: string): Span | undefined {
  const boxes = lastBoxes(text);
  const last = boxes[0];
  if (last === undefined) return undefined;
  let first = last;
  for (const box of boxes.slice(1)) {
    const between = text.slice(box.outer[1], first.outer[0]);
    if (between.length > 40 || !JOINT.test(between) || !HAS_JOINT.test(between)) break;
    first = box;
  }
  return first === last ? last.inner : [first.outer[0], last.outer[1]];
}
