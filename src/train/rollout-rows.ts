/** A step's groups as the journal keeps them: one row a rollout. */
import type { RolloutRow } from '../journal/rollout-file.ts';
import type { ShapedRollout } from '../objectives/objective.ts';
import { renderPrompt } from '../text/prompt.ts';
import type { LogprobChanges } from './probe.ts';
import type { TrainingRun } from './run.ts';
import type { SampledStep } from './sampled.ts';

/** @param step as journalled: steps taken, this one included @param shaped [P][G] as trained on, of `groups` */
export function rolloutRows(
  step: number,
  { task, tokenizer }: Pick<TrainingRun, 'task' | 'tokenizer'>,
  { sampled, groups }: Pick<SampledStep, 'sampled' | 'groups'>,
  shaped: readonly (readonly ShapedRollout[])[],
  changes: LogprobChanges,
): RolloutRow[] {
  const shapedOf = new Map(groups.map((group, p) => [group, shaped[p]]));
  return sampled.flatMap((group, p) => {
    const prompt = renderPrompt(tokenizer, task.prompt(group.problem));
    return group.rollouts.map((rollout, index): RolloutRow => {
      const { problem, promptTokens, completion, text, verdict } = rollout;
      const own = shapedOf.get(group)?.[index];
      return {
        step,
        group: p,
        index,
        problemId: problem.id,
        prompt,
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
        logprobChanges: changes.get(rollout) ?? new Float32Array(0),
      };
    });
  });
}
