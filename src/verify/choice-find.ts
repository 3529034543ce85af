/**
 * Where a completion gives its choice. Places of unequal standing are asked in order: a box, "final answer", "####", "Answer:", "the
 * answer is", "(C) is correct", a line that is nothing but an answer; the strongest at which an option can be read decides.
 *
 * Boxes must agree with each other. Of the other places the last line counts, so that a policy may change its mind in prose; two letters
 * on that line are ambiguous. Unlike `extract.ts`, which gives the one best answer of each kind, this looks at all: that is how they can
 * be seen to disagree.
 */
import { type Reading, readOption } from './choice-read.ts';

export interface Place {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly anchor: string;
}

/** What was read, and where; or, without a reading, the place where an answer should have been. */
export interface Found {
  readonly place: Place;
  readonly reading?: Reading;
}

/** Only the last so many places of one kind are looked at, and so many characters of each: hostile text costs no more. */
const PLACES_LIMIT = 64;
const LENGTH_LIMIT = 2000;

/** What stands after the match, up to the end of its line, should be the answer. */
const INTRODUCTIONS: readonly { readonly anchor: string; readonly pattern: RegExp }[] = [
  { anchor: 'final answer', pattern: /\bfinal\s+answer\b[*_]*(?:\s*(?:is|would be|must be|[:=]))*/gi },
  { anchor: '####', pattern: /^####(?!#)/gm },
  { anchor: 'answer:', pattern: /\b(?:answer|ans|(?:correct|right|best)\s+(?:option|choice))[*_]*\s*[:=]/gi },
  {
    anchor: 'the answer is',
    pattern:
      /\b(?:(?:the|my|correct|right|best)\s+(?:answer|option|choice)\s+(?:is|must be|should be|would be)\b|I(?:\s+would|'d)?\s+(?:choose|pick|select|go with)\b)\s*:?/gi,
  },
];

/** The letter is within the match. */
const STATEMENT =
  /(?:\b(?:option|choice|answer)\s+[([]?|[([])(?<letter>[A-Z])[)\]]?\s+is\s+(?:the\s+)?(?:correct|right|best|answer)\b/gi;

export function findChoice(completion: string, forms: readonly string[]): Found | undefined {
  // what a policy thinks aloud is not its answer
  const thought = completion.lastIndexOf('</think>');
  const from = thought < 0 ? 0 : thought + '</think>'.length;
  const read = (place: Place) => withReading(place, readOption(place.text, forms));
  const boxed = boxes(completion, from).map(read);
  const introduced = INTRODUCTIONS.map(({ anchor, pattern }) =>
    matches(completion, from, pattern).map((match) =>
      read(lineAfter(completion, match.index + match[0].length, anchor)),
    ),
  );
  const stated = statements(completion, from).map(read);
  const found =
    agreed(boxed) ??
    firstOf([...introduced, stated].map((each) => lastLine(completion, each))) ??
    bareLine(completion, from, forms);
  return (
    found ?? [boxed, ...introduced].flatMap((each) => each.slice(-1)).find(({ place }) => place.text.trim() !== '')
  );
}

function withReading(place: Place, reading: Reading | undefined): Found {
  return reading === undefined ? { place } : { place, reading };
}

function firstOf<T>(list: readonly (T | undefined)[]): T | undefined {
  return list.find((each) => each !== undefined);
}

/** The last of the places with a reading; ambiguous if their readings differ. */
function agreed(places: readonly Found[]): Found | undefined {
  const readable = places.filter(({ reading }) => reading !== undefined);
  const last = readable.at(-1);
  const different = readable.find(({ reading }) => JSON.stringify(reading) !== JSON.stringify(last?.reading));
  if (last === undefined || different === undefined) return last;
  const why = `"${different.place.text.trim()}" and "${last.place.text.trim()}"`;
  return { place: last.place, reading: { kind: 'ambiguous', why } };
}

function lastLine(completion: string, places: readonly Found[]): Found | undefined {
  const last = places.findLast(({ reading }) => reading !== undefined);
  if (last === undefined) return undefined;
  const lineStart = completion.lastIndexOf('\n', last.place.start - 1);
  return agreed(places.filter(({ place }) => place.start > lineStart && place.start <= last.place.start));
}

/** The last line, or the first, if it is an answer and nothing else. */
function bareLine(completion: string, from: number, forms: readonly string[]): Found | undefined {
  const tail = completion.slice(from);
  const last = tail.trimEnd().length;
  const first = tail.length - tail.trimStart().length;
  if (first >= last) return undefined;
  const lastStart = tail.lastIndexOf('\n', last - 1) + 1;
  const firstBreak = tail.indexOf('\n', first);
  const firstEnd = firstBreak < 0 ? last : Math.min(firstBreak, last);
  const spans = [
    { start: from + first, end: from + firstEnd, anchor: 'first line' },
    { start: from + lastStart, end: from + last, anchor: 'last line' },
  ];
  const places = spans
    .filter(({ start, end }) => end - start <= LENGTH_LIMIT)
    .map((span) => ({ ...span, text: completion.slice(span.start, span.end) }));
  return agreed(
    places.map((place) => withReading(place, readOption(place.text.replace(/^[\s#>*-]+/, ''), forms, true))),
  );
}

/** The rest of the line, or where that is empty the next line that is not. */
function lineAfter(completion: string, from: number, anchor: string): Place {
  const [blank] = /^[\s*_:$]*/.exec(completion.slice(from, from + LENGTH_LIMIT)) as RegExpExecArray;
  const start = from + blank.length;
  const lineEnd = completion.indexOf('\n', start);
  const end = Math.min(lineEnd < 0 ? completion.length : lineEnd, start + LENGTH_LIMIT);
  return { text: completion.slice(start, end), start, end, anchor };
}

function statements(completion: string, from: number): Place[] {
  return matches(completion, from, STATEMENT).map((match) => {
    const { letter = '' } = match.groups ?? {};
    const start = match.index + match[0].search(new RegExp(`\\b${letter}\\b[)\\]]?\\s+is`));
    return { text: letter, start, end: start + 1, anchor: 'is correct' };
  });
}

function matches(completion: string, from: number, pattern: RegExp): RegExpExecArray[] {
  return [...completion.matchAll(pattern)].filter((match) => match.index >= from).slice(-PLACES_LIMIT);
}

/** The insides of `\boxed{...}` and `\fbox{...}`, in one pass over braces. */
function boxes(completion: string, from: number): Place[] {
  const found: Place[] = [];
  const open: { readonly start: number; readonly isBox: boolean }[] = [];
  const pattern = /\\f?box(?:ed)?\s{0,4}\{|\\[\s\S]|[{}]/g;
  pattern.lastIndex = from;
  for (let match = pattern.exec(completion); match !== null; match = pattern.exec(completion)) {
    const [mark] = match;
    if (mark === '}') {
      const start = open.pop();
      if (start?.isBox) found.push({ text: '', start: start.start, end: match.index, anchor: 'boxed' });
    } else if (mark.endsWith('{') && mark !== '\\{') {
      open.push({ start: match.index + mark.length, isBox: mark !== '{' });
    }
  }
  return found.slice(-PLACES_LIMIT).map((place) => ({
    ...place,
    text: completion.slice(place.start, Math.min(place.end, place.start + LENGTH_LIMIT)),
  }));
}
