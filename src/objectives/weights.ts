/**
 * Sample weights: one factor per rollout on its whole advantage, after the baseline. P2N1 is
 * [{of: positive, weight: 2}]; the group's zero mean is deliberately given up.
 */
import { z } from 'zod';
import type { Polarity } from '../core/rollout.ts';
import { type Resolved, scalar } from './schedule.ts';

export const sampleWeightSchema = z.strictObject({
  /** Label in metric keys. */
  name: z.string().min(1).optional(),
  of: z.enum(['positive', 'negative']),
  /** What makes a rollout positive: its verdict, or the sign of its advantage (arXiv:2511.05993 weights A > 0). */
  by: z.enum(['verdict', 'advantage']).default('verdict'),
  weight: scalar,
});

export type SampleWeight = Resolved<z.infer<typeof sampleWeightSchema>>;

/** The product of all weights that concern this rollout. */
export function weightOf(weights: readonly SampleWeight[], polarity: Polarity | undefined, advantage: number): number {
  let product = 1;
  for (const { of, by, weight } of weights) {
    const sign = by === 'verdict' ? polarity : advantage > 0 ? 'positive' : advantage < 0 ? 'negative' : undefined;
    if (sign === of) product *= weight;
  }
  return product;
}
