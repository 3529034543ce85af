/**
 * Baselines: the rewards of one group -> one advantage per rollout. Only known verdicts that survived the filters are
 * handed in. Equal rewards give exact zeros in every group-relative baseline, whatever rounding their mean would suffer.
 *
 * Dimensions: G rollouts of the group that enter the baseline.
 */
import { z } from 'zod';
import { type Resolved, scalar, scalarIn } from './schedule.ts';

const epsilon = z.number().min(0).default(1e-6);
/** gamma: token t sees reward * discount^(tokens after it). */
const discount = scalarIn(0, 1).default(1);

export const baselineSchema = z.discriminatedUnion('kind', [
  /** A = R. */
  z.strictObject({ kind: z.literal('none'), discount }),
  /** A = R - b with b by polarity. With rewards 0 / 1, {positive: 0, negative: 1} gives +1 / -1. */
  z.strictObject({ kind: z.literal('constant'), positive: scalar, negative: scalar, discount }),
  /** A = R - mean(R) (Dr. GRPO, arXiv:2503.20783). */
  z.strictObject({ kind: z.literal('group-mean') }),
  /** A = (R - mean(R)) / (std(R) + epsilon), unbiased std (GRPO, arXiv:2402.03300; epsilon and n - 1 as in verl). */
  z.strictObject({ kind: z.literal('group-normalised'), epsilon }),
  /** A_i = R_i - mean of the others (RLOO, arXiv:2402.14740). */
  z.strictObject({ kind: z.literal('leave-one-out') }),
  /** A = R - sum(L R) / sum(L), L the completion's tokens (OPO, arXiv:2505.23585). */
  z.strictObject({ kind: z.literal('length-weighted') }),
  /** A = (R - mean(R)) / (mean(R) + epsilon) (MaxRL). */
  z.strictObject({ kind: z.literal('mean-normalised'), epsilon }),
  /** Only the best rollout: (best - second) / (std(R) + epsilon) (arXiv:2503.19595). Ties: the earliest is the best. */
  z.strictObject({ kind: z.literal('best-minus-second'), epsilon }),
  /** Analytic pass@k advantage (arXiv:2508.10751). Needs rewards 0 / 1. */
  z.strictObject({ kind: z.literal('pass-at-k'), k: z.number().int().min(1), epsilon }),
]);

export type Baseline = Resolved<z.infer<typeof baselineSchema>>;

/** Whether the advantage compares rollouts of a group (then one rollout alone in a larger group has nothing to say). */
export function isGroupRelative(baseline: Baseline): boolean {
  return baseline.kind !== 'none' && baseline.kind !== 'constant';
}

export interface BaselineInput {
  /** [G] rewards after transforms. */
  readonly rewards: readonly number[];
  /** [G] verdict says correct. */
  readonly isCorrect: readonly boolean[];
  /** [G] completion tokens that may be trained on. */
  readonly lengths: readonly number[];
}

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);

function meanAndStd(xs: readonly number[]): { mean: number; std: number } {
  const mean = sum(xs) / xs.length;
  return { mean, std: Math.sqrt(sum(xs.map((x) => (x - mean) ** 2)) / (xs.length - 1)) };
}

/**
 * [G] advantages. A group of one keeps its raw reward where the official code does so (divided by 1 + epsilon when
 * normalised). Example: group-mean of [1,0,0,0] -> [.75,-.25,-.25,-.25].
 */
export function baselineAdvantages(baseline: Baseline, { rewards, isCorrect, lengths }: BaselineInput): number[] {
  const n = rewards.length;
  if (baseline.kind === 'none') return [...rewards];
  if (baseline.kind === 'constant')
    return rewards.map((r, i) => r - (isCorrect[i] ? baseline.positive : baseline.negative));
  if (n === 1) return [singleAdvantage(baseline, rewards[0]!)];
  if (rewards.every((r) => r === rewards[0])) return rewards.map(() => 0);
  const { mean, std } = meanAndStd(rewards);
  switch (baseline.kind) {
    case 'group-mean':
      return rewards.map((r) => r - mean);
    case 'group-normalised':
      return rewards.map((r) => (r - mean) / (std + baseline.epsilon));
    case 'leave-one-out':
      return rewards.map((r) => (n / (n - 1)) * (r - mean));
    case 'length-weighted': {
      const total = sum(lengths);
      const weighted = total === 0 ? 0 : sum(rewards.map((r, i) => r * lengths[i]!)) / total;
      return rewards.map((r) => r - weighted);
    }
    case 'mean-normalised':
      return rewards.map((r) => (r - mean) / (mean + baseline.epsilon));
    case 'best-minus-second': {
      const best = rewards.indexOf(Math.max(...rewards));
      const second = Math.max(...rewards.filter((_, i) => i !== best));
      return rewards.map((r, i) => (i === best ? (r - second) / (std + baseline.epsilon) : 0));
    }
    case 'pass-at-k': {
      const { correct, incorrect } = passAtKAdvantages(
        n,
        isCorrect.filter(Boolean).length,
        baseline.k,
        baseline.epsilon,
      );
      return isCorrect.map((is) => (is ? correct : incorrect));
    }
  }
}

function singleAdvantage(baseline: Baseline, reward: number): number {
  switch (baseline.kind) {
    case 'group-normalised':
      return reward / (1 + baseline.epsilon);
    case 'group-mean':
    case 'leave-one-out':
    case 'length-weighted':
    case 'mean-normalised':
      return reward;
    default:
      return 0;
  }
}

/**
 * Advantages of correct and incorrect rollouts under the pass@k reward of all k-subsets of a group with c of n correct:
 * rho = 1 - C(n-c,k)/C(n,k), sigma = sqrt(rho (1 - rho)), A+ = (1 - rho)/(sigma + epsilon),
 * A- = (1 - rho - C(n-c-1,k-1)/C(n-1,k-1))/(sigma + epsilon). 0 for c = 0, c = n and n - c < k.
 */
export function passAtKAdvantages(
  n: number,
  c: number,
  k: number,
  epsilon = 1e-6,
): { correct: number; incorrect: number } {
  if (c === 0 || c === n || n - c < k) return { correct: 0, incorrect: 0 };
  const allWrong = subsetShare(n - c, n, k);
  const deviation = Math.sqrt(allWrong * (1 - allWrong)) + epsilon;
  return { correct: allWrong / deviation, incorrect: (allWrong - subsetShare(n - c - 1, n - 1, k - 1)) / deviation };
}

/** C(m, k) / C(n, k) without large factorials. */
function subsetShare(m: number, n: number, k: number): number {
  let share = 1;
  for (let i = 0; i < k; i++) share *= (m - i) / (n - i);
  return share;
}
