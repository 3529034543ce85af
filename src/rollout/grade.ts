/**
 * One rollout's verdict. A verifier that fails costs that verdict, never the run.
 */
import type { Rollout, Verdict } from '../core/rollout.ts';
import type { Task } from '../tasks/task.ts';

/**
 * What a completion cut off at its token limit is worth:
 * - `incorrect`: reward 0 without asking the verifier; it did not finish.
 * - `verify`: what the verifier says of the text that is there.
 * - `unknown`: no reward, never trained on.
 */
export type TruncatedPolicy = 'incorrect' | 'verify' | 'unknown';

/** Never throws. */
export async function grade(task: Task, rollout: Rollout, truncated: TruncatedPolicy): Promise<Verdict> {
  const { completion, problem, text } = rollout;
  if (completion.stopReason === 'length' && truncated !== 'verify') {
    const explanation = `truncated at ${completion.tokens.length} tokens`;
    if (truncated === 'incorrect') return { outcome: 'incorrect', reward: 0, explanation };
    return { outcome: 'unknown', reason: 'truncated', explanation };
  }
  try {
    const verdict = await task.verify(problem, text);
    return isVerdict(verdict)
      ? verdict
      : { outcome: 'unknown', reason: 'verifier error', explanation: `not a verdict: ${JSON.stringify(verdict)}` };
  } catch (error) {
    const explanation = error instanceof Error ? error.message : String(error);
    return { outcome: 'unknown', reason: 'verifier error', explanation };
  }
}

/** Tasks may be written by others, in JavaScript: a reward of NaN must not reach the gradient. */
function isVerdict(verdict: Verdict): boolean {
  if (verdict?.outcome === 'unknown') return true;
  const isDecided = verdict?.outcome === 'correct' || verdict?.outcome === 'incorrect';
  return isDecided && verdict.reward >= 0 && verdict.reward <= 1;
}
