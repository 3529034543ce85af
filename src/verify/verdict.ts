/** The short way to write the verdicts every verifier gives. */
import type { Evidence, Verdict } from '../core/rollout.ts';
import type { UnknownReason } from './verifier.ts';

/** Reward 1 or 0. */
export function decided(isCorrect: boolean, explanation: string, evidence?: Evidence): Verdict {
  const verdict = isCorrect
    ? ({ outcome: 'correct', reward: 1, explanation } as const)
    : ({ outcome: 'incorrect', reward: 0, explanation } as const);
  return evidence === undefined ? verdict : { ...verdict, evidence };
}

export function unknown(reason: UnknownReason, explanation: string, evidence?: Evidence): Verdict {
  const verdict = { outcome: 'unknown', reason, explanation } as const;
  return evidence === undefined ? verdict : { ...verdict, evidence };
}

/** Where the settings say what becomes of a completion that has no answer, or none that can be read. */
export function refused(
  policy: 'incorrect' | 'unknown',
  reason: UnknownReason,
  explanation: string,
  evidence?: Evidence,
): Verdict {
  return policy === 'incorrect' ? decided(false, explanation, evidence) : unknown(reason, explanation, evidence);
}

/** The rule of an answer that is right because it is the gold's own text, which the verifier cannot read: no other way of writing it would be. */
export const SAME_UNREAD_TEXT = 'written the same, though neither can be read';

/** What was thrown, as an explanation. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
