/**
 * What the objective did to a step's tokens: advantage mass before and after shaping, tokens touched by each rule. Absent, never 0,
 * where nothing was measured.
 *
 * Dimensions: T completion tokens.
 */
import type { GradedRollout, Group } from '../core/rollout.ts';
import type { ObjectiveAt, ShapedRollout } from '../objectives/objective.ts';
import { type Metrics, present, type Stratum, share, stratumOf } from './metrics.ts';

const snake = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/** Names of a sentence's token rules as metric keys and journals write them: `positive_low`; one without a name is told by what it selects. */
export function ruleNames({ sentence }: Pick<ObjectiveAt, 'sentence'>): string[] {
  return sentence.rules.map((rule, bit) =>
    snake(rule.name ?? `${rule.polarity} ${rule.side} ${rule.statistic} ${bit}`),
  );
}

/** One counted token after shaping. */
interface ShapedToken {
  readonly stratum: Stratum;
  /** |advantage| before weights and rules, and after. */
  readonly before: number;
  readonly after: number;
  /** 1 - p of the token under the policy that sampled it: near 0 there is no gradient, however large the advantage. */
  readonly unlikelihood: number;
  /** Bit j: rule j selected it. */
  readonly rules: number;
}

function shapedTokens(groups: readonly Group[], shaped: readonly (readonly ShapedRollout[])[]): ShapedToken[] {
  return groups.flatMap((group, p) =>
    group.rollouts.flatMap((rollout, i) => {
      const own = shaped[p]?.[i];
      return own === undefined ? [] : tokensOf(rollout, own);
    }),
  );
}

function tokensOf(rollout: GradedRollout, { mask, baseAdvantage, advantages, rules }: ShapedRollout): ShapedToken[] {
  const stratum = stratumOf(rollout);
  return [...mask.keys()]
    .filter((t) => mask[t] === 1)
    .map((t) => ({
      stratum,
      before: Math.abs(baseAdvantage),
      after: Math.abs(advantages[t] ?? 0),
      unlikelihood: -Math.expm1(rollout.completion.logprobs[t] ?? 0),
      rules: rules[t] ?? 0,
    }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Before the update: a function of rollouts and shaped advantages alone. */
export function shapingMetrics(
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
  at: ObjectiveAt,
): Metrics {
  const tokens = shapedTokens(groups, shaped);
  const of = (stratum: Stratum) => tokens.filter((token) => token.stratum === stratum);
  return {
    ...massMetrics('', tokens),
    ...massMetrics('positive/', of('positive')),
    ...massMetrics('negative/', of('negative')),
    ...Object.assign({}, ...ruleNames(at).map((name, bit) => ruleMetrics(name, bit, tokens))),
    ...at.schedules,
  };
}

function massMetrics(stratum: string, tokens: readonly ShapedToken[]): Metrics {
  if (tokens.length === 0) return {};
  return {
    [`objective/${stratum}advantage_mass/before`]: sum(tokens.map(({ before }) => before)),
    [`objective/${stratum}advantage_mass/after`]: sum(tokens.map(({ after }) => after)),
  };
}

/** What a rule touched: share of tokens, how unlikely they were, and their share of the gradient's proxy |A| (1 - p). */
function ruleMetrics(name: string, bit: number, tokens: readonly ShapedToken[]): Metrics {
  const touched = tokens.filter(({ rules }) => ((rules >>> bit) & 1) === 1);
  const proxy = (list: readonly ShapedToken[]) => sum(list.map(({ after, unlikelihood }) => after * unlikelihood));
  return present({
    [`objective/${name}/touched_frac`]: share(touched.length, tokens.length),
    [`objective/${name}/unlikelihood/mean`]: share(
      sum(touched.map(({ unlikelihood }) => unlikelihood)),
      touched.length,
    ),
    [`objective/${name}/gradient_frac`]: touched.length > 0 ? share(proxy(touched), proxy(tokens)) : undefined,
  });
}
