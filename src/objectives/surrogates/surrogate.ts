/**
 * Surrogates as options: what is differentiated. Bounds are absolute ratios (0.8, 1.28), not epsilons. Their closed forms
 * are in token.ts and geometric-mean.ts.
 */
import { z } from 'zod';
import type { Loss } from '../../core/datum.ts';
import { type Resolved, scalarIn } from '../schedule.ts';

const ratioMin = scalarIn(0, 1);
const ratioMax = scalarIn(1, Number.MAX_VALUE);
const positive = scalarIn(Number.MIN_VALUE, Number.MAX_VALUE);

export const surrogateSchema = z.discriminatedUnion('kind', [
  /** -A log pi: no importance ratio. */
  z.strictObject({ kind: z.literal('reinforce') }),
  /** -A r: no bound at all. */
  z.strictObject({ kind: z.literal('importance-sampling') }),
  /**
   * max(-A r, -A clip(r, ratioMin, ratioMax)) (PPO, arXiv:1707.06347, Eq. 7); where A < 0 and `dualClip` c is given, at most
   * -A c (arXiv:1912.09729, Eq. 5).
   */
  z.strictObject({ kind: z.literal('ppo'), ratioMin, ratioMax, dualClip: scalarIn(1, Number.MAX_VALUE).optional() }),
  /** -A stopgrad(clip(r, ratioMin, ratioMax)) log pi (CISPO, arXiv:2506.13585). */
  z.strictObject({ kind: z.literal('cispo'), ratioMin, ratioMax }),
  /** -A (4 / tau) sigmoid(tau (r - 1)), tau by the advantage's sign (SAPO, arXiv:2511.20347). */
  z.strictObject({ kind: z.literal('sapo'), temperaturePositive: positive, temperatureNegative: positive }),
  /** -A r, but 0 where A > 0 and pi - pi_old > maxRise, or A < 0 and pi_old - pi > maxFall (DPPO, arXiv:2602.04879, TV form). */
  z.strictObject({ kind: z.literal('dppo'), maxRise: scalarIn(0, 1), maxFall: scalarIn(0, 1) }),
  /** -mean(A) (prod r)^(1/T), token ratios bounded (GMPO, arXiv:2507.20673). */
  z.strictObject({ kind: z.literal('geometric-mean'), ratioMin: scalarIn(Number.MIN_VALUE, 1), ratioMax }),
]);

export type Surrogate = Resolved<z.infer<typeof surrogateSchema>>;

/** Surrogates that engines have as stock losses. */
export const stockKinds: readonly Surrogate['kind'][] = ['importance-sampling', 'ppo', 'cispo'];

/** Surrogates whose bounds decide the slope of some tokens. */
export const boundedKinds: readonly Surrogate['kind'][] = ['ppo', 'cispo', 'dppo', 'geometric-mean'];

/** The stock loss of engines that is this surrogate; undefined where there is none. */
export function stockLoss(surrogate: Surrogate): Loss | undefined {
  switch (surrogate.kind) {
    case 'importance-sampling':
      return { kind: 'importance_sampling' };
    case 'ppo':
      return surrogate.dualClip === undefined
        ? { kind: 'ppo', ratioMin: surrogate.ratioMin, ratioMax: surrogate.ratioMax }
        : { kind: 'ppo', ratioMin: surrogate.ratioMin, ratioMax: surrogate.ratioMax, dualClip: surrogate.dualClip };
    case 'cispo':
      return { kind: 'cispo', ratioMin: surrogate.ratioMin, ratioMax: surrogate.ratioMax };
    default:
      return undefined;
  }
}
