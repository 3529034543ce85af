/**
 * Answers in words: case, articles and punctuation do not count, numbers may be spelled, and a few ways of saying yes, no and nothing
 * are one.
 */
import type { Compare } from './collections.ts';
import { type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';
import { named } from './names.ts';
import { hasNumberWord } from './number-words.ts';
import { someNode } from './tree-key.ts';

const SMALL_NUMBERS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );
const TENS: ReadonlyMap<string, number> = new Map([
  ...'twenty thirty forty fifty sixty seventy eighty ninety hundred'
    .split(' ')
    .map((word, index): [string, number] => [word, 20 + 10 * index]),
]);

/** Phrases that mean one thing. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ...[
    'none',
    'no solution',
    'no solutions',
    'no real solution',
    'no real solutions',
    'no real root',
    'no real roots',
    'no such number',
    'there is no solution',
    'there are no solutions',
    'no answer exists',
    'empty set',
    'null set',
    'emptyset',
    'no integer solutions',
    'no such integers',
  ].map((phrase): [string, string] => [phrase, 'none']),
  ...['yes', 'true'].map((phrase): [string, string] => [phrase, 'yes']),
  ...['no', 'false'].map((phrase): [string, string] => [phrase, 'no']),
  ...['undefined', 'does not exist', 'dne', 'not defined'].map((phrase): [string, string] => [phrase, 'undefined']),
  ...['infinity', 'infinitely many', 'infinite'].map((phrase): [string, string] => [phrase, 'infinity']),
  ...['all real numbers', 'all reals', 'real numbers', 'reals'].map((phrase): [string, string] => [phrase, 'reals']),
]);

/** `\text{The (C).}` -> `c`; `No real solutions` -> `none`. */
export function plainText(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\\(?:text|mathrm|textbf|mbox)\b/g, ' ')
    .replace(/[^\p{L}\p{N}+\-*/=<>^_.]+/gu, ' ')
    .replace(/(^|\s)[.\-_]+|[.\-_]+(?=\s|$)/g, ' ')
    .split(' ')
    .filter((word) => word !== '');
  const kept = words.filter((word) => !['a', 'an', 'the'].includes(word));
  const phrase = (kept.length === 0 ? words : kept).join(' ');
  return MEANINGS.get(phrase) ?? phrase;
}

/** The words of a tree that is nothing else: text, a symbol, or letters side by side. */
function wordsOf(e: Expression): string | undefined {
  if (e.kind === 'text') return e.text;
  if (e.kind === 'symbol') return e.name;
  if (e.kind === 'set' && e.elements.length === 0) return 'none';
  if (e.kind === 'product' && e.factors.every((factor) => factor.kind === 'symbol'))
    return e.factors.map((factor) => (factor.kind === 'symbol' ? factor.name : '')).join('');
  return undefined;
}

/** The number that the words spell: `two`, `twenty-one`. */
function spelledNumber(text: string): number | undefined {
  const word = text.trim().toLowerCase();
  const small = SMALL_NUMBERS.indexOf(word);
  if (small >= 0) return small;
  const [tens = '', ones] = word.split(/[-\s]+/);
  const base = TENS.get(tens);
  if (base === undefined) return undefined;
  if (ones === undefined) return base;
  const unit = SMALL_NUMBERS.indexOf(ones);
  return base < 100 && unit > 0 && unit < 10 && word.split(/[-\s]+/).length === 2 ? base + unit : undefined;
}

/** Decides when at least one side is words, or both are single letters; `undefined` otherwise. */
export function compareTexts(gold: Expression, answer: Expression, compare: Compare): Decision | undefined {
  const [a, b] = [wordsOf(gold), wordsOf(answer)];
  const isText = gold.kind === 'text' || answer.kind === 'text';
  if (a !== undefined && b !== undefined) {
    const [x, y] = [plainText(a), plainText(b)];
    if (x === y && (isText || isLetterOrMeaning(a, x))) return equal('equal words');
    if (!isText && !(isNone(gold) || isNone(answer))) return undefined;
    return compareSpelled(gold, answer, compare) ?? differentWords(x, y);
  }
  if (!isText) return undefined;
  const formula = gold.kind === 'text' ? answer : gold;
  // `x = \text{east}` names a word: the relation is compared
  if (named(formula)?.value.kind === 'text') return undefined;
  return compareSpelled(gold, answer, compare) ?? wordsAgainstFormula(a ?? b ?? '', formula);
}

function isNone(e: Expression): boolean {
  return (e.kind === 'symbol' && e.name === 'emptyset') || (e.kind === 'set' && e.elements.length === 0);
}

/** One letter in either case is one answer; longer products of letters are formulas. */
function isLetterOrMeaning(written: string, plain: string): boolean {
  return written.length === 1 || MEANINGS.has(plain) || plain === 'none';
}

function compareSpelled(gold: Expression, answer: Expression, compare: Compare): Decision | undefined {
  const spelled = (e: Expression): Expression | undefined => {
    const value = e.kind === 'text' ? spelledNumber(e.text) : undefined;
    return value === undefined ? undefined : { kind: 'number', digits: `${value}` };
  };
  const [a, b] = [spelled(gold), spelled(answer)];
  if (!a && !b) return undefined;
  if ((!a && gold.kind === 'text') || (!b && answer.kind === 'text')) return undefined;
  return compare(a ?? gold, b ?? answer);
}

function differentWords(x: string, y: string): Decision {
  const [few, many] = x.length < y.length ? [x, y] : [y, x];
  const words = many.split(' ');
  if (few === '' || few.split(' ').every((word) => words.includes(word)))
    return undecided('one text contains the other');
  if (words.length > 4 || /[\d=<>^_\\]/.test(many)) return undecided('texts too long to compare word by word');
  return different('different words');
}

const LISTS: ReadonlySet<Expression['kind']> = new Set(['list', 'set', 'tuple']);

/** `Alice: 7` for `alice`. */
function holdsWordOf(formula: Expression, plain: string): boolean {
  const words = plain.split(' ');
  return someNode(
    formula,
    (e) =>
      e.kind === 'text' &&
      plainText(e.text)
        .split(' ')
        .some((word) => words.includes(word)),
  );
}

function wordsAgainstFormula(text: string, formula: Expression): Decision {
  const plain = plainText(text);
  if (!LISTS.has(formula.kind) && holdsWordOf(formula, plain)) return undecided('words against a formula of them');
  if (/^[a-j]$/.test(plain)) return undecided('a letter of choice against a value');
  if (/\d/.test(plain) || hasNumberWord(plain) || plain.split(' ').length > 3)
    return undecided('words against a formula');
  return different('words against a formula');
}
