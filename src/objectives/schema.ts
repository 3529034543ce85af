/**
 * The sentence: an objective as data. Strict: an unknown or impossible option is an error, never ignored.
 */
import { z } from 'zod';
import { aggregationSchema } from './aggregate.ts';
import { baselineSchema } from './baselines.ts';
import { filterSchema } from './filters.ts';
import { tokenRuleSchema } from './operations.ts';
import { rewardTransformSchema } from './rewards.ts';
import type { Resolved } from './schedule.ts';
import { surrogateSchema } from './surrogates/surrogate.ts';
import { maxTokenRules } from './token-rules.ts';
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
  surrogate: surrogateSchema,
  aggregation: aggregationSchema,
};

export const sentenceSchema = z.strictObject(slots);

/** As written: defaults may be left out. */
export type SentenceInput = z.input<typeof sentenceSchema>;
export type Sentence = z.infer<typeof sentenceSchema>;
/** At one step: every schedule is a number. */
export type ResolvedSentence = Resolved<Sentence>;
