/**
 * What a run file may say of the math verifier.
 */
import { z } from 'zod';
import { ANCHORS } from '../extract.ts';

/** About ten times what the costliest ordinary answer takes, and well below a second. */
const DEFAULT_STEPS = 2_000_000;

const policy = (fallback: 'incorrect' | 'unknown') => z.enum(['incorrect', 'unknown']).default(fallback);

export const mathSettings = z.strictObject({
  /** Where an answer may stand, in the order in which places are tried; see `verify/extract.ts`. */
  anchors: z.array(z.enum(ANCHORS)).min(1).optional(),
  /** A completion without an answer. */
  noAnswer: policy('incorrect'),
  /** An answer that cannot be read as mathematics or words. */
  unparsable: policy('unknown'),
  /** An answer of which neither equality nor difference could be shown. */
  undecided: policy('unknown'),
  /** A gold that is a list: all of its elements must be given, or any one of them. */
  goldList: z.enum(['all', 'any']).default('all'),
  /** Numbers within this part of the gold are equal. 0 compares exactly. */
  tolerance: z.number().min(0).max(1).default(0),
  /** Numbers at most this far from the gold are equal. 0 compares exactly. */
  absoluteTolerance: z.number().min(0).default(0),
  /**
   * `compute-engine`: closed forms of integrals, limits and series, where nothing else decides. Only in a worker; its steps are not counted,
   * so the wall clock ends what hangs.
   */
  symbolic: z.enum(['none', 'compute-engine']).default('none'),
  /** Budget of one verdict; a step is about a multiplication of two machine words. */
  steps: z.number().int().min(1000).max(1e9).default(DEFAULT_STEPS),
});

export type MathSettings = z.output<typeof mathSettings>;
