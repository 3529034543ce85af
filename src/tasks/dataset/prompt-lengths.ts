/** Prompts that a policy cannot take: longer than it may be shown, or refused by its tokenizer or chat template. */
import { UserError } from '../../core/errors.ts';
import type { Prompt } from '../../core/rollout.ts';
import { Count } from './load.ts';
import type { DatasetProblem } from './mapping.ts';

export interface TokenLimit {
  /** Tokens of a prompt. @throws UserError where the policy cannot read it */
  readonly count: (prompt: Prompt) => number;
  readonly limit: number;
}

/** The row a problem came from, for messages. */
export type PlaceOf = (problem: DatasetProblem) => string;

export function measureLengths(problems: readonly DatasetProblem[], { count, limit }: TokenLimit, placeOf: PlaceOf) {
  const [long, unreadable] = [new Count(), new Count()];
  for (const problem of problems) {
    try {
      const length = count(problem.prompt);
      if (length > limit) long.add(placeOf(problem), `${length} tokens: ${problem.text}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unreadable.add(placeOf(problem), error.message);
    }
  }
  return { long, unreadable };
}
