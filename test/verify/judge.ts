/** Cases put to the math verifier in this thread. */
import { loadVerifier } from '../../src/verify/catalogue.ts';

export interface Case {
  readonly gold: unknown;
  readonly answer: string;
  /** 1: correct; 0: anything else, for what cannot be told to be right earns nothing. */
  readonly expected: 0 | 1;
  readonly category?: string;
  readonly name?: string;
}

/** One line for each case whose verdict is not the expected one. */
export async function disagreements(cases: readonly Case[]): Promise<string[]> {
  const verifier = await loadVerifier({ name: 'math' });
  const lines: string[] = [];
  for (const { gold, answer, expected, category, name } of cases) {
    const verdict = await verifier.verify(gold, answer);
    if ((verdict.outcome === 'correct') === (expected === 1)) continue;
    const got = verdict.outcome === 'unknown' ? `unknown (${verdict.reason})` : verdict.outcome;
    lines.push(JSON.stringify({ what: category ?? name, gold, answer, expected, got, why: verdict.explanation }));
  }
  return lines;
}
