/**
 * How an evaluation was made, and of what. Two numbers may be compared only if their protocols agree; what was measured (weights,
 * engine, seed) may differ: that is what comparisons are about.
 */
import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../core/json.ts';
import type { RandomKey } from '../core/random.ts';
import type { Group } from '../core/rollout.ts';
import type { TruncatedPolicy } from '../rollout/grade.ts';
import type { Split, Task } from '../tasks/task.ts';

/** Plain JSON, recorded with every result. */
export type Protocol = {
  readonly task: string;
  readonly split: Split;
  readonly problems: number;
  /** SHA-256 over the problems' ids and prompt tokens, in order: equal names with different settings or templates pose different problems. */
  readonly problemsSha256: string;
  /** SHA-256 over the problems' golds, in order. */
  readonly goldsSha256?: string;
  /** What the task says of itself: hashes of data and template, the verifier's name, version and settings. */
  readonly about?: JsonObject;
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

/** What was measured. Never a reason not to compare. */
export type Subject = {
  /** The run or run file. */
  readonly target?: string;
  /** Of the file that holds the policy's weights, hex. Absent where they lie in no file (a run's evaluation between two checkpoints). */
  readonly weightsSha256?: string;
  /** The engine with its environment, e.g. `{ engine: 'onnx', backend: 'koffi', threads: 4 }`. */
  readonly engine?: JsonObject;
  readonly seed?: number;
};

/** Where two protocols part; `undefined` where one of them, from an earlier version, does not say. */
export interface ProtocolDifference {
  /** `temperature`, `about.verifier.version`. */
  readonly field: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/** Every difference but that of the key: other draws of the same distribution are what comparisons are made of. */
export function protocolDifferences(a: Protocol, b: Protocol): ProtocolDifference[] {
  const { key: _a, ...first } = a;
  const { key: _b, ...second } = b;
  return differences(first as JsonObject, second as JsonObject, '');
}

/** Why numbers under the two protocols must not be compared, naming every difference; `undefined` when they may be. */
export function comparable(a: Protocol, b: Protocol): string | undefined {
  const found = protocolDifferences(a, b);
  return found.length === 0 ? undefined : found.map(differenceText).join(', ');
}

/** `temperature differs (1 and 0.7)` */
export function differenceText({ field, a, b }: ProtocolDifference): string {
  const text = (value: Json | undefined) =>
    value === undefined ? 'not recorded' : typeof value === 'string' ? value : JSON.stringify(value);
  return `${field} differs (${text(a)} and ${text(b)})`;
}

function differences(a: Json | undefined, b: Json | undefined, field: string): ProtocolDifference[] {
  if (isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differences(a[key], b[key], field === '' ? key : `${field}.${key}`));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ field, a, b }];
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function problemsSha256(groups: readonly Group[]): string {
  return sha256(groups.map(({ problem, rollouts }) => [problem.id, [...(rollouts[0]?.promptTokens ?? [])]]));
}

/** A problem without a gold counts as one whose gold is null. */
export function goldsSha256(task: Task, groups: readonly Group[]): string {
  return sha256(groups.map(({ problem }) => task.gold(problem) ?? null));
}

const sha256 = (value: Json): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
