/** Comparing numbers with recorded ones. */
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

/** A constant sentence of the given slots; the others are filled with the plainest choice. */
export function sentenceFor(given: Partial<SentenceInput>): ResolvedSentence {
  const sentence = sentenceSchema.parse({
    baseline: { kind: 'none' },
    surrogate: { kind: 'importance-sampling' },
    aggregation: 'token-mean',
    ...given,
  });
  return resolveSchedules(sentence, { step: 0, totalSteps: 1 }).resolved;
}
