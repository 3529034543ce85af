/**
 * Graded groups -> an evaluation. Pure: whoever has sampled already (to keep the rollouts, say) summarises without sampling again.
 *
 * Dimensions: P problems, n samples of each.
 */
import { UserError } from '../core/errors.ts';
import { childKey } from '../core/random.ts';
import type { GradedRollout, Group } from '../core/rollout.ts';
import { mean } from '../core/statistics.ts';
import { type Estimate, estimates } from './intervals.ts';
import { majority, passAtK } from './pass-at-k.ts';
import type { Protocol } from './protocol.ts';

/** One problem's outcome. */
export interface ProblemResult {
  readonly id: string;
  readonly samples: number;
  readonly correct: number;
  readonly unknown: number;
  readonly truncated: number;
}

export interface Evaluation {
  readonly protocol: Protocol;
  readonly policyVersion: number;
  /** avg@n: the share of correct samples, which is also pass@1. */
  readonly accuracy: Estimate;
  /** One entry for each k asked for. */
  readonly passAt: readonly { readonly k: number; readonly estimate: Estimate }[];
  /** maj@n; absent where the task has no notion of an answer. */
  readonly majority?: Estimate;
  /** Over samples with a known verdict; NaN without any. */
  readonly meanReward: number;
  /** Counts of samples. Unknown verdicts count as not correct above, so they can only lower it. */
  readonly samples: number;
  readonly unknown: number;
  readonly truncated: number;
  readonly meanCompletionTokens: number;
  /** Nats, over completion tokens; absent when the engine gives no entropies. */
  readonly meanEntropy?: number;
  /** [P] in the order they were posed. */
  readonly problems: readonly ProblemResult[];
}

/** The answer in a completion, in a normal form in which equal answers are equal strings; `undefined` where it has none. */
export type AnswerOf = (rollout: GradedRollout) => string | undefined;

export interface SummarySettings {
  readonly protocol: Protocol;
  readonly policyVersion: number;
  /** Each in [1, n]. */
  readonly passAt: readonly number[];
  readonly answerOf?: AnswerOf | undefined;
}

/** @throws UserError when nothing was sampled or a k exceeds the samples. */
export function summarise(groups: readonly Group[], settings: SummarySettings): Evaluation {
  const { protocol, policyVersion, passAt, answerOf } = settings;
  checkPassAt(passAt, protocol.samples, groups.length);
  const problems = groups.map(problemResult);
  const columns = [1, ...passAt].map((k) => problems.map(({ samples, correct }) => passAtK(samples, correct, k)));
  if (answerOf !== undefined) columns.push(groups.map(({ rollouts }) => majority(rollouts.map(voteBy(answerOf)))));
  const [accuracy, ...others] = estimates(columns, childKey(protocol.key, 'bootstrap')) as [Estimate, ...Estimate[]];
  const rollouts = groups.flatMap((group) => group.rollouts);
  const voted = others[passAt.length];
  return {
    protocol,
    policyVersion,
    accuracy,
    passAt: passAt.map((k, i) => ({ k, estimate: others[i] as Estimate })),
    ...(voted !== undefined && { majority: voted }),
    meanReward: mean(rollouts.flatMap(({ verdict }) => (verdict.outcome === 'unknown' ? [] : [verdict.reward]))),
    samples: rollouts.length,
    unknown: sumOf(problems, 'unknown'),
    truncated: sumOf(problems, 'truncated'),
    meanCompletionTokens: mean(rollouts.map(({ completion }) => completion.tokens.length)),
    ...entropyOf(rollouts),
    problems,
  };
}

/** Refused before anything is sampled, so that a misspelt k does not cost an evaluation. */
export function checkPassAt(passAt: readonly number[], samples: number, problems: number): void {
  if (problems === 0) throw new UserError('an evaluation needs at least one problem');
  for (const k of passAt) {
    if (!Number.isInteger(k) || k < 1 || k > samples) {
      throw new UserError(
        `passAt must hold integers from 1 to samples (${samples}), got ${k}; raise samples or drop it`,
      );
    }
  }
}

function problemResult({ problem, rollouts }: Group): ProblemResult {
  const count = (holds: (rollout: GradedRollout) => boolean) => rollouts.filter(holds).length;
  return {
    id: problem.id,
    samples: rollouts.length,
    correct: count(({ verdict }) => verdict.outcome === 'correct'),
    unknown: count(({ verdict }) => verdict.outcome === 'unknown'),
    truncated: count(({ completion }) => completion.stopReason === 'length'),
  };
}

function voteBy(answerOf: AnswerOf) {
  return (rollout: GradedRollout) => ({
    answer: answerOf(rollout),
    isCorrect: rollout.verdict.outcome === 'correct',
  });
}

function entropyOf(rollouts: readonly GradedRollout[]): { meanEntropy?: number } {
  let sum = 0;
  let tokens = 0;
  for (const { completion } of rollouts) {
    for (const entropy of completion.entropies) sum += entropy;
    tokens += completion.entropies.length;
  }
  return tokens === 0 ? {} : { meanEntropy: sum / tokens };
}

function sumOf(problems: readonly ProblemResult[], field: 'unknown' | 'truncated'): number {
  return problems.reduce((sum, problem) => sum + problem[field], 0);
}
