/**
 * What an objective does to one small group, as a value: each stage's numbers token by token, which rule touched which
 * token, and what reaches the loss. Pure; printing is for others.
 *
 * Dimensions: G rollouts of the group, T completion tokens.
 */
import { assert, UserError } from '../core/errors.ts';
import { aggregationScales } from './aggregate.ts';
import { addRollout, emptyMasses } from './mass.ts';
import { type Objective, objectiveAt } from './objective.ts';
import type { Sample } from './sample.ts';
import type { Signals } from './schedule.ts';
import { shape } from './shape.ts';
import { countedTokens, type ShapedRollout } from './shaped-rollout.ts';
import { type StatisticName, statistics } from './statistics.ts';
import { describeRule, ruleName } from './words.ts';

export interface ExplainedToken {
  readonly probability: number;
  readonly entropy: number | undefined;
  /** Before sample weights and token rules. */
  readonly baseAdvantage: number;
  /** Names of the rules that selected it. */
  readonly rules: readonly string[];
  /** After all. */
  readonly advantage: number;
  /** Whether it counts in the aggregation. */
  readonly isCounted: boolean;
  /** What reaches the engine as the datum's weight: advantage times the aggregation's scale, the group being the minibatch. */
  readonly coefficient: number;
}

export interface ExplainedRollout {
  readonly outcome: 'correct' | 'incorrect' | 'unknown';
  /** The verdict's. */
  readonly reward: number | undefined;
  /** After the reward transforms; undefined when the rollout enters no baseline. */
  readonly transformedReward: number | undefined;
  readonly baseAdvantage: number;
  /** The aggregation's factor. */
  readonly scale: number;
  /** [T] */
  readonly tokens: readonly ExplainedToken[];
}

export interface ExplainedRule {
  readonly name: string;
  readonly words: string;
  readonly statistic: string;
  /** Those that count in the aggregation. */
  readonly selectedTokens: number;
  /** Share of |advantage| (1 - p) on the selected tokens: a rule with next to none is a no-op. */
  readonly gradientProxyShare: number;
}

export interface Explanation {
  readonly name: string;
  readonly notes: readonly string[];
  /** Each schedule's value at this step. */
  readonly schedules: Readonly<Record<string, number>>;
  readonly rules: readonly ExplainedRule[];
  /** [G] */
  readonly rollouts: readonly ExplainedRollout[];
}

/** A small group made up for an explanation. */
export interface ExampleGroup {
  /** [G] 1 correct, another number incorrect with that partial reward, undefined an unknown verdict. */
  readonly rewards: readonly (number | undefined)[];
  /** [G][T], or [T] for all; absent: `exampleProbabilities`. */
  readonly probabilities?: readonly (readonly number[])[] | undefined;
  /** [G][T]; absent: the entropy of a choice between the token and one other. */
  readonly entropies?: readonly (readonly number[])[] | undefined;
}

/** Five tokens from hesitant to certain. */
export const exampleProbabilities: readonly number[] = [0.9, 0.2, 0.999, 0.5, 0.7];

/** @throws UserError when lengths disagree or a number is out of range. */
export function exampleSamples({ rewards, probabilities, entropies }: ExampleGroup): Sample[] {
  if (rewards.length === 0) throw new UserError('an example needs at least one reward');
  const rowsOf = probabilities ?? [exampleProbabilities];
  if (rowsOf.length !== 1 && rowsOf.length !== rewards.length)
    throw new UserError(
      `probabilities must be one list or one for each of the ${rewards.length} rollouts, got ${rowsOf.length}`,
    );
  return rewards.map((reward, i) => {
    const row = rowsOf[rowsOf.length === 1 ? 0 : i]!;
    const bad = row.find((p) => !(p > 0 && p <= 1));
    if (bad !== undefined) throw new UserError(`a token's probability must be above 0 and at most 1, got ${bad}`);
    const entropy = entropies?.[entropies.length === 1 ? 0 : i] ?? row.map(twoWayEntropy);
    if (entropy.length !== row.length)
      throw new UserError(`rollout ${i} has ${row.length} probabilities and ${entropy.length} entropies`);
    return {
      polarity: reward === undefined ? undefined : reward === 1 ? 'positive' : 'negative',
      reward,
      mask: new Uint8Array(row.length).fill(1),
      logprobs: Float32Array.from(row, Math.log),
      entropies: Float32Array.from(entropy),
      tokens: Int32Array.from(row, (_, t) => t),
      isTruncated: false,
    };
  });
}

const twoWayEntropy = (p: number) => (p === 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log1p(-p));

/** The group is taken as the whole step and as one minibatch. */
export function explain(objective: Objective, group: readonly Sample[], signals: Signals): Explanation {
  const at = objectiveAt(objective, signals);
  const { sentence } = at;
  const shaped = shape(sentence, [group])[0];
  const plain = shape({ ...sentence, weights: [], rules: [] }, [group])[0];
  assert(shaped !== undefined && plain !== undefined, 'one group in, one group out');
  const scales = aggregationScales(sentence.aggregation, shaped.map(countedTokens));
  const names = sentence.rules.map(ruleName);
  const masses = emptyMasses(names.length);
  for (const [i, rollout] of shaped.entries()) addRollout(masses, rollout, group[i]!.logprobs);
  return {
    name: objective.name,
    notes: objective.notes,
    schedules: at.schedules,
    rules: sentence.rules.map((rule, bit) => ({
      name: ruleName(rule),
      words: describeRule(rule),
      statistic: `${rule.statistic}: ${statisticMeaning(rule.statistic)}`,
      selectedTokens: masses.byRule[bit]!.tokens,
      gradientProxyShare: masses.all.gradient === 0 ? 0 : masses.byRule[bit]!.gradient / masses.all.gradient,
    })),
    rollouts: group.map((sample, i) => explainRollout(sample, shaped[i]!, plain[i]!, scales[i]!, names)),
  };
}

const statisticMeaning = (name: StatisticName): string => statistics[name].meaning;

function explainRollout(
  sample: Sample,
  shaped: ShapedRollout,
  plain: ShapedRollout,
  scale: number,
  names: readonly string[],
): ExplainedRollout {
  const outcomes = { positive: 'correct', negative: 'incorrect' } as const;
  return {
    outcome: sample.polarity === undefined ? 'unknown' : outcomes[sample.polarity],
    reward: sample.reward,
    transformedReward: shaped.reward,
    baseAdvantage: shaped.baseAdvantage,
    scale,
    tokens: Array.from(shaped.advantages, (advantage, t) => ({
      probability: Math.exp(sample.logprobs[t]!),
      entropy: sample.entropies[t],
      baseAdvantage: plain.advantages[t]!,
      rules: names.filter((_, bit) => ((shaped.rules[t]! >>> bit) & 1) === 1),
      advantage,
      isCounted: shaped.mask[t] === 1,
      coefficient: advantage * scale,
    })),
  };
}
