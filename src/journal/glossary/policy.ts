/** Metrics of the policy: how certain it is, how far sampler and trainer are apart. */
import type { PatternEntry } from './entry.ts';

const perToken = 'the stratum has a sampled token';
const entropies = 'the engine reports entropies, and the stratum has a sampled token';

export const POLICY: readonly PatternEntry[] = [
  {
    pattern: 'policy/[<stratum>/]entropy_nats/mean',
    meaning: 'Mean exact entropy of the distribution each sampled token was drawn from.',
    unit: 'nats',
    healthy: 'Falls slowly; between a tenth and twice its beginning.',
    remedy:
      'Collapsing: weight on negatives or unlikely tokens (nsr, a3po), lower learning rate. Exploding: lower learning rate, less weight on negatives.',
    when: entropies,
  },
  {
    pattern: 'policy/[<polarity>/]entropy_nats/p<percent>',
    meaning: 'Percentile (10, 50, 90) of the tokens’ entropies.',
    unit: 'nats',
    healthy: 'Most tokens are certain: the median is near 0, the 90th carries the choices.',
    remedy: 'A falling 90th percentile is entropy collapse before the mean shows it.',
    when: entropies,
  },
  {
    pattern: 'policy/[<polarity>/]probability/mean',
    meaning: 'Mean probability with which the sampled tokens were drawn.',
    unit: 'probability',
    healthy: 'Rises slowly as the policy becomes certain.',
    remedy: 'Near 1 for both polarities: nothing is tried any more; see entropy_nats.',
    when: perToken,
  },
  {
    pattern: 'policy/[<polarity>/]probability/p<percent>',
    meaning: 'Percentile (10, 50, 90) of the sampled tokens’ probabilities.',
    unit: 'probability',
    healthy: 'The 10th percentile shows the choices; token rules for unlikely tokens act below it.',
    remedy: 'A 10th percentile near 1 leaves rules that look for unlikely tokens nothing to touch.',
    when: perToken,
  },
  {
    pattern: 'policy/[<polarity>/]logprob_nats/mean',
    meaning: 'Mean log-probability of the sampled tokens.',
    unit: 'nats',
    healthy: 'Negative, near minus the entropy.',
    remedy:
      'Far below minus the entropy: the sampler reports probabilities of another distribution than it draws from.',
    when: perToken,
  },
  {
    pattern: 'policy/mismatch_nats/mean',
    meaning: 'Mean |trainer’s - sampler’s log-probability| of the tokens of the first update.',
    unit: 'nats',
    healthy:
      'On-policy: below 1e-6 with 32-bit engines, more with 16-bit servers. Off-policy it holds the updates in between.',
    remedy: 'See health/weights_in_sampler, health/importance_ratio, health/mismatch.',
    when: 'an update was made',
  },
  {
    pattern: 'policy/mismatch_nats/max',
    meaning: 'Largest |trainer’s - sampler’s log-probability| of the tokens of the first update.',
    unit: 'nats',
    healthy: 'On-policy: below 1e-4 with 32-bit engines, much more for single tokens of 16-bit servers.',
    remedy: 'As the mean.',
    when: 'an update was made',
  },
  {
    pattern: 'policy/mismatch_kl_nats/mean',
    meaning:
      'KL(sampler || trainer), estimated on the tokens of the first update as the mean of r - 1 - log r, r trainer over sampler (k3).',
    unit: 'nats',
    healthy: 'On-policy: below 1e-9 with 32-bit engines, more with 16-bit servers.',
    remedy: 'As mismatch_nats; single tokens that are far off weigh more here.',
    when: 'an update was made',
  },
  {
    pattern: 'policy/staleness_steps/mean',
    meaning: 'Optimizer steps between the policy that sampled and the one that begins to train, on average.',
    unit: 'optimizer steps',
    healthy: 'training.maxStepsOffPolicy times training.minibatches after the first steps.',
    remedy: 'Lower training.maxStepsOffPolicy if ratios clip much.',
    when: 'training.maxStepsOffPolicy is above 0',
  },
  {
    pattern: 'policy/staleness_steps/max',
    meaning: 'The same of the oldest rollout.',
    unit: 'optimizer steps',
    healthy: 'As the mean.',
    remedy: 'Above it: see health/weights_in_sampler.',
    when: 'training.maxStepsOffPolicy is above 0',
  },
  {
    pattern: 'policy/version',
    meaning: 'Optimizer steps behind the weights after the step.',
    unit: 'optimizer steps',
    healthy: 'Grows by optim/steps.',
    remedy: 'Standing still: see health/update_made.',
  },
  {
    pattern: 'policy/[<polarity>/]reference_kl_nats/mean',
    meaning:
      'KL(policy || reference) per trained token: the mean of r - 1 - log r, r reference over trainer before each update (k3).',
    unit: 'nats',
    healthy: 'Grows slowly, and levels off with a penalty.',
    remedy: 'Growing fast: raise the penalty’s coefficient or lower the learning rate.',
    when: 'the objective has a penalty towards a reference, and an update was made',
  },
];
