/** The rollout browser and the token lens. */
import type { Outcome, Polarity } from './words.ts';

// GET /api/runs/:run/rollouts?...

export interface RolloutQuery {
  /** One step, or `a-b` (inclusive). Absent: all. */
  readonly step?: string;
  /** The problem's id, whole. */
  readonly problem?: string;
  readonly polarity?: Polarity;
  readonly outcome?: Outcome;
  /** One number, or `a..b` (inclusive; either may be left out). Rollouts with an unknown verdict have none. */
  readonly reward?: string;
  readonly minTokens?: number;
  readonly maxTokens?: number;
  /** Cut off at the length limit, or not. */
  readonly truncated?: boolean;
  /** Found in completion, prompt or explanation, case-insensitive; at most 200 characters. */
  readonly text?: string;
  readonly sort?: RolloutSort;
  /** 0 by default. */
  readonly offset?: number;
  /** 50 by default, 500 at most. */
  readonly limit?: number;
}

/** `-` is descending. `step` (by default) is the order on disk: step, group, index. */
export type RolloutSort = 'step' | '-step' | 'reward' | '-reward' | 'tokens' | '-tokens' | 'problem' | '-problem';

export interface RolloutSummary {
  readonly step: number;
  /** In the step's file. */
  readonly row: number;
  readonly group: number;
  readonly index: number;
  readonly problemId: string;
  readonly outcome: Outcome;
  /** Null for an unknown verdict. */
  readonly reward: number | null;
  readonly tokens: number;
  readonly truncated: boolean;
  readonly policyVersion: number;
  /** Beginnings, at most 300 characters; for a text search the completion's part around the first hit. */
  readonly prompt: string;
  readonly completion: string;
  /** [start, end) of the hit in `completion`; null without a search, or where the hit is in another text. */
  readonly hit: readonly [number, number] | null;
  readonly explanation: string;
}

export interface RolloutsReply {
  readonly rows: readonly RolloutSummary[];
  /** Matching rollouts found so far. */
  readonly total: number;
  /** Files looked through, of those the query asks for. */
  readonly scanned: { readonly files: number; readonly of: number };
  /** False: the scan goes on in the background; ask again for more. A scan nobody asks about for some seconds is given up. */
  readonly complete: boolean;
  /** Files that could not be read, one sentence each; at most 20. */
  readonly damage: readonly string[];
}

// GET /api/runs/:run/rollouts/:step/:row

/** All lists are [T], one element a token, numbers to seven digits; null where the file does not have them. */
export interface TokenColumns {
  readonly ids: readonly number[];
  /** [T] begin of each token's text in `completion`, UTF-16 units; its end is the next one's begin. Null without a tokenizer: see `RolloutDetail.tokenNote`. */
  readonly starts: readonly number[] | null;
  /** The sampler's, in nats. */
  readonly logprobs: readonly (number | null)[];
  /** In nats. */
  readonly entropies: readonly (number | null)[] | null;
  /** As trained on, after shaping. Null for a rollout that was not trained on. */
  readonly advantages: readonly (number | null)[] | null;
  /** Before sample weights and token rules. Null where it cannot be worked out from the files: see `Stages.note`. */
  readonly baseAdvantages: readonly (number | null)[] | null;
  /** Bit r is set where rule r of `rules` touched the token. */
  readonly rules: readonly number[] | null;
  /** Change of the trainer's log-probability by the step's updates. Null where it was not probed. */
  readonly logprobChanges: readonly (number | null)[] | null;
}

/** A span of the completion the verifier took for the answer, UTF-16 units. */
export interface ExtractedSpan {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly anchor: string;
}

export interface SiblingSummary {
  readonly row: number;
  readonly index: number;
  readonly outcome: Outcome;
  readonly reward: number | null;
  readonly tokens: number;
  readonly truncated: boolean;
  /** At most 2,000 characters. */
  readonly completion: string;
  readonly meanAdvantage: number | null;
}

/** How the advantage came about, as `polarity objectives explain` gives it, for this rollout's real group. */
export interface Stages {
  readonly objective: string;
  /** Each schedule's value at the step. */
  readonly schedules: Readonly<Record<string, number>>;
  /** The rules of the objective: name, in words, and what the statistic means. */
  readonly rules: readonly { readonly name: string; readonly words: string; readonly statistic: string }[];
  /** [G] verdict rewards, null for unknown verdicts; after the reward transforms; after filter and baseline. In the order of `siblings`. */
  readonly rewards: readonly (number | null)[];
  readonly transformedRewards: readonly (number | null)[];
  readonly baseAdvantages: readonly number[];
  /** Largest difference between the advantages worked out here and those on file; null where the file has none. */
  readonly largestDifference: number | null;
  /** What the numbers leave out, e.g. that rules of scope `batch` saw the whole step. Empty: nothing. */
  readonly note: string;
}

export interface RolloutDetail {
  readonly step: number;
  readonly row: number;
  readonly group: number;
  readonly index: number;
  readonly problemId: string;
  readonly policyVersion: number;
  readonly truncated: boolean;
  readonly prompt: string;
  readonly completion: string;
  readonly promptTokens: number;
  readonly outcome: Outcome;
  readonly reward: number | null;
  /** Of an unknown verdict. */
  readonly reason: string | null;
  readonly explanation: string;
  readonly evidence: {
    readonly extracted: ExtractedSpan | null;
    readonly goldForm: string | null;
    readonly answerForm: string | null;
    readonly rule: string | null;
    readonly steps: number | null;
  } | null;
  /** Names of the file's token rules, by bit. */
  readonly rules: readonly string[];
  readonly tokens: TokenColumns;
  /** Why tokens have no text; null where they have. */
  readonly tokenNote: string | null;
  /** The whole group, this rollout included, by index. */
  readonly siblings: readonly SiblingSummary[];
  readonly stages: Stages | null;
  /** Why there are no stages; null where there are. */
  readonly stagesNote: string | null;
}
