/** Comparing numbers with recorded ones. */
import { parseSettings } from '../../core/settings.ts';
import { resolveSchedules } from '../schedule.ts';
import { type ResolvedSentence, type SentenceInput, sentenceSchema } from '../schema.ts';

export interface GoldenResult {
  readonly name: string;
  readonly passed: boolean;
  /** The worst disagreement, in words; empty when passed. */
  readonly detail: string;
}

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** A response's lists have one entry per token each, as a zod refinement. */
export const sameLengths = [
  (response: object): boolean =>
    new Set(Object.values(response).flatMap((value) => (Array.isArray(value) ? [value.length] : []))).size <= 1,
  { error: 'must have lists of one length' },
] as const;

/** Row by row: |actual - expected| <= atol + rtol |expected|. */
export function compareRows(
  name: string,
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  { rtol, atol }: Tolerance,
): GoldenResult {
  const lengths = (rows: readonly (readonly number[])[]) => rows.map((row) => row.length).join(',');
  if (lengths(actual) !== lengths(expected))
    return { name, passed: false, detail: `lengths are ${lengths(actual)}, expected ${lengths(expected)}` };
  let worst = 1;
  let detail = '';
  for (const [i, row] of expected.entries()) {
    for (const [t, want] of row.entries()) {
      const got = actual[i]![t]!;
      const excess = Number.isNaN(got)
        ? Number.POSITIVE_INFINITY
        : Math.abs(got - want) / (atol + rtol * Math.abs(want));
      if (excess <= worst) continue;
      worst = excess;
      detail = `row ${i}, token ${t}: expected ${want}, got ${got}`;
    }
  }
  return { name, passed: detail === '', detail };
}

/** A constant sentence of the given slots; the others are filled with the plainest choice. @throws UserError naming `where` */
export function sentenceFor(given: Partial<SentenceInput>, where: string): ResolvedSentence {
  const plain = { baseline: { kind: 'none' }, surrogate: { kind: 'importance-sampling' }, aggregation: 'token-mean' };
  const sentence = parseSettings(sentenceSchema, { ...plain, ...given }, where);
  return resolveSchedules(sentence, { step: 0, totalSteps: 1 }).resolved;
}
