/**
 * Combinations that make no sense, each with the reason, and combinations worth a warning. One row a rule.
 */
import { rangeOf, type Schedule } from './schedule.ts';
import type { Sentence } from './schema.ts';

interface Rule {
  readonly when: (sentence: Sentence) => boolean;
  readonly because: string;
}

const lowest = (scalar: number | Schedule) => (typeof scalar === 'number' ? scalar : rangeOf(scalar)[0]);
const hasNegativeWeight = ({ weights, rules }: Sentence) =>
  weights.some(({ weight }) => lowest(weight) < 0) || rules.some((rule) => 'scale' in rule && lowest(rule.scale) < 0);
const isGroupRelative = ({ baseline }: Sentence) => baseline.kind !== 'none' && baseline.kind !== 'constant';
const namesOf = (list: readonly { readonly name?: string | undefined }[]) => list.flatMap(({ name }) => name ?? []);
const hasDuplicates = (names: readonly string[]) => new Set(names).size < names.length;

const refused: readonly Rule[] = [
  {
    when: (s) => s.mismatch !== undefined && s.oldPolicy === 'sampler',
    because:
      'mismatch corrects the gap between the sampler and pi_old; with oldPolicy: sampler (bypass) there is none. Set oldPolicy: trainer or leave mismatch out',
  },
  {
    when: (s) => s.surrogate.kind === 'reinforce' && s.oldPolicy === 'trainer' && s.mismatch === undefined,
    because: 'oldPolicy has no effect: surrogate reinforce has no importance ratio',
  },
  {
    when: (s) => s.surrogate.kind === 'reinforce' && s.ratioLevel === 'sequence',
    because: 'ratioLevel has no effect: surrogate reinforce has no importance ratio',
  },
  {
    when: (s) => s.surrogate.kind === 'geometric-mean' && s.ratioLevel === 'sequence',
    because: 'ratioLevel has no effect: surrogate geometric-mean makes its own ratio of the completion',
  },
  {
    when: (s) => s.surrogate.kind === 'geometric-mean' && s.aggregation !== 'seq-mean-token-mean',
    because: 'surrogate geometric-mean gives one value a completion: aggregation must be seq-mean-token-mean',
  },
  {
    when: (s) => s.surrogate.kind === 'geometric-mean' && s.rules.length > 0,
    because: 'surrogate geometric-mean averages the advantages of a completion, which undoes token rules',
  },
  {
    when: (s) => s.surrogate.kind === 'dppo' && s.ratioLevel === 'sequence',
    because: 'surrogate dppo compares token probabilities: ratioLevel must be token',
  },
  {
    when: (s) => s.covariance?.kind === 'clip-cov' && s.surrogate.kind !== 'ppo',
    because: 'covariance clip-cov leaves out tokens that PPO clipped: surrogate must be ppo',
  },
  {
    when: (s) => s.covariance?.kind === 'kl-cov' && s.surrogate.kind !== 'importance-sampling',
    because: 'covariance kl-cov takes the place of clipping: surrogate must be importance-sampling',
  },
  {
    when: (s) => s.covariance !== undefined && s.ratioLevel === 'sequence',
    because: 'covariance rules look at tokens: ratioLevel must be token',
  },
  {
    when: (s) => hasNegativeWeight(s) && !s.allowNegativeWeights,
    because:
      'a weight or scale below 0 turns the update around (and moves it to the other side of the clip); if that is meant, set allowNegativeWeights: true',
  },
  {
    when: (s) => s.allowNegativeWeights && !hasNegativeWeight(s),
    because: 'allowNegativeWeights has no effect: no weight or scale can fall below 0',
  },
  {
    when: (s) => s.rules.slice(0, -1).some((rule) => rule.operation === 'keep-and-renormalise'),
    because: 'keep-and-renormalise changes which tokens count, so it must be the last rule',
  },
  {
    when: (s) =>
      isGroupRelative(s) &&
      s.rewards.length === 0 &&
      s.filters.some((filter) => filter.filter === 'polarity' && filter.when === 'before-baseline'),
    because:
      'within one polarity a group-relative baseline leaves nothing of 0/1 rewards: filter the polarity after-baseline, or take baseline none or constant',
  },
  {
    when: (s) => s.baseline.kind === 'pass-at-k' && s.rewards.length > 0,
    because: 'rewards have no effect: baseline pass-at-k counts correct verdicts',
  },
  {
    when: (s) => s.penalties.some(({ estimator }) => estimator === 'k1'),
    because: 'a KL penalty by k1 has no effect: its gradient as a loss is zero in expectation. Take k3 or k2',
  },
  {
    when: (s) => new Set(s.filters.flatMap((f) => (f.filter === 'polarity' ? f.keep : []))).size > 1,
    because: 'the polarity filters together keep nothing',
  },
  {
    when: (s) =>
      hasDuplicates(namesOf(s.rules)) || hasDuplicates(namesOf(s.weights)) || hasDuplicates(namesOf(s.penalties)),
    because: 'names within a list must differ: metrics are keyed by them',
  },
];

const warned: readonly Rule[] = [
  {
    when: (s) => s.ratioLevel === 'sequence' && s.rules.length > 0,
    because: 'Token rules under a sequence ratio act through the straight-through token form only.',
  },
  {
    when: (s) => s.whiten && isGroupRelative(s) && s.baseline.kind !== 'group-mean',
    because: 'Whitening after a baseline that already scales: the advantages are normalised twice.',
  },
  {
    when: (s) => s.mismatch?.level === 'sequence' && s.mismatch.kind === 'truncate',
    because: 'Sequence-level mismatch weights are products over tokens: long completions are mostly truncated.',
  },
];

/** Why the sentence is impossible; empty when it is not. */
export const refusalsOf = (sentence: Sentence): string[] =>
  refused.filter((rule) => rule.when(sentence)).map((rule) => rule.because);

/** What the author of the sentence should know. */
export const warningsOf = (sentence: Sentence): string[] =>
  warned.filter((rule) => rule.when(sentence)).map((rule) => rule.because);
