/**
 * Equality of text, after the differences that the settings call none.
 */
import { z } from 'zod';
import { decided, unknown } from './verdict.ts';
import type { VerifierDefinition } from './verifier.ts';

/** How two texts are compared, here and wherever a verifier compares text. */
export const comparisonShape = {
  /** Space at both ends does not count. */
  trim: z.boolean().default(true),
  /** Upper and lower case are one. */
  ignoreCase: z.boolean().default(false),
  /** Runs of white space: kept as they are, taken for one space, or left out. */
  whitespace: z.enum(['keep', 'collapse', 'remove']).default('keep'),
};

const comparison = z.strictObject(comparisonShape);
export type Comparison = z.output<typeof comparison>;

/** The form in which texts are compared, in Unicode's composed form (NFC): equal forms are equal texts. */
export function comparableForm(text: string, { trim, ignoreCase, whitespace }: Comparison): string {
  let form = text.normalize('NFC');
  if (whitespace === 'collapse') form = form.replace(/\s+/g, ' ');
  if (whitespace === 'remove') form = form.replace(/\s+/g, '');
  if (trim) form = form.trim();
  return ignoreCase ? form.toLowerCase() : form;
}

/** Golds as datasets have them: a number stands for its shortest decimal. */
export const textGold = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const settings = z.strictObject(comparisonShape);

export const exactVerifier: VerifierDefinition<z.output<typeof settings>, string> = {
  name: 'exact',
  summary: 'The completion is the gold text, give or take case and white space as set.',
  version: 1,
  settings,
  gold: textGold,
  runsIn: 'worker',
  verify(options, gold, completion) {
    if (completion.trim() === '') return unknown('no answer', 'the completion is empty');
    const goldForm = comparableForm(gold, options);
    const answerForm = comparableForm(completion, options);
    const isEqual = goldForm === answerForm;
    return decided(isEqual, isEqual ? 'equal text' : 'different text', { goldForm, answerForm, rule: 'equal text' });
  },
  goldCompletion: (_options, gold) => gold,
};
