/**
 * What shaping did, as sums over counted tokens: how much advantage there is before and after, and how much of the gradient the tokens
 * that a rule touched carry. Plain loops, since a step may have millions of tokens.
 *
 * Dimensions: T completion tokens, R token rules.
 */
import type { ShapedRollout } from './shaped-rollout.ts';

export interface Mass {
  tokens: number;
  /** Sum of |advantage| before sample weights and token rules, and after. */
  before: number;
  after: number;
  /** Sum of 1 - p: near 0 there is no gradient, however large the advantage. */
  unlikelihood: number;
  /** Sum of |advantage| (1 - p), a proxy of the gradient. */
  gradient: number;
}

/** Of some rollouts: all their counted tokens, those some rule touched, and those each rule touched. */
export interface Masses {
  readonly all: Mass;
  readonly touched: Mass;
  /** [R] */
  readonly byRule: readonly Mass[];
}

const emptyMass = (): Mass => ({ tokens: 0, before: 0, after: 0, unlikelihood: 0, gradient: 0 });

export const emptyMasses = (rules: number): Masses => ({
  all: emptyMass(),
  touched: emptyMass(),
  byRule: Array.from({ length: rules }, emptyMass),
});

/** Adds a rollout in place. @param logprobs [T] the sampler's */
export function addRollout({ all, touched, byRule }: Masses, shaped: ShapedRollout, logprobs: Float32Array): void {
  const { mask, advantages, rules } = shaped;
  const before = Math.abs(shaped.baseAdvantage);
  for (let t = 0; t < mask.length; t++) {
    if (mask[t] === 0) continue;
    const after = Math.abs(advantages[t]!);
    const unlikelihood = -Math.expm1(logprobs[t]!);
    add(all, before, after, unlikelihood);
    const bits = rules[t]!;
    if (bits !== 0) add(touched, before, after, unlikelihood);
    for (let bit = 0; bits >>> bit !== 0 && bit < byRule.length; bit++)
      if (((bits >>> bit) & 1) === 1) add(byRule[bit]!, before, after, unlikelihood);
  }
}

function add(mass: Mass, before: number, after: number, unlikelihood: number): void {
  mass.tokens += 1;
  mass.before += before;
  mass.after += after;
  mass.unlikelihood += unlikelihood;
  mass.gradient += after * unlikelihood;
}

export const joined = (a: Masses, b: Masses): Masses => ({
  all: sum(a.all, b.all),
  touched: sum(a.touched, b.touched),
  byRule: a.byRule.map((mass, bit) => sum(mass, b.byRule[bit] ?? emptyMass())),
});

const sum = (a: Mass, b: Mass): Mass => ({
  tokens: a.tokens + b.tokens,
  before: a.before + b.before,
  after: a.after + b.after,
  unlikelihood: a.unlikelihood + b.unlikelihood,
  gradient: a.gradient + b.gradient,
});
