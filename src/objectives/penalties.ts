/**
 * Token penalties added to the loss: KL to a reference policy, estimated on the sampled token. With
 * d = log pi - log pi_ref (Schulman, "Approximating KL divergence", 2020):
 *
 *   k1 = d        slope 1: as a loss its gradient is zero in expectation, so it is refused there
 *   k2 = d^2 / 2  slope d: the gradient of KL(pi || pi_ref) on policy
 *   k3 = e^-d + d - 1  slope 1 - e^-d: in expectation the gradient of KL(pi_ref || pi); the common default
 *   abs = |d|     slope sign(d)
 */
import { z } from 'zod';
import { type Resolved, scalarIn } from './schedule.ts';

export const penaltySchema = z.strictObject({
  /** Label in metric keys. */
  name: z.string().min(1).optional(),
  penalty: z.literal('kl'),
  estimator: z.enum(['k1', 'k2', 'k3', 'abs']),
  coefficient: scalarIn(0, Number.MAX_VALUE),
});

export type Penalty = Resolved<z.infer<typeof penaltySchema>>;
export type KlEstimator = Penalty['estimator'];

/** verl and the A3PO authors' code keep k3 within +-10; beyond it the slope is 0. */
const K3_LIMIT = 10;

/** Value in nats, and slope with respect to the current logprob. */
export function klPenalty(
  estimator: KlEstimator,
  logprob: number,
  referenceLogprob: number,
): { value: number; slope: number } {
  const d = logprob - referenceLogprob;
  switch (estimator) {
    case 'k1':
      return { value: d, slope: 1 };
    case 'abs':
      return { value: Math.abs(d), slope: Math.sign(d) };
    case 'k2':
      return { value: (d * d) / 2, slope: d };
    case 'k3': {
      const value = Math.exp(-d) + d - 1;
      return value > K3_LIMIT ? { value: K3_LIMIT, slope: 0 } : { value, slope: 1 - Math.exp(-d) };
    }
  }
}
