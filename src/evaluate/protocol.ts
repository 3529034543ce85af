/**
 * How an evaluation was made. Two numbers may be compared only if their protocols agree.
 */
import { createHash } from 'node:crypto';
import type { RandomKey } from '../core/random.ts';
import type { Group } from '../core/rollout.ts';
import type { TruncatedPolicy } from '../rollout/grade.ts';
import type { Split } from '../tasks/task.ts';

/** Plain JSON, recorded with every result. */
export type Protocol = {
  readonly task: string;
  readonly split: Split;
  readonly problems: number;
  /** SHA-256 over the problems' ids and prompt tokens, in order: equal names with different settings pose different problems. */
  readonly problemsSha256: string;
  /** Completions of each problem. */
  readonly samples: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly maxTokens: number;
  readonly truncated: TruncatedPolicy;
  /** Names the draws: equal keys and equal weights give equal completions. */
  readonly key: RandomKey;
};

/** Everything but the key: other draws of the same distribution are what comparisons are made of. */
const MUST_AGREE = [
  'task',
  'split',
  'problems',
  'problemsSha256',
  'samples',
  'temperature',
  'topK',
  'topP',
  'maxTokens',
  'truncated',
] as const satisfies readonly (keyof Protocol)[];

/** Why numbers under the two protocols must not be compared, naming every difference; `undefined` when they may be. */
export function comparable(a: Protocol, b: Protocol): string | undefined {
  const differences = MUST_AGREE.filter((field) => a[field] !== b[field]);
  if (differences.length === 0) return undefined;
  return differences.map((field) => `${field} differs (${a[field]} and ${b[field]})`).join(', ');
}

export function problemsSha256(groups: readonly Group[]): string {
  const posed = groups.map(({ problem, rollouts }) => [problem.id, [...(rollouts[0]?.promptTokens ?? [])]]);
  return createHash('sha256').update(JSON.stringify(posed)).digest('hex');
}
