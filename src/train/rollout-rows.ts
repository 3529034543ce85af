/** A step's groups as the journal keeps them: one row a rollout. */
import type { Group } from '../core/rollout.ts';
import type { RolloutRow } from '../journal/rollout-file.ts';
import type { ShapedRollout } from '../objectives/objective.ts';
import type { Task } from '../tasks/task.ts';

/** @param shaped [P][G] as trained on @param step as journalled: steps taken, this one included */
export function rolloutRows(
  step: number,
  task: Task,
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
): RolloutRow[] {
  return groups.flatMap((group, p) =>
    group.rollouts.map(({ problem, promptTokens, completion, text, verdict }, index): RolloutRow => {
      const own = shaped[p]?.[index];
      return {
        step,
        group: p,
        index,
        problemId: problem.id,
        prompt: task.prompt(problem),
        completion: text,
        verdict,
        stopReason: completion.stopReason,
        policyVersion: completion.policyVersion,
        promptTokens,
        tokens: completion.tokens,
        logprobs: completion.logprobs,
        entropies: completion.entropies,
        advantages: own?.advantages ?? new Float32Array(0),
        rules: Int32Array.from(own?.rules ?? []),
      };
    }),
  );
}
