/**
 * How far sampling and training may overlap without changing what an objective says. Pure questions about the sentence.
 */
import type { Objective } from './objective.ts';
import { schedulesIn } from './schedule.ts';
import type { Sentence } from './schema.ts';

interface Obstacle {
  readonly when: (sentence: Sentence) => boolean;
  readonly because: string;
}

const toStreaming: readonly Obstacle[] = [
  {
    when: ({ whiten }) => whiten,
    because: 'whiten scales the advantages by all tokens of the step',
  },
  {
    when: ({ rules }) => rules.some(({ scope }) => scope === 'batch'),
    because: 'a token rule of scope batch ranks the tokens of the whole step',
  },
  {
    when: ({ aggregation }) => aggregation === 'token-mean',
    because:
      'aggregation token-mean divides by the tokens of the whole minibatch; seq-mean-token-mean and {constantTokens: n} count completions, which are known before',
  },
  {
    when: ({ filters }) => filters.length > 0,
    because: 'filters decide how many completions the mean is over',
  },
  {
    when: ({ covariance }) => covariance !== undefined,
    because: 'covariance compares the tokens of the whole minibatch',
  },
  {
    when: (sentence) => schedulesIn(sentence).some(({ schedule }) => schedule.startsWith('entropy')),
    because: 'an entropy schedule looks at the mean entropy of all rollouts of the step',
  },
];

const toStaleness: readonly Obstacle[] = [
  {
    when: ({ surrogate, mismatch }) => surrogate.kind === 'reinforce' && mismatch === undefined,
    because: 'surrogate reinforce has no importance ratio: it takes every rollout for one of the current policy',
  },
  {
    when: ({ surrogate, oldPolicy, mismatch }) =>
      surrogate.kind !== 'reinforce' && oldPolicy === 'trainer' && mismatch === undefined,
    because:
      'oldPolicy: trainer takes the ratio to the policy that begins the step, not to the one that sampled; take oldPolicy: sampler, or add a mismatch correction',
  },
];

const reasons = (obstacles: readonly Obstacle[], { sentence }: Pick<Objective, 'sentence'>): string[] =>
  obstacles.filter(({ when }) => when(sentence)).map(({ because }) => because);

/**
 * Why a group's gradient cannot be computed before the step's other groups are sampled; empty when it can: then advantages depend on
 * the group alone, and the aggregation's denominators are known but for rollouts that turn out to have no verdict.
 */
export const obstaclesToStreaming = (objective: Pick<Objective, 'sentence'>): string[] =>
  reasons(toStreaming, objective);

/** Why rollouts of an earlier policy would bias the gradient; empty when an importance ratio to the sampler corrects for it. */
export const obstaclesToStaleness = (objective: Pick<Objective, 'sentence'>): string[] =>
  reasons(toStaleness, objective);
