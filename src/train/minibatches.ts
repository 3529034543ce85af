/**
 * A step's shaped groups as minibatches: which rollouts take part in which update, and how much each of their tokens weighs.
 *
 * Dimensions: P groups, G rollouts of a group, T completion tokens.
 */
import type { GradedRollout, Group } from '../core/rollout.ts';
import { aggregationScales, countedTokens, type ObjectiveAt, type ShapedRollout } from '../objectives/objective.ts';
import { split } from './order.ts';

/** One rollout of a minibatch. */
export interface Term {
  readonly rollout: GradedRollout;
  readonly shaped: ShapedRollout;
  /** The aggregation's factor on each of its tokens. */
  readonly scale: number;
}

/**
 * Groups in order, cut into `count` parts; a group is never split. The aggregation's denominators count every rollout of a part.
 * Rollouts without counted tokens, such as those with an unknown verdict, are left out.
 */
export function minibatches(
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
  at: ObjectiveAt,
  count: number,
): Term[][] {
  const indices = groups.map((_, p) => p);
  return split(indices, count).map((part) =>
    scaled(
      part.flatMap((p) => pairs(groups[p]?.rollouts ?? [], shaped[p] ?? [])),
      at,
    ),
  );
}

/** One group's rollouts in a minibatch of which `rollouts` are expected to count, this group's included. */
export function groupTerms(
  { rollouts: members }: Group,
  shaped: readonly ShapedRollout[],
  at: ObjectiveAt,
  rollouts: number,
): Term[] {
  return scaled(pairs(members, shaped), at, rollouts);
}

function scaled(members: readonly Omit<Term, 'scale'>[], { sentence }: ObjectiveAt, rollouts?: number): Term[] {
  const counts = members.map((member) => countedTokens(member.shaped));
  const scales = aggregationScales(sentence.aggregation, counts, rollouts);
  return members.flatMap((member, i) => (counts[i] === 0 ? [] : [{ ...member, scale: scales[i] ?? 0 }]));
}

function pairs(rollouts: readonly GradedRollout[], shaped: readonly ShapedRollout[]): Omit<Term, 'scale'>[] {
  return rollouts.flatMap((rollout, i) => {
    const own = shaped[i];
    return own ? [{ rollout, shaped: own }] : [];
  });
}

/** Whether some token has an advantage: without, a stock loss has no gradient. */
export const hasSignal = ({ shaped, scale }: Term): boolean =>
  scale !== 0 && shaped.advantages.some((advantage) => advantage !== 0);
