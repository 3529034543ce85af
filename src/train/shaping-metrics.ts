/**
 * What the objective did to a step's tokens: advantage mass before and after shaping, tokens touched by each rule. Absent, never 0,
 * where nothing was measured. Plain loops, since a step may have millions of tokens.
 *
 * Dimensions: P groups, G rollouts of a group, T completion tokens.
 */
import type { Group } from '../core/rollout.ts';
import type { ObjectiveAt, ShapedRollout } from '../objectives/objective.ts';
import { ruleName } from '../objectives/words.ts';
import { type Metrics, present, type Stratum, share, stratumOf } from './metrics.ts';

const snake = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/** Names of a sentence's token rules as metric keys and journals write them, e.g. `positive_low`. */
export function ruleNames({ sentence }: Pick<ObjectiveAt, 'sentence'>): string[] {
  return sentence.rules.map((rule) => snake(ruleName(rule)));
}

/** Sums over counted tokens. */
interface Tally {
  tokens: number;
  /** Sum of |advantage| before weights and rules, and after. */
  before: number;
  after: number;
  /** Sum of 1 - p: near 0 there is no gradient, however large the advantage. */
  unlikelihood: number;
  /** Sum of |advantage| (1 - p), a proxy of the gradient. */
  gradient: number;
}

const emptyTally = (): Tally => ({ tokens: 0, before: 0, after: 0, unlikelihood: 0, gradient: 0 });

function add(tally: Tally, before: number, after: number, unlikelihood: number): void {
  tally.tokens += 1;
  tally.before += before;
  tally.after += after;
  tally.unlikelihood += unlikelihood;
  tally.gradient += after * unlikelihood;
}

/** Before the update: a function of rollouts and shaped advantages alone. */
export function shapingMetrics(
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
  at: ObjectiveAt,
): Metrics {
  const names = ruleNames(at);
  const byRule = names.map(emptyTally);
  const byStratum: Record<Stratum, Tally> = { positive: emptyTally(), negative: emptyTally(), unknown: emptyTally() };
  for (const [p, { rollouts }] of groups.entries()) {
    for (const [i, rollout] of rollouts.entries()) {
      const own = shaped[p]?.[i];
      if (own) tallyRollout(own, rollout.completion.logprobs, byStratum[stratumOf(rollout)], byRule);
    }
  }
  const { positive, negative, unknown } = byStratum;
  const all = [positive, negative, unknown].reduce(joined, emptyTally());
  return {
    ...massMetrics('', all),
    ...massMetrics('positive/', positive),
    ...massMetrics('negative/', negative),
    ...Object.assign({}, ...byRule.map((tally, bit) => ruleMetrics(names[bit] ?? '', tally, all))),
    ...at.schedules,
  };
}

function tallyRollout(shaped: ShapedRollout, logprobs: Float32Array, stratum: Tally, byRule: readonly Tally[]): void {
  const { mask, advantages, rules } = shaped;
  const before = Math.abs(shaped.baseAdvantage);
  for (let t = 0; t < mask.length; t++) {
    if (mask[t] === 0) continue;
    const after = Math.abs(advantages[t] ?? 0);
    const unlikelihood = -Math.expm1(logprobs[t] ?? 0);
    add(stratum, before, after, unlikelihood);
    const bits = rules[t] ?? 0;
    for (const [bit, tally] of byRule.entries())
      if (((bits >>> bit) & 1) === 1) add(tally, before, after, unlikelihood);
  }
}

const joined = (a: Tally, b: Tally): Tally => ({
  tokens: a.tokens + b.tokens,
  before: a.before + b.before,
  after: a.after + b.after,
  unlikelihood: a.unlikelihood + b.unlikelihood,
  gradient: a.gradient + b.gradient,
});

function massMetrics(stratum: string, { tokens, before, after }: Tally): Metrics {
  if (tokens === 0) return {};
  return { [`objective/${stratum}advantage_mass/before`]: before, [`objective/${stratum}advantage_mass/after`]: after };
}

/** What a rule touched: share of tokens, how unlikely they were, and the share of the gradient's proxy they carry. */
const ruleMetrics = (name: string, rule: Tally, all: Tally): Metrics =>
  present({
    [`objective/${name}/touched_frac`]: share(rule.tokens, all.tokens),
    [`objective/${name}/unlikelihood/mean`]: share(rule.unlikelihood, rule.tokens),
    [`objective/${name}/gradient_frac`]: rule.tokens > 0 ? share(rule.gradient, all.gradient) : undefined,
  });
