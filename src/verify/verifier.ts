/**
 * What a verifier is: a gold and a completion in, a verdict out. Knows nothing of tasks, tokens or engines.
 *
 * Everything a verifier takes is plain JSON, so that the decision can be made in another thread and killed there.
 */
import type { z } from 'zod';
import type { Verdict } from '../core/rollout.ts';

/** What a run file says: the verifier's name beside its settings, all of which have defaults. */
export interface VerifierSpec {
  readonly name: string;
  readonly [setting: string]: unknown;
}

/** One decision to make. */
export interface VerifyRequest {
  readonly verifier: VerifierSpec;
  /** As the dataset has it; the verifier's own schema says what it may be. */
  readonly gold: unknown;
  /** Hostile text: at worst it costs its own verdict. */
  readonly completion: string;
}

/** Makes decisions, wherever: in this thread (`verify/catalogue.ts`) or in a pool of killable workers (`verify/pool.ts`). Never rejects. */
export type Verify = (request: VerifyRequest) => Promise<Verdict>;

/** Reasons of an unknown verdict. Only `no answer` may say something about the policy; the others never do. */
export type UnknownReason =
  | 'no answer'
  | 'unparsable answer'
  | 'unparsable gold'
  | 'ambiguous answer'
  | 'undecided'
  | 'budget'
  | 'timeout'
  | 'crash'
  | 'sandbox'
  | 'verifier error';

export interface VerifierDefinition<Settings, Gold> {
  readonly name: string;
  /** One sentence for lists. */
  readonly summary: string;
  /** Raised whenever a verdict may change: part of an evaluation's protocol. */
  readonly version: number;
  readonly settings: z.ZodType<Settings>;
  readonly gold: z.ZodType<Gold>;
  /** `worker`: pure computation, in a thread that can be killed. `process`: starts child processes, so it is called from the main thread. */
  readonly runsIn: 'worker' | 'process';
  /** Before the first decision: can decisions be made here at all? Absent where they always can. @throws UserError saying what is missing */
  prepare?(settings: Settings): Promise<void>;
  /** Milliseconds after which a decision in a worker counts as hung, where its own limits allow it more than the pool does; absent elsewhere. */
  backstopMs?(settings: Settings, gold: Gold): number;
  /** May throw: the caller makes it an unknown verdict with reason `verifier error`. */
  verify(settings: Settings, gold: Gold, completion: string): Verdict | Promise<Verdict>;
  /** A completion that must be correct for this gold, for self-checks; `undefined` where none can be made (code that comes with tests only). */
  goldCompletion(settings: Settings, gold: Gold): string | undefined;
}
