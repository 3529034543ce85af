/**
 * What shaping did, as numbers for the journal. For each token rule: the share of counted tokens it selected, how
 * near-deterministic they were, and the share of the gradient proxy |A| (1 - p) they carry. The last two show when a rule
 * is a no-op: tokens with p near 1 have almost no gradient, however large their scale.
 */
import type { Sample } from './sample.ts';
import type { ResolvedSentence } from './schema.ts';
import type { ShapedRollout } from './shape.ts';

/** How a rule is called in metric keys and explanations. */
export function ruleName(sentence: ResolvedSentence, rule: number): string {
  const named = sentence.rules[rule]!;
  return named.name ?? `${named.polarity}-${named.side}-${named.statistic}`;
}

interface Tally {
  tokens: number;
  oneMinusP: number;
  gradientProxy: number;
}

/** Metric key -> value, e.g. `objective/positive_low_tokens/frac`. Rules that selected nothing report tokens/frac 0 alone. */
export function shapingMetrics(
  sentence: ResolvedSentence,
  groups: readonly (readonly Sample[])[],
  shaped: readonly (readonly ShapedRollout[])[],
): Record<string, number> {
  const all: Tally = { tokens: 0, oneMinusP: 0, gradientProxy: 0 };
  const perRule = sentence.rules.map((): Tally => ({ tokens: 0, oneMinusP: 0, gradientProxy: 0 }));
  for (const [g, group] of groups.entries())
    for (const [i, sample] of group.entries()) tally(sample, shaped[g]![i]!, all, perRule);

  const metrics: Record<string, number> = {};
  for (const [j, rule] of perRule.entries()) {
    const key = `objective/${ruleName(sentence, j).replace(/-/g, '_')}`;
    metrics[`${key}_tokens/frac`] = all.tokens === 0 ? 0 : rule.tokens / all.tokens;
    if (rule.tokens === 0) continue;
    metrics[`${key}_one_minus_p/mean`] = rule.oneMinusP / rule.tokens;
    metrics[`${key}_gradient_proxy/frac`] = all.gradientProxy === 0 ? 0 : rule.gradientProxy / all.gradientProxy;
  }
  return metrics;
}

function tally(sample: Sample, rollout: ShapedRollout, all: Tally, perRule: readonly Tally[]): void {
  const { advantages, mask, rules } = rollout;
  for (let t = 0; t < mask.length; t++) {
    if (mask[t] === 0) continue;
    const oneMinusP = -Math.expm1(sample.logprobs[t]!);
    const gradientProxy = Math.abs(advantages[t]!) * oneMinusP;
    add(all, oneMinusP, gradientProxy);
    if (rules[t] === 0) continue;
    for (let j = 0; j < perRule.length; j++) if ((rules[t]! >>> j) & 1) add(perRule[j]!, oneMinusP, gradientProxy);
  }
}

function add(tally: Tally, oneMinusP: number, gradientProxy: number): void {
  tally.tokens++;
  tally.oneMinusP += oneMinusP;
  tally.gradientProxy += gradientProxy;
}
