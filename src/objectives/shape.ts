/**
 * Groups of samples -> per-token advantages: rewards -> filters -> baseline -> whitening -> sample weights -> token rules.
 * Pure: nothing handed in is changed, the same input gives the same bits.
 *
 * Dimensions: P groups, G rollouts of a group, T completion tokens.
 */
import { type BaselineInput, baselineAdvantages, isGroupRelative } from './baselines.ts';
import { keptRollouts } from './filters.ts';
import { discountedReturns, whitenTokens } from './returns.ts';
import { transformReward } from './rewards.ts';
import type { Sample } from './sample.ts';
import type { ResolvedSentence } from './schema.ts';
import { countedTokens, type ShapedRollout } from './shaped-rollout.ts';
import { applyTokenRules } from './token-rules.ts';
import { weightOf } from './weights.ts';

/** [P][G] */
export function shape(sentence: ResolvedSentence, groups: readonly (readonly Sample[])[]): ShapedRollout[][] {
  const based = groups.map((group) => baseGroup(sentence, group));
  const flat = based.flat();
  if (sentence.whiten)
    whitenTokens(
      flat.map((rollout) => rollout.advantages),
      flat.map((rollout) => rollout.mask),
    );
  const shaped = based.map((group, g) => group.map((rollout, i) => weigh(sentence, rollout, groups[g]![i]!)));
  applyTokenRules(sentence.rules, groups, shaped);
  return shaped;
}

function baseGroup(sentence: ResolvedSentence, group: readonly Sample[]): ShapedRollout[] {
  const before = keptRollouts(sentence.filters, 'before-baseline', group);
  const after = keptRollouts(sentence.filters, 'after-baseline', group);
  const members = group.flatMap((sample, i) => (sample.reward !== undefined && before[i] === 1 ? [i] : []));
  const input = baselineInput(
    sentence,
    members.map((i) => group[i]!),
  );
  const advantages = memberAdvantages(sentence, input, group.length);
  return group.map((sample, i) => {
    const member = members.indexOf(i);
    const isIn = member >= 0 && after[i] === 1;
    return {
      reward: member >= 0 ? input.rewards[member] : undefined,
      baseAdvantage: 0,
      advantages: isIn
        ? tokenAdvantages(sentence, advantages[member]!, input, member, sample)
        : new Float32Array(sample.mask.length),
      mask: isIn ? sample.mask.slice() : new Uint8Array(sample.mask.length),
      rules: new Uint32Array(sample.mask.length),
    };
  });
}

function baselineInput(sentence: ResolvedSentence, members: readonly Sample[]): BaselineInput {
  const lengths = members.map(countedTokens);
  const isCorrect = members.map(({ polarity }) => polarity === 'positive');
  return {
    lengths,
    isCorrect,
    rewards: members.map(({ reward }, i) =>
      // samples without a reward are no members
      transformReward(sentence.rewards, reward!, { isCorrect: isCorrect[i]!, length: lengths[i]! }),
    ),
  };
}

/** A lone member of a larger group has nobody to be compared with: 0, unlike a group that was sampled with size one. */
function memberAdvantages(sentence: ResolvedSentence, input: BaselineInput, groupSize: number): number[] {
  if (input.rewards.length === 1 && groupSize > 1 && isGroupRelative(sentence.baseline)) return [0];
  return baselineAdvantages(sentence.baseline, input);
}

function tokenAdvantages(
  { baseline }: ResolvedSentence,
  advantage: number,
  input: BaselineInput,
  member: number,
  sample: Sample,
): Float32Array {
  const isDiscounted = baseline.kind === 'none' || baseline.kind === 'constant';
  const reward = input.rewards[member]!;
  // the baseline's share is the same for every token; what varies is the return
  const tokens = isDiscounted
    ? discountedReturns(reward, baseline.discount, sample.mask)
    : new Float32Array(sample.mask.length).fill(advantage);
  const offset = isDiscounted ? reward - advantage : 0;
  for (let t = 0; t < tokens.length; t++) tokens[t] = sample.mask[t] === 1 ? tokens[t]! - offset : 0;
  return tokens;
}

function weigh(sentence: ResolvedSentence, rollout: ShapedRollout, sample: Sample): ShapedRollout {
  const { advantages } = rollout;
  const count = countedTokens(rollout);
  let total = 0;
  for (let t = 0; t < advantages.length; t++) total += advantages[t]!;
  const baseAdvantage = count === 0 ? 0 : total / count;
  const weight = weightOf(sentence.weights, sample.polarity, baseAdvantage);
  for (let t = 0; weight !== 1 && t < advantages.length; t++) advantages[t]! *= weight;
  return { ...rollout, baseAdvantage };
}
