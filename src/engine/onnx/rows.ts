/**
 * One completion being written: what has been drawn, where it stands, when it ends. Pure bookkeeping; no engine.
 *
 * Dimensions: T completion tokens.
 */
import { childKey, type RandomKey, uniform } from '../../core/random.ts';
import type { Completion, StopReason } from '../../core/rollout.ts';
import type { SampleRequest } from '../engine.ts';
import type { Cache } from './cache.ts';

/** A prompt whose cache is filled, shared by the completions of one request. */
export interface Prompt {
  readonly tokens: Int32Array;
  /** One row holding the first `tokens.length - 1` positions; undefined for a prompt of one token. */
  readonly cache: Cache | undefined;
}

export interface Row {
  readonly request: SampleRequest;
  readonly prompt: Prompt;
  readonly key: RandomKey;
  readonly stops: ReadonlySet<number>;
  readonly inverseTemperature: number;
  readonly tokens: number[];
  readonly logprobs: number[];
  readonly entropies: number[];
  /** Cached positions. */
  position: number;
  /** The token to feed next. */
  pending: number;
  readonly finish: (completion: Completion) => void;
  readonly fail: (error: Error) => void;
}

/** The request's completion number `index`. */
export function beginRow(
  request: SampleRequest,
  prompt: Prompt,
  index: number,
  settled: Pick<Row, 'finish' | 'fail'>,
): Row {
  return {
    ...settled,
    request,
    prompt,
    key: childKey(request.key, index),
    stops: new Set(request.stopTokens),
    inverseTemperature: request.temperature > 0 ? 1 / request.temperature : 1,
    tokens: [],
    logprobs: [],
    entropies: [],
    position: prompt.tokens.length - 1,
    pending: prompt.tokens[prompt.tokens.length - 1]!,
  };
}

/** The largest float32 below 1: a double just below 1 would round up to it. */
const BELOW_ONE = 1 - 2 ** -24;

/** The row's next uniform as float32 in [0, 1). */
export function nextUniform(row: Row): number {
  return Math.min(uniform(row.key, row.tokens.length), BELOW_ONE);
}

/** Takes the drawn token; why the completion ended, if it did. */
export function advance(row: Row, token: number, logprob: number, entropy: number): StopReason | undefined {
  row.tokens.push(token);
  row.logprobs.push(logprob);
  row.entropies.push(entropy);
  row.position++;
  row.pending = token;
  if (row.stops.has(token)) return 'stop';
  return row.tokens.length >= row.request.maxTokens ? 'length' : undefined;
}

export function completionOf(row: Row, stopReason: StopReason, policyVersion: number): Completion {
  return {
    tokens: Int32Array.from(row.tokens),
    logprobs: Float32Array.from(row.logprobs),
    entropies: Float32Array.from(row.entropies),
    stopReason,
    policyVersion,
  };
}
