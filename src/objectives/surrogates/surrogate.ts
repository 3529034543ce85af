/**
 * Surrogates: what is differentiated, per token. Bounds are absolute ratios (0.8, 1.28), not epsilons.
 */
import { z } from 'zod';
import type { Loss } from '../../core/datum.ts';
import { type Resolved, scalarIn } from '../schedule.ts';

const ratioMin = scalarIn(0, 1);
const ratioMax = scalarIn(1, Number.MAX_VALUE);

export const surrogateSchema = z.discriminatedUnion('kind', [
  /** -A r: no bound at all. */
  z.strictObject({ kind: z.literal('importance-sampling') }),
  /**
   * max(-A r, -A clip(r, ratioMin, ratioMax)) (PPO, arXiv:1707.06347, Eq. 7); where A < 0 and `dualClip` c is given, at most
   * -A c (arXiv:1912.09729, Eq. 5).
   */
  z.strictObject({ kind: z.literal('ppo'), ratioMin, ratioMax, dualClip: scalarIn(1, Number.MAX_VALUE).optional() }),
  /** -A stopgrad(clip(r, ratioMin, ratioMax)) log pi (CISPO, arXiv:2506.13585). */
  z.strictObject({ kind: z.literal('cispo'), ratioMin, ratioMax }),
]);

export type Surrogate = Resolved<z.infer<typeof surrogateSchema>>;

/** The stock loss of engines that is this surrogate. */
export function stockLoss(surrogate: Surrogate): Loss {
  switch (surrogate.kind) {
    case 'importance-sampling':
      return { kind: 'importance_sampling' };
    case 'ppo':
      return surrogate.dualClip === undefined
        ? { kind: 'ppo', ratioMin: surrogate.ratioMin, ratioMax: surrogate.ratioMax }
        : { kind: 'ppo', ratioMin: surrogate.ratioMin, ratioMax: surrogate.ratioMax, dualClip: surrogate.dualClip };
    case 'cispo':
      return { kind: 'cispo', ratioMin: surrogate.ratioMin, ratioMax: surrogate.ratioMax };
  }
}
