/**
 * The sentence: an objective as data. Strict: an unknown or impossible option is an error, never ignored (`refusals.ts` holds
 * what is impossible in combination).
 */
import { z } from 'zod';
import { aggregationSchema } from './aggregate.ts';
import { baselineSchema } from './baselines.ts';
import { covarianceSchema } from './covariance.ts';
import { filterSchema } from './filters.ts';
import { mismatchSchema } from './mismatch.ts';
import { maxTokenRules, tokenRuleSchema } from './operations.ts';
import { penaltySchema } from './penalties.ts';
import { rewardTransformSchema } from './rewards.ts';
import type { Resolved } from './schedule.ts';
import { surrogateSchema } from './surrogates/surrogate.ts';
import { sampleWeightSchema } from './weights.ts';

/** The slots of a sentence, in the order the numbers meet them. */
export const slots = {
  /** Transforms of the verdict's reward, in order. */
  rewards: z.array(rewardTransformSchema).default([]),
  filters: z.array(filterSchema).default([]),
  baseline: baselineSchema,
  /** Whiten the advantages over all counted tokens of the step. */
  whiten: z.boolean().default(false),
  weights: z.array(sampleWeightSchema).default([]),
  rules: z.array(tokenRuleSchema).max(maxTokenRules).default([]),
  /** Consent to weights and scales below 0, which turn the update around. */
  allowNegativeWeights: z.boolean().default(false),
  /** Importance ratio of each token, or of its whole completion (geometric mean, straight-through gradient). */
  ratioLevel: z.enum(['token', 'sequence']).default('token'),
  /**
   * Whose logprobs pi_old is in the ratio: the sampler's as reported, or the trainer's, from a forward pass before the
   * update. Token rules rank by the sampler's in either case.
   */
  oldPolicy: z.enum(['sampler', 'trainer']).default('sampler'),
  surrogate: surrogateSchema,
  covariance: covarianceSchema.optional(),
  mismatch: mismatchSchema.optional(),
  penalties: z.array(penaltySchema).default([]),
  aggregation: aggregationSchema,
};

export const sentenceSchema = z.strictObject(slots);

/** As written: defaults may be left out. */
export type SentenceInput = z.input<typeof sentenceSchema>;
export type Sentence = z.infer<typeof sentenceSchema>;
/** At one step: every schedule is a number. */
export type ResolvedSentence = Resolved<Sentence>;
