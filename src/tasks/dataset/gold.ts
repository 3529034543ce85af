/** Where the answer stands in a cell: text as it is, behind a mark, or in the last box of a written solution. */
import type { Cells } from './row.ts';

/** A gold, or why there is none. */
export type Extracted = { readonly gold: string } | { readonly fault: string };

export const GOLD_PLACES = {
  /** The whole cell; a list of answers is written with commas. */
  whole: wholeOf,
  /** GSM8K's: behind the last `####`, thousands separators removed. */
  'after-####': within((text) => {
    const at = text.lastIndexOf('####');
    return at < 0 ? { fault: 'has no ####' } : nonEmpty(withoutSeparators(text.slice(at + 4).trim()));
  }),
  /** The content of the last \boxed{} (or \fbox{}) of a written solution. */
  'last-boxed': within((text) => {
    const boxed = lastBoxed(text);
    return boxed === undefined ? { fault: 'has no \\boxed{}' } : nonEmpty(boxed);
  }),
  /** As last-boxed where there is a box, else the whole cell. */
  'boxed-or-whole': within((text) => nonEmpty(lastBoxed(text) ?? text)),
} as const;

export type GoldPlace = keyof typeof GOLD_PLACES;

/** Where in the whole cell's text the gold stands. */
function within(find: (text: string) => Extracted): (cell: unknown) => Extracted {
  return (cell) => {
    const whole = wholeOf(cell);
    return 'fault' in whole ? whole : find(whole.gold);
  };
}

function wholeOf(cell: unknown): Extracted {
  if (cell === undefined || cell === null) return { fault: 'is absent' };
  if (Array.isArray(cell)) return listOf(cell);
  if (typeof cell === 'string') return nonEmpty(cell.trim());
  if (typeof cell !== 'number') return { fault: `is a ${typeof cell}, not text or a number` };
  if (Number.isInteger(cell) && !Number.isSafeInteger(cell))
    return { fault: `is the number ${cell}, whose last digits were lost when it was read: write it as text` };
  return Number.isFinite(cell) ? { gold: `${cell}` } : { fault: `is ${cell}` };
}

function listOf(cells: readonly unknown[]): Extracted {
  if (cells.some(Array.isArray)) return { fault: 'is a list of lists' };
  const parts = cells.map(wholeOf);
  const fault = parts.find((part) => 'fault' in part);
  if (fault !== undefined) return fault;
  return nonEmpty(parts.map((part) => ('gold' in part ? part.gold : '')).join(', '));
}

function nonEmpty(text: string): Extracted {
  return text === '' ? { fault: 'is empty' } : { gold: text };
}

/** `1,234,567` -> `1234567`; anything else stays. */
function withoutSeparators(text: string): string {
  return /^[-+]?\$?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(',', '') : text;
}

const BOX = /\\(?:boxed|fbox)\s*(?:\{|(?<bare>[^\s{}$\\]+))/g;

/** Boxes looked at from the end: a text of a million open boxes must not be read a million times. */
const MOST_BOXES = 64;

/** `so \boxed{\frac{1}{2}}.` -> `\frac{1}{2}`; `\boxed 3` -> `3`; undefined when no box is closed. */
export function lastBoxed(solution: string): string | undefined {
  const boxes = [...solution.matchAll(BOX)].slice(-MOST_BOXES).reverse();
  for (const match of boxes) {
    const content = match.groups?.['bare'] ?? insideBraces(solution, match.index + match[0].length);
    if (content !== undefined) return content.trim();
  }
  return undefined;
}

/** From behind an open brace to its partner; `\{` and `\}` are not braces. */
function insideBraces(text: string, from: number): string | undefined {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return text.slice(from, at);
  }
  return undefined;
}

/** A cell by its column's name, or by a path into it: `reward_model.ground_truth`. */
export function cellAt(cells: Cells, path: string): unknown {
  if (Object.hasOwn(cells, path)) return cells[path];
  let value: unknown = cells;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Cells)[part];
  }
  return value;
}
