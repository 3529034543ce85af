/**
 * One rollout's verdict. A verifier that fails costs that verdict, never the run.
 */
import { z } from 'zod';
import type { Rollout, Verdict } from '../core/rollout.ts';
import { parseSettings } from '../core/settings.ts';
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
    parseSettings(verdictSchema, verdict, 'not a verdict');
    return verdict;
  } catch (error) {
    const explanation = error instanceof Error ? error.message : String(error);
    return { outcome: 'unknown', reason: 'verifier error', explanation };
  }
}

const evidence = z
  .object({
    extracted: z
      .object({ text: z.string(), start: z.int().min(0), end: z.int().min(0), anchor: z.string() })
      .optional(),
    goldForm: z.string().optional(),
    answerForm: z.string().optional(),
    rule: z.string().optional(),
    steps: z.number().min(0).optional(),
  })
  .optional();

const explanation = z.string();
const reward = z.number().min(0).max(1);

/** Tasks may be written by others, in JavaScript: a reward of NaN must not reach the gradient, nor a reason that is none the counts. */
const verdictSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('correct'), reward, explanation, evidence }),
  z.object({ outcome: z.literal('incorrect'), reward, explanation, evidence }),
  z.object({ outcome: z.literal('unknown'), reason: z.string().min(1), explanation, evidence }),
]);
