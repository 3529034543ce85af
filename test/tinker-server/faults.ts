/**
 * What goes wrong between a client and a server, chosen by (seed, number of the request): the same numbers, the same faults. Only what a client
 * can survive alone; an engine's death is `TinkerServer.die`.
 */
import { randomKey, uniform } from '../../src/core/random.ts';

export type Fault =
  /** The answer is late. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** A status instead of work; `retryAfter` in seconds. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number; readonly isEmpty?: boolean }
  /** The connection is cut before anything was done. */
  | { readonly kind: 'reset' }
  /** Done, then cut before the answer. */
  | { readonly kind: 'lost' }
  /** Done, then cut in the middle of the answer. */
  | { readonly kind: 'reset mid-body' }
  /** Done, and half of the answer sent as if it were all. */
  | { readonly kind: 'truncated' }
  /** Delivered twice; the second answer counts. */
  | { readonly kind: 'duplicated' };

export type FaultPlan = (request: number, path: string) => Fault | undefined;

const FAULTS: readonly Fault[] = [
  { kind: 'latency', ms: 1 },
  { kind: 'latency', ms: 4 },
  { kind: 'status', status: 408 },
  { kind: 'status', status: 409 },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 429, retryAfter: 1 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 502 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 400, isEmpty: true },
  { kind: 'reset' },
  { kind: 'lost' },
  { kind: 'reset mid-body' },
  { kind: 'truncated' },
  { kind: 'duplicated' },
];

/** Where 409 means what it says: a taken name, a failed operation, a lost session. */
const FINAL_CONFLICTS: readonly string[] = [
  'save_weights',
  'save_weights_for_sampler',
  'retrieve_future',
  'session_heartbeat',
  'asample',
];

/** @param share of requests that meet a fault */
export function randomFaults(seed: number, share: number): FaultPlan {
  const key = randomKey(seed, 'faults');
  return (request, path) => {
    if (uniform(key, 2 * request) >= share) return undefined;
    const fault = FAULTS[Math.floor(uniform(key, 2 * request + 1) * FAULTS.length)]!;
    const isFinal = fault.kind === 'status' && fault.status === 409 && FINAL_CONFLICTS.includes(path);
    return isFinal ? { kind: 'status', status: 503 } : fault;
  };
}

/** One fault, at the n-th request (from 0) of a path. */
export function faultAt(path: string, n: number, fault: Fault): FaultPlan {
  let seen = 0;
  return (_, each) => (each === path && seen++ === n ? fault : undefined);
}
