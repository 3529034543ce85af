/** When two texts are equal, wherever a verifier compares text. */
import { z } from 'zod';

/** How two texts are compared: part of a verifier's settings. */
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
