/** Whether golds pass their own verifier: a gold that fails would teach that a right answer is wrong. */
import { UserError } from '../../core/errors.ts';
import { type LoadedVerifier, loadVerifier } from '../../verify/catalogue.ts';
import { SAME_UNREAD_TEXT } from '../../verify/verdict.ts';
import type { VerifierSpec, Verify } from '../../verify/verifier.ts';
import { type DatasetProblem, goldOf } from './mapping.ts';

export type GoldOutcome =
  /** `isUnread`: as the same text alone, which the verifier cannot read. */
  | { readonly kind: 'passes'; readonly isUnread: boolean }
  /** There is no completion to try: tests without a solution. */
  | { readonly kind: 'untried' }
  /** Decided, or the verifier cannot read it: the same on every machine. */
  | { readonly kind: 'fails' | 'unknown'; readonly explanation: string }
  /** Time, memory or a sandbox ended the decision. */
  | { readonly kind: 'machine'; readonly explanation: string };

/** Reasons of an unknown verdict that say something about the machine and not about the gold. */
const OF_THE_MACHINE: readonly string[] = ['timeout', 'crash', 'sandbox'];

/** Decisions asked for at once; a pool holds back what it cannot take. */
const AT_ONCE = 256;

/** Verifiers by what the run file says of them. */
export class Verifiers {
  readonly #loaded = new Map<string, LoadedVerifier>();

  /** @throws UserError for a verifier or a setting that does not exist, and where no decision could be made here: no sandbox, no interpreter. */
  static async of(problems: Iterable<DatasetProblem>): Promise<Verifiers> {
    const verifiers = new Verifiers();
    for (const { verifier } of problems) {
      const key = JSON.stringify(verifier);
      if (verifiers.#loaded.has(key)) continue;
      const loaded = await loadVerifier(verifier);
      await loaded.prepare();
      verifiers.#loaded.set(key, loaded);
    }
    return verifiers;
  }

  get(spec: VerifierSpec): LoadedVerifier {
    return this.#loaded.get(JSON.stringify(spec)) as LoadedVerifier;
  }

  /** @throws UserError for a gold that the verifier does not take. */
  goldCompletion(problem: DatasetProblem): string | undefined {
    return this.get(problem.verifier).goldCompletion(goldOf(problem));
  }
}

/** In the order of the problems. */
export async function checkGolds(
  problems: readonly DatasetProblem[],
  verifiers: Verifiers,
  verify: Verify,
): Promise<GoldOutcome[]> {
  const outcomes: GoldOutcome[] = [];
  for (let from = 0; from < problems.length; from += AT_ONCE) {
    const part = problems.slice(from, from + AT_ONCE);
    outcomes.push(...(await Promise.all(part.map((problem) => checkGold(problem, verifiers, verify)))));
  }
  return outcomes;
}

async function checkGold(problem: DatasetProblem, verifiers: Verifiers, verify: Verify): Promise<GoldOutcome> {
  let completion: string | undefined;
  try {
    completion = verifiers.goldCompletion(problem);
  } catch (error) {
    if (error instanceof UserError) return { kind: 'fails', explanation: error.message };
    throw error;
  }
  if (completion === undefined) return { kind: 'untried' };
  const verdict = await verify({ verifier: problem.verifier, gold: goldOf(problem), completion });
  if (verdict.outcome === 'unknown') {
    const explanation = `${verdict.reason}: ${verdict.explanation}`;
    return { kind: OF_THE_MACHINE.includes(verdict.reason) ? 'machine' : 'unknown', explanation };
  }
  if (verdict.outcome === 'incorrect') return { kind: 'fails', explanation: verdict.explanation };
  return { kind: 'passes', isUnread: verdict.evidence?.rule === SAME_UNREAD_TEXT };
}
