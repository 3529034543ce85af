/**
 * A rollout's tokens as they are read: the text of each, where it stands in the completion, and which parts are marked.
 *
 * Dimensions: T completion tokens.
 */
import type { RolloutDetail } from '../../api.ts';

export interface TokenTexts {
  /** [T] not yet made visible; empty for a token that has no text of its own. */
  readonly texts: readonly string[];
  /** [T] where each begins in the completion; -1 for text that is not part of it. */
  readonly starts: readonly number[];
}

/** Tokens that end the completion are no part of its text; without a tokenizer all are shown by number. */
export function tokenTexts({ tokens, completion }: RolloutDetail): TokenTexts {
  const { ids, starts } = tokens;
  if (starts === null) return { texts: ids.map((id) => `⟨${id}⟩`), starts: ids.map(() => -1) };
  const shown = ids.map((_, t) => {
    const start = starts[t] ?? completion.length;
    if (start >= completion.length) return { text: '', start: -1 };
    return { text: completion.slice(start, starts[t + 1] ?? completion.length), start };
  });
  return { texts: shown.map(({ text }) => text), starts: shown.map(({ start }) => start) };
}

/** A part of the completion, [start, end) in UTF-16 units. */
export interface Mark {
  readonly kind: 'answer' | 'hit';
  readonly start: number;
  readonly end: number;
}

/** More hits than this are not marked. */
const MOST_HITS = 2000;

/** The verifier's extracted span and what was searched for, in order. */
export function marksOf({ completion, evidence }: RolloutDetail, search: string): Mark[] {
  const extracted = evidence?.extracted;
  const answer: Mark[] = extracted ? [{ kind: 'answer', start: extracted.start, end: extracted.end }] : [];
  return [...answer, ...hits(completion, search)].sort((a, b) => a.start - b.start);
}

function hits(completion: string, search: string): Mark[] {
  if (search === '') return [];
  // as the server finds: lower case, letter by letter, so that positions stay those of the text
  const [text, wanted] = [lowered(completion), lowered(search)];
  const found: Mark[] = [];
  for (
    let at = text.indexOf(wanted);
    at >= 0 && found.length < MOST_HITS;
    at = text.indexOf(wanted, at + wanted.length)
  )
    found.push({ kind: 'hit', start: at, end: at + wanted.length });
  return found;
}

/** A few letters change their length in lower case; those stay. */
function lowered(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from(text, (letter) =>
    letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter,
  ).join('');
}

export interface Segment {
  readonly text: string;
  readonly isAnswer: boolean;
  readonly isHit: boolean;
}

/** A text that begins at `start` of the completion, cut where marks begin and end. */
export function segments(text: string, start: number, marks: readonly Mark[]): Segment[] {
  const end = start + text.length;
  const touching = start < 0 ? [] : marks.filter((mark) => mark.start < end && mark.end > start);
  const inside = touching.flatMap((mark) => [mark.start, mark.end]).filter((at) => at > start && at < end);
  const cuts = [...new Set([start, ...inside, end])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, i) => {
    const within = (kind: Mark['kind']) =>
      touching.some((mark) => mark.kind === kind && mark.start <= from && mark.end > from);
    return {
      text: text.slice(from - start, (cuts[i + 1] ?? end) - start),
      isAnswer: within('answer'),
      isHit: within('hit'),
    };
  });
}
