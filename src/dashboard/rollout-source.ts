/**
 * Where the dashboard has a run's rollouts from. Files may be damaged in ways that make reading them never end, and scans over all
 * steps take long, so an implementation reads them away from the server's own thread and can give up.
 */
import type { RolloutRow } from '../journal/rollout-file.ts';
import type { Outcome, Polarity, RolloutSort, RolloutsReply } from './api.ts';

/** A checked query: nothing in it needs to be looked at twice. */
export interface RolloutFilter {
  /** Inclusive. */
  readonly firstStep: number;
  readonly lastStep: number;
  readonly problem?: string;
  readonly polarity?: Polarity;
  readonly outcome?: Outcome;
  /** Inclusive; a rollout without a reward matches neither. */
  readonly leastReward?: number;
  readonly mostReward?: number;
  readonly minTokens?: number;
  readonly maxTokens?: number;
  readonly truncated?: boolean;
  /** Not empty. */
  readonly text?: string;
}

export interface RolloutPageQuery {
  readonly filter: RolloutFilter;
  readonly sort: RolloutSort;
  readonly offset: number;
  readonly limit: number;
}

export interface OneRollout {
  /** Names of the file's token rules, by bit. */
  readonly rules: readonly string[];
  /** Its own place among `group`. */
  readonly at: number;
  /** The whole group by index, with the row of each in the file; empty where the row asked for is not in it. */
  readonly group: readonly (RolloutRow & { readonly row: number })[];
}

/** Of one run. */
export interface RolloutSource {
  /** What is known now; where `complete` is false the scan goes on and the same query asked again says more. */
  page(query: RolloutPageQuery): Promise<RolloutsReply>;
  /** An empty group where the file has no such row. @throws UserError naming the file when there is none, or it cannot be read. */
  one(step: number, row: number): Promise<OneRollout>;
  /** Names of the token rules of the last file that can be read; empty where there is none. */
  rules(): Promise<readonly string[]>;
  /** Ends its scans and workers. */
  close(): Promise<void>;
}

/** @param directory of the run, absolute */
export type OpenRolloutSource = (directory: string) => RolloutSource;
