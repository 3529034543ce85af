/**
 * Answers that give none: phrases that refuse, and words or letters where the gold is a number. They are incorrect, not undecided, or a
 * policy could learn to hide from negatives behind words.
 */
import { type Decision, different } from './decision.ts';
import type { Expression } from './expression.ts';
import { hasLetters, named } from './names.ts';
import { saysNumber } from './number-words.ts';
import { plainText } from './texts.ts';
import { childrenOf, someNode } from './tree-key.ts';

/** The rule, for people. */
export const NO_ANSWER = 'no answer given';

const REFUSALS: ReadonlySet<string> = new Set([
  '',
  'i don t know',
  'i dont know',
  'i do not know',
  'don t know',
  'do not know',
  'not known',
  'unknown',
  'not sure',
  'i am not sure',
  'i m not sure',
  'unsure',
  'idk',
  'no idea',
  'i have no idea',
  'n/a',
  'na',
  'not applicable',
  'not available',
  'no answer',
  'answer',
  'none given',
  'your answer',
  'your answer here',
  'final answer',
  'cannot be determined',
  'can not be determined',
  'can t be determined',
  'could not be determined',
  'cannot determine',
  'it cannot be determined',
  'answer cannot be determined',
  'cannot be determined from given information',
  'cannot be solved',
  'cannot answer',
  'i cannot answer',
  'not enough information',
  'insufficient information',
  'insufficient data',
  'indeterminable',
]);

/** Longer texts say more than that there is no answer. */
const MAX_REFUSAL = 80;

function isRefusal(text: string): boolean {
  if (text.length > MAX_REFUSAL || /\p{N}/u.test(text)) return false;
  const bare = text
    .replace(/\\(?:text(?:bf|it|rm)?|mathrm|mbox|boxed|fbox|,|;|:|!|quad| )(?![A-Za-z])|[\s{}$~]/g, ' ')
    .trim();
  // question marks, dots, dashes and lines to write on
  if (/^(?:[?.…_\s-]|\\(?:l|c)?dots|\\_)*$/u.test(bare)) return true;
  const plain = plainText(bare);
  return plain !== '' && REFUSALS.has(plain);
}

/** An answer that plainly refuses, whatever the gold is, unless the gold refuses too. */
export function refusal(gold: string, answer: string): Decision | undefined {
  return isRefusal(answer) && !isRefusal(gold) ? different(NO_ANSWER) : undefined;
}

const CONSTANTS: ReadonlySet<string> = new Set(['pi', 'e', 'i', 'infinity']);
const NUMBER_KINDS: ReadonlySet<Expression['kind']> = new Set(
  'number symbol sum product quotient negation power root factorial absolute call based percent degrees quantity'.split(
    ' ',
  ) as Expression['kind'][],
);

/** 5, x = 5, \sqrt2, 5 cm: one number, without letters. */
function isNumber(gold: Expression): boolean {
  const value = named(gold)?.value ?? gold;
  return !hasLetters(value) && !someNode(value, ({ kind }) => !NUMBER_KINDS.has(kind));
}

/** Words and letters only, none of which says a number: `k`, `AB`, `the sum of both`. */
function isWithoutNumber(answer: Expression): boolean {
  switch (answer.kind) {
    case 'text':
      return !saysNumber(answer.text);
    case 'symbol':
      return !CONSTANTS.has(answer.name);
    case 'product':
    case 'tuple':
    case 'list':
    case 'set':
    case 'relation':
      return childrenOf(answer).every(isWithoutNumber);
    default:
      return false;
  }
}

/** For what stayed undecided: words or letters, where the gold is a number. */
export function wordsForNumber(golds: readonly Expression[], answers: readonly Expression[]): Decision | undefined {
  const [gold] = golds;
  if (!gold || !isNumber(gold) || !answers.every(isWithoutNumber)) return undefined;
  return different('words or letters where the gold is a number');
}
