/**
 * What is kept of a problem's rollouts: counts, enough for every score and comparison, small enough for a journal's line.
 */
import type { GradedRollout, Group } from '../core/rollout.ts';
import type { ProblemResult } from '../journal/schema.ts';
import type { Votes } from './majority.ts';

export type { ProblemResult };

/** [P] in the groups' order. */
export function problemResults(groups: readonly Group[]): ProblemResult[] {
  const hasAnswers = groups.some(({ rollouts }) => rollouts.some((rollout) => answerForm(rollout) !== undefined));
  return groups.map(({ problem, rollouts }) => {
    const count = (holds: (rollout: GradedRollout) => boolean) => rollouts.filter(holds).length;
    return {
      id: problem.id,
      samples: rollouts.length,
      correct: count(isCorrect),
      unknown: count(({ verdict }) => verdict.outcome === 'unknown'),
      truncated: count(({ completion }) => completion.stopReason === 'length'),
      ...(hasAnswers && { wrong: wrongClasses(rollouts) }),
    };
  });
}

/** Absent where the task has no notion of an answer. */
export function votesOf({ samples, correct, wrong }: ProblemResult): Votes | undefined {
  if (wrong === undefined) return undefined;
  const named = wrong.reduce((sum, size) => sum + size, correct);
  return { correct, wrong, abstained: samples - named };
}

const isCorrect = ({ verdict }: GradedRollout): boolean => verdict.outcome === 'correct';
/** Empty where the verifier's budget did not reach for it: then the answer has none. */
const answerForm = ({ verdict }: GradedRollout): string | undefined => verdict.evidence?.answerForm || undefined;

/** What a wrong sample votes for: its answer's normal form, or the answer as written where it could not be read; `undefined` abstains. */
function vote(rollout: GradedRollout): string | undefined {
  const form = answerForm(rollout);
  if (form !== undefined) return `form ${form}`;
  const written = rollout.verdict.evidence?.extracted?.text.trim();
  return written ? `text ${written}` : undefined;
}

function wrongClasses(rollouts: readonly GradedRollout[]): number[] {
  const sizes = new Map<string, number>();
  for (const rollout of rollouts) {
    const answer = isCorrect(rollout) ? undefined : vote(rollout);
    if (answer !== undefined) sizes.set(answer, (sizes.get(answer) ?? 0) + 1);
  }
  return [...sizes.values()].sort((a, b) => b - a);
}
