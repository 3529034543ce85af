/** Finding and cutting texts for lists. Offsets are UTF-16 units; a cut never splits a pair of surrogates. */

/** Characters of a text that a list gets. */
const SHOWN = 300;
/** Of which before the first hit of a search: few, so that it is in sight where a list is narrow. */
const BEFORE_HIT = 16;

export type Span = readonly [start: number, end: number];

/** Finds the first place where `text` stands, case-insensitively, taken literally. */
export function finderOf(text: string): (where: string) => Span | undefined {
  const pattern = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'iu');
  return (where) => {
    const match = pattern.exec(where);
    return match === null ? undefined : [match.index, match.index + match[0].length];
  };
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** `at`, or one less where it would split a pair. */
const boundary = (text: string, at: number): number => (isLow(text.charCodeAt(at)) ? at - 1 : at);

/** The beginning. */
export function clipped(text: string): string {
  return text.length <= SHOWN ? text : text.slice(0, boundary(text, SHOWN));
}

/** The part around a hit, and where the hit is in it. */
export function clippedAround(text: string, [start, end]: Span): { completion: string; hit: [number, number] } {
  const from = start <= BEFORE_HIT ? 0 : Math.max(0, boundary(text, start - BEFORE_HIT));
  const to = Math.max(end, boundary(text, from + SHOWN));
  return { completion: text.slice(from, to), hit: [start - from, end - from] };
}
