/**
 * What an objective sees of a rollout: numbers only. Built from core's Group here and nowhere else.
 *
 * Dimensions: G rollouts in the group, T completion tokens.
 */
import { type GradedRollout, type Group, type Polarity, polarityOf } from '../core/rollout.ts';

export interface Sample {
  /** From the verdict; undefined for an unknown verdict. */
  readonly polarity: Polarity | undefined;
  /** The verdict's reward; undefined for an unknown verdict: such a sample enters no baseline and gets advantage exactly 0. */
  readonly reward: number | undefined;
  /** [T] 1 where the policy chose the token and may be trained on it. */
  readonly mask: Uint8Array;
  /** [T] log pi_old(token | prefix) in nats. */
  readonly logprobs: Float32Array;
  /** [T] entropy of pi_old in nats; empty when the engine cannot give it. */
  readonly entropies: Float32Array;
  /** [T] */
  readonly tokens: Int32Array;
  /** Cut off at the length limit. */
  readonly isTruncated: boolean;
}

export function sampleOf(rollout: GradedRollout): Sample {
  const { verdict, completion } = rollout;
  return {
    polarity: polarityOf(verdict),
    reward: verdict.outcome === 'unknown' ? undefined : verdict.reward,
    mask: new Uint8Array(completion.tokens.length).fill(1),
    logprobs: completion.logprobs,
    entropies: completion.entropies,
    tokens: completion.tokens,
    isTruncated: completion.stopReason === 'length',
  };
}

/** [G] */
export function samplesOf(group: Group): Sample[] {
  return group.rollouts.map(sampleOf);
}
