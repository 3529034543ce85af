/**
 * The nouns that cross rooms, in the order the data meets them: problem -> completion -> rollout -> verdict -> group.
 * Types progress (Rollout -> GradedRollout); no field is filled in later. Tokens are the truth, text is a view.
 *
 * Dimensions: G rollouts in the group, T completion tokens.
 */

/** One turn of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What the policy is shown: text as it stands, or a conversation that the policy's chat template renders. */
export type Prompt = string | readonly Message[];

/** What a task poses. `data` is JSON, owned by the task that made it. */
export interface Problem {
  /** Unique within its task, stable across runs, e.g. `train/000123`. */
  readonly id: string;
  readonly data: unknown;
}

export type StopReason = 'stop' | 'length';

/** What the policy wrote for one prompt. */
export interface Completion {
  /** [T] sampled tokens; the stop token, when one ended it, is the last. */
  readonly tokens: Int32Array;
  /** [T] log pi(token | prefix) in nats, under the tempered but otherwise unfiltered distribution (no top-k, no top-p). */
  readonly logprobs: Float32Array;
  /** [T] exact entropy of that distribution in nats; empty when the engine cannot give it (see `Capabilities.entropies`). */
  readonly entropies: Float32Array;
  /** `length`: cut off at `maxTokens` (truncated). */
  readonly stopReason: StopReason;
  /** Optimizer steps behind the weights that sampled it. */
  readonly policyVersion: number;
}

/** What a verifier saw and why it decided so: plain JSON, for explanations, majority votes and the journal. Absent fields do not apply. */
export interface Evidence {
  /** The answer found in the completion: [start, end) in UTF-16 units of its text, and which anchor found it (`last \\boxed`). */
  readonly extracted?: { readonly text: string; readonly start: number; readonly end: number; readonly anchor: string };
  /** Gold and answer in the normal forms that were compared. Equal forms are equal answers; the reverse need not hold. */
  readonly goldForm?: string;
  readonly answerForm?: string;
  /** The rule that decided, e.g. `equal rationals`, `differ at a random point`. */
  readonly rule?: string;
  /** What the decision cost, in steps of the verifier's budget: the same on every machine. */
  readonly steps?: number;
}

/** The verifier's decision, with its reasons. `reward` is the scalar in [0, 1]; an unknown verdict has none and is never trained on. */
export type Verdict =
  | {
      readonly outcome: 'correct' | 'incorrect';
      readonly reward: number;
      readonly explanation: string;
      readonly evidence?: Evidence;
    }
  | {
      readonly outcome: 'unknown';
      readonly reason: string;
      readonly explanation: string;
      readonly evidence?: Evidence;
    };

/** Prompt + completion. */
export interface Rollout {
  readonly problem: Problem;
  readonly promptTokens: Int32Array;
  readonly completion: Completion;
  /** The completion's text without the stop token, a view for verifiers and readers. */
  readonly text: string;
}

export interface GradedRollout extends Rollout {
  readonly verdict: Verdict;
}

/** The G rollouts of one prompt, in sampling order. */
export interface Group {
  readonly problem: Problem;
  readonly rollouts: readonly GradedRollout[];
}

/** Polarity comes from the verdict, never from a shaped reward or the advantage's sign. */
export type Polarity = 'positive' | 'negative';

/** `undefined` for an unknown verdict: it has no polarity. */
export function polarityOf(verdict: Verdict): Polarity | undefined {
  if (verdict.outcome === 'unknown') return undefined;
  return verdict.outcome === 'correct' ? 'positive' : 'negative';
}
