/**
 * Multiple choice, by letter or by the option's exact text. What could be read in two ways is unknown, never wrong.
 */
import { z } from 'zod';
import { type Found, findChoice } from './choice-find.ts';
import { optionForms } from './choice-read.ts';
import { letterAt, OPTIONS_LIMIT, placeOf } from './choice-shuffle.ts';
import { decided, refused, unknown } from './verdict.ts';
import type { VerifierDefinition } from './verifier.ts';

const settings = z.strictObject({
  /** The option's exact text is an answer too, not only its letter. */
  optionText: z.boolean().default(true),
  /** What a completion without an answer is: a policy that may go without learns to. */
  noAnswer: z.enum(['incorrect', 'unknown']).default('incorrect'),
  /** What an answer is that is neither a letter nor an option's text. */
  unparsable: z.enum(['incorrect', 'unknown']).default('unknown'),
});

type Settings = z.output<typeof settings>;

const letter = z.string().regex(/^[A-Za-z]$/, 'must be one letter');

const withOptions = z
  .strictObject({
    /** The right option, by the letter or the place under which it is shown; one of the two. */
    letter: letter.optional(),
    index: z.int().min(0).optional(),
    /** As shown. */
    options: z.array(z.string().min(1)).min(2).max(OPTIONS_LIMIT),
    /** The shuffle that led to them (`ShuffledOptions.order`), for replay. */
    order: z.array(z.int().min(0)).optional(),
  })
  .superRefine((gold, context) => {
    const complain = (message: string) => context.addIssue({ code: 'custom', message });
    if ((gold.letter === undefined) === (gold.index === undefined))
      return complain('needs a letter or an index, not both');
    if (placeOfGold(gold) >= gold.options.length) complain(`must name one of the ${gold.options.length} options`);
    const isOrder = gold.order?.toSorted((a, b) => a - b).every((original, i) => original === i);
    if (gold.order && !(isOrder && gold.order.length === gold.options.length)) {
      complain('must have an order that names each option once');
    }
  })
  .transform((gold) => ({ place: placeOfGold(gold), options: gold.options as readonly string[] }));

/** A letter alone, where the options stand in the problem's text only: then only letters are answers. */
const letterOnly = letter.transform((text) => ({ place: placeOf(text), options: undefined }));

const gold = z.union([letterOnly, withOptions]);
type Gold = z.output<typeof gold>;

export const choiceVerifier: VerifierDefinition<Settings, Gold> = {
  name: 'choice',
  summary: 'Multiple choice: the letter or the exact text of an option.',
  version: 1,
  settings,
  gold,
  runsIn: 'worker',
  verify(chosen, { place, options }, completion) {
    const forms =
      chosen.optionText && options ? optionForms(options) : new Array(options?.length ?? OPTIONS_LIMIT).fill('');
    return judge(chosen, findChoice(completion, forms), place);
  },
  goldCompletion(_settings, { place, options }) {
    // where another option's text is this letter, the letter alone is ambiguous
    const isClear = options === undefined || !options.some((option, i) => i !== place && option.trim().length === 1);
    return isClear ? `\\boxed{${letterAt(place)}}` : `\\boxed{${letterAt(place)}: ${options[place]}}`;
  },
};

function judge(chosen: Settings, found: Found | undefined, goldPlace: number) {
  const goldForm = letterAt(goldPlace);
  if (found === undefined)
    return refused(chosen.noAnswer, 'no answer', 'no place in the completion names an option', { goldForm });
  const { place, reading } = found;
  const evidence = { extracted: place, goldForm };
  if (reading === undefined)
    return refused(chosen.unparsable, 'unparsable answer', 'neither a letter nor the text of an option', evidence);
  if (reading.kind === 'ambiguous') return unknown('ambiguous answer', reading.why, evidence);
  const answerForm = reading.kind === 'beyond' ? reading.letter : letterAt(reading.place);
  const isEqual = answerForm === goldForm;
  const explanation =
    reading.kind === 'beyond'
      ? `there is no option ${answerForm}`
      : `the answer is ${answerForm}, the gold ${goldForm}`;
  return decided(isEqual, explanation, { ...evidence, answerForm, rule: 'same option' });
}

function placeOfGold(gold: { readonly letter?: string | undefined; readonly index?: number | undefined }): number {
  return gold.letter === undefined ? (gold.index ?? 0) : placeOf(gold.letter);
}
