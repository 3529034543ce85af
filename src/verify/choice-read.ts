/**
 * Which option a piece of text names, when it is where an answer stands (in a box, after "Answer:"): by letter, by the option's exact
 * text, or by both if they agree. Text in which a letter is only a word ("A dog", "vitamin C") names none.
 */
import { letterAt, placeOf } from './choice-shuffle.ts';

export type Reading =
  | { readonly kind: 'option'; readonly place: number }
  | { readonly kind: 'ambiguous'; readonly why: string }
  /** A letter beyond the options: an answer, and wrong. */
  | { readonly kind: 'beyond'; readonly letter: string };

/** Words that may stand before the letter. */
const LEAD =
  /^(?:(?:therefore|thus|clearly|definitely|probably|likely|most|simply|just|either|both|the|option|options|choice|letter|answer)\s+|:\s*)*/i;
/** Words that may follow a letter that is an answer; after any other word it is an article, a pronoun or part of a name. */
const CONNECTIVE =
  /^(?:because|since|as|is|for|due|given|based|by|which|with|and|or|so|not|in|if|from|rather|instead)\b/i;
const OTHER_LETTER = /^(?:,\s*|\/\s*|&\s*|(?:,\s*)?(?:or|and)\s+)[([]?([A-Z])[)\]]?(?=$|[\s.,;:!)\]])/;
const MARKUP =
  /\\(?:text(?:bf|it|rm|sf|tt)?|math(?:bf|rm|sf|it|tt)|operatorname|boxed|fbox|left|right)(?![A-Za-z])|\\[()[\],;!]|\\ |[$`{}]|\*\*|__/g;

/** Without the marks of LaTeX and Markdown, and with single spaces. */
function plain(text: string): string {
  return text.replace(MARKUP, ' ').replace(/\s+/g, ' ').trim();
}

/** The form in which an option's text is recognised. */
function optionForm(text: string): string {
  return plain(text)
    .replace(/^["'\u201c\u2018]+|["'\u201d\u2019]+$/g, '')
    .replace(/\s*[.;,!]+$/, '')
    .replace(/\s+/g, '');
}

/** The options as they are recognised: without the letters some datasets write before them ("A) Paris"). */
export function optionForms(options: readonly string[]): readonly string[] {
  const bodies = options.map((option, place) => {
    const [mark, letter] = /^\s*\(?([A-Z])[).:]\s+/.exec(option) ?? [];
    return mark !== undefined && letter === letterAt(place) ? option.slice(mark.length) : undefined;
  });
  const areLettered = bodies.every((body) => body !== undefined);
  return (areLettered ? (bodies as string[]) : options).map(optionForm);
}

/** `isStrict`: nothing may stand beside the answer, as on a line that no words introduce. */
export function readOption(raw: string, forms: readonly string[], isStrict = false): Reading | undefined {
  const text = plain(raw).replace(LEAD, '').replace(/\*+/g, '').trim();
  const byText = placesOfText(text, forms);
  const bare = /^[([]?\s?([A-Za-z])\s?[)\]]?[\s.:,;!]*$/.exec(text)?.[1];
  if (bare !== undefined && (placeOf(bare) < forms.length || byText.length === 0)) {
    const others = byText.filter((place) => place !== placeOf(bare));
    // a letter that is also another option's text, as in "which letter comes first?"
    if (others.length > 0) return ambiguous(`${bare} is a letter and the text of ${lettersOf(others)}`);
    return optionOrBeyond(placeOf(bare), forms);
  }
  if (byText.length > 1) return ambiguous(`the text of ${lettersOf(byText)}`);
  if (byText.length === 1) return { kind: 'option', place: byText[0] as number };
  return readLetterAndRest(text, forms, isStrict);
}

function readLetterAndRest(text: string, forms: readonly string[], isStrict: boolean): Reading | undefined {
  const bracketed = /^[([]\s?([A-Za-z])\s?[)\]](?!\w)\s*(.*)$/s.exec(text);
  const marked = bracketed ?? /^([A-Z])(?:\s?[).:;]+|,|\s[-\u2013\u2014=])(?!\w)\s*(.*)$/s.exec(text);
  const [, letter, rest] = marked ?? /^([A-Z])[\s/]\s*(.*)$/s.exec(text) ?? [];
  if (letter === undefined || rest === undefined) return undefined;
  const place = placeOf(letter);
  const second = OTHER_LETTER.exec(text.slice(text.indexOf(letter) + 1).replace(/^[)\].]?\s*/, ''))?.[1];
  if (second !== undefined && second !== letter.toUpperCase() && placeOf(second) < forms.length) {
    return ambiguous(`${letter} and ${second}`);
  }
  const named = placesOfText(rest.replace(/^[-\u2013\u2014=:]\s*/, ''), forms);
  if (named.includes(place)) return { kind: 'option', place };
  if (named.length > 0) return ambiguous(`the letter ${letter} with the text of ${lettersOf(named)}`);
  if (isStrict || (marked === null && !CONNECTIVE.test(rest))) return undefined;
  return optionOrBeyond(place, forms);
}

/** Options whose text this is, as a whole or up to the end of its first sentence. */
function placesOfText(text: string, forms: readonly string[]): number[] {
  const sentence = /^(.*?\S)[.;!](?:\s|$)/s.exec(text)?.[1];
  for (const candidate of sentence === undefined ? [text] : [text, sentence]) {
    const form = optionForm(candidate);
    if (form === '') continue;
    const exact = [...forms.keys()].filter((place) => forms[place] === form);
    if (exact.length > 0) return exact;
    const lower = form.toLowerCase();
    const anyCase = [...forms.keys()].filter((place) => forms[place]?.toLowerCase() === lower);
    if (anyCase.length > 0) return anyCase;
  }
  return [];
}

function optionOrBeyond(place: number, forms: readonly string[]): Reading {
  return place < forms.length ? { kind: 'option', place } : { kind: 'beyond', letter: letterAt(place) };
}

function ambiguous(why: string): Reading {
  return { kind: 'ambiguous', why };
}

function lettersOf(places: readonly number[]): string {
  return places.map(letterAt).join(' and ');
}
