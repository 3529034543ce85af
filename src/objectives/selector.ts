/** The fields by which a token rule says which tokens it means. */
import { z } from 'zod';
import { amountSchema } from './select.ts';
import { statisticNames } from './statistics.ts';

export const selector = {
  /** Label in metric keys and explanations. */
  name: z.string().min(1).optional(),
  /** Whose tokens, by verdict. */
  polarity: z.enum(['positive', 'negative', 'both']),
  statistic: z.enum(statisticNames),
  /**
   * Which tokens are ranked and counted. `nonzero` (the official code): statistic not exactly 0. `all`: every token.
   * {probabilityBelow: p}: only tokens that were not near-deterministic, and nonzero ones.
   */
  eligibility: z
    .union([z.enum(['nonzero', 'all']), z.strictObject({ probabilityBelow: z.number().gt(0).lte(1) })], {
      error: "eligibility must be 'nonzero', 'all' or {probabilityBelow: p}",
    })
    .default('nonzero'),
  side: z.enum(['high', 'low']),
  amount: amountSchema,
  /** What one ranking spans: a rollout, a group's rollouts of that polarity, or the step's. */
  scope: z.enum(['response', 'group', 'batch']).default('response'),
};
