/** What the health checks remember from step to step: a few numbers that travel in checkpoints, so that a resumed run is judged alike. */
import { z } from 'zod';

const count = z.int().min(0);
const severity = z.union([z.literal(0), z.literal(1), z.literal(2)]);

export const healthStateSchema = z.object({
  /** Of metrics that are compared with the run's beginnings: the sum of their first values, and of how many. */
  first: z.record(z.string(), z.object({ sum: z.number(), count })),
  /** `policy/mismatch_nats/mean` of the last on-policy step whose sampler had the right weights. */
  agreement: z.number().optional(),
  /** Steps in a row with a refused gradient, and without anything to apply. */
  refused: count,
  idle: count,
  /** Of the checks that were not green once. */
  checks: z.record(
    z.string(),
    z.object({
      /** The worst that was told and not taken back by calm steps since; steps since it was as bad. */
      told: severity,
      calm: count,
      /** The worst of the run, and the first step that was so. */
      worst: severity,
      at: count,
    }),
  ),
});

export type HealthState = z.output<typeof healthStateSchema>;
export type Severity = z.output<typeof severity>;

export const healthyState: HealthState = { first: {}, refused: 0, idle: 0, checks: {} };

/** What checkpoints up to state version 3 hold instead. */
export const canaryStateSchema = z.object({
  firstEntropy: z.number().optional(),
  faultsInARow: count.default(0),
});

export function fromCanaries({ firstEntropy, faultsInARow }: z.output<typeof canaryStateSchema>): HealthState {
  const first = firstEntropy === undefined ? {} : { 'policy/entropy_nats/mean': { sum: firstEntropy, count: 1 } };
  return { ...healthyState, first, refused: faultsInARow };
}
