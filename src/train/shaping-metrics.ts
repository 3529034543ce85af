/**
 * What the objective did to a step's tokens: advantage mass before and after shaping, tokens touched by each rule. Absent, never 0,
 * where nothing was measured.
 *
 * Dimensions: P groups, G rollouts of a group.
 */
import type { Group } from '../core/rollout.ts';
import { addRollout, emptyMasses, joined, type Mass, type Masses } from '../objectives/mass.ts';
import type { ObjectiveAt, ShapedRollout } from '../objectives/objective.ts';
import { ruleName } from '../objectives/words.ts';
import { type Metrics, present, type Stratum, share, snake, stratumOf } from './metrics.ts';

/** Names of a sentence's token rules as metric keys and journals write them, e.g. `positive_low`. */
export function ruleNames({ sentence }: Pick<ObjectiveAt, 'sentence'>): string[] {
  return sentence.rules.map((rule) => snake(ruleName(rule)));
}

/** Before the update: a function of rollouts and shaped advantages alone. */
export function shapingMetrics(
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
  at: ObjectiveAt,
): Metrics {
  const names = ruleNames(at);
  const none = () => emptyMasses(names.length);
  const strata: Record<Stratum, Masses> = { positive: none(), negative: none(), unknown: none() };
  for (const [p, { rollouts }] of groups.entries()) {
    for (const [i, rollout] of rollouts.entries()) {
      const own = shaped[p]?.[i];
      if (own) addRollout(strata[stratumOf(rollout)], own, rollout.completion.logprobs);
    }
  }
  const { positive, negative, unknown } = strata;
  const whole = [positive, negative, unknown].reduce(joined, none());
  return {
    ...massMetrics('', whole),
    ...massMetrics('positive/', positive),
    ...massMetrics('negative/', negative),
    ...polarityMetrics(positive, negative),
    ...touchedAtAll('positive/', positive),
    ...touchedAtAll('negative/', negative),
    ...Object.assign({}, ...names.map((name, bit) => touchedMetrics(name, whole.byRule[bit], whole.all))),
    ...gradientShares('', names, whole),
    ...gradientShares('positive/', names, positive),
    ...gradientShares('negative/', names, negative),
    ...at.schedules,
  };
}

function massMetrics(stratum: string, { all }: Masses): Metrics {
  if (all.tokens === 0) return {};
  const key = (moment: string) => `objective/${stratum}advantage_mass/${moment}`;
  return { [key('before')]: all.before, [key('after')]: all.after };
}

/** Positive over negative, in advantage and in the gradient proxy |advantage| (1 - p): the paper's dynamics follow the first ratio. */
function polarityMetrics({ all: positive }: Masses, { all: negative }: Masses): Metrics {
  if (positive.tokens === 0 || negative.tokens === 0) return {};
  const gradient = positive.gradient + negative.gradient;
  return present({
    'objective/advantage_mass_ratio/before': share(positive.before, negative.before),
    'objective/advantage_mass_ratio/after': share(positive.after, negative.after),
    'objective/positive/gradient_frac': share(positive.gradient, gradient),
    'objective/negative/gradient_frac': share(negative.gradient, gradient),
  });
}

/** Of a polarity: tokens that some rule touched, and how likely they and the others were. Nothing without rules or tokens. */
function touchedAtAll(stratum: string, { all, touched, byRule }: Masses): Metrics {
  if (byRule.length === 0 || all.tokens === 0) return {};
  const probability = (unlikelihood: number, tokens: number) => share(tokens - unlikelihood, tokens);
  return present({
    [`objective/${stratum}shaped_tokens`]: touched.tokens,
    [`objective/${stratum}shaped_frac`]: share(touched.tokens, all.tokens),
    [`objective/${stratum}shaped/probability/mean`]: probability(touched.unlikelihood, touched.tokens),
    [`objective/${stratum}unshaped/probability/mean`]: probability(
      all.unlikelihood - touched.unlikelihood,
      all.tokens - touched.tokens,
    ),
  });
}

/** What a rule touched: its share of the tokens, and how unlikely they were. */
const touchedMetrics = (name: string, rule: Mass | undefined, all: Mass): Metrics =>
  present({
    [`objective/${name}/touched_frac`]: rule && share(rule.tokens, all.tokens),
    [`objective/${name}/unlikelihood/mean`]: rule && share(rule.unlikelihood, rule.tokens),
  });

/** The share of a stratum's gradient proxy, |advantage| (1 - p), on the tokens each rule touched. */
const gradientShares = (stratum: string, names: readonly string[], { all, byRule }: Masses): Metrics =>
  present(
    Object.fromEntries(
      byRule.map(({ tokens, gradient }, bit) => [
        `objective/${stratum}${names[bit]}/gradient_frac`,
        tokens > 0 ? share(gradient, all.gradient) : undefined,
      ]),
    ),
  );
