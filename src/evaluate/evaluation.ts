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
import { type ProblemResult, problemResults } from './problem-result.ts';
import type { Protocol } from './protocol.ts';
import { AVERAGE, type Score } from './score.ts';

export interface Evaluation {
  readonly protocol: Protocol;
  readonly policyVersion: number;
  /** avg@n: the share of correct samples, which is also pass@1. */
  readonly accuracy: Estimate;
  /** One entry for each k asked for. */
  readonly passAt: readonly ScoreAt[];
  /** maj@k for each k asked for; empty where the task's verifier gives no normal forms of answers. */
  readonly majorityAt: readonly ScoreAt[];
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

export interface ScoreAt {
  readonly k: number;
  readonly estimate: Estimate;
}

/** Which scores to report beside avg@n. */
export interface Ks {
  /** Each in [1, n]. */
  readonly passAt: readonly number[];
  /** Each in [1, n]. */
  readonly majorityAt: readonly number[];
}

export interface SummarySettings extends Ks {
  readonly protocol: Protocol;
  readonly policyVersion: number;
}

/** @throws UserError when nothing was sampled or a k exceeds the samples. */
export function summarise(groups: readonly Group[], settings: SummarySettings): Evaluation {
  const { protocol, policyVersion } = settings;
  checkKs(settings, protocol.samples, groups.length);
  const problems = problemResults(groups);
  const rollouts = groups.flatMap((group) => group.rollouts);
  return {
    protocol,
    policyVersion,
    ...estimatesOf(protocol, problems, settings),
    meanReward: mean(rollouts.flatMap(({ verdict }) => (verdict.outcome === 'unknown' ? [] : [verdict.reward]))),
    samples: rollouts.length,
    unknown: sumOf(problems, 'unknown'),
    truncated: sumOf(problems, 'truncated'),
    meanCompletionTokens: mean(rollouts.map(({ completion }) => completion.tokens.length)),
    ...entropyOf(rollouts),
    problems,
  };
}

/** The scores of problems' counts: all that an evaluation says of correctness. */
export function estimatesOf(
  protocol: Protocol,
  problems: readonly ProblemResult[],
  { passAt, majorityAt }: Ks,
): Pick<Evaluation, 'accuracy' | 'passAt' | 'majorityAt'> {
  const majorities = problems[0]?.wrong === undefined ? [] : majorityAt;
  const at = (kind: 'pass' | 'majority', ks: readonly number[]) => ks.map((k): Score => ({ kind, k }));
  const scores = [AVERAGE, ...at('pass', passAt), ...at('majority', majorities)];
  const [accuracy, ...others] = estimates(problems, scores, childKey(protocol.key, 'bootstrap')) as [
    Estimate,
    ...Estimate[],
  ];
  const scoresAt = (ks: readonly number[], from: number) =>
    ks.map((k, i): ScoreAt => ({ k, estimate: others[from + i] as Estimate }));
  return { accuracy, passAt: scoresAt(passAt, 0), majorityAt: scoresAt(majorities, passAt.length) };
}

/** Refused before anything is sampled, so that a misspelt k does not cost an evaluation. */
export function checkKs(ks: Ks, samples: number, problems: number): void {
  if (problems === 0) throw new UserError('an evaluation needs at least one problem');
  for (const [name, values] of [['passAt', ks.passAt] as const, ['majorityAt', ks.majorityAt] as const]) {
    for (const k of values) {
      if (!Number.isInteger(k) || k < 1 || k > samples) {
        throw new UserError(
          `${name} must hold integers from 1 to samples (${samples}), got ${k}; raise samples or drop it`,
        );
      }
    }
  }
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
