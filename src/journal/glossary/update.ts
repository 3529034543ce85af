/** Metrics of the updates: loss, ratios, clipping, optimizer, and the probe of what the updates did. */
import type { PatternEntry } from './entry.ts';

const updated = 'an update was made';
const ofPolarity = 'an update was made, with a token of the polarity';
const clips =
  'an update was made with a loss that has bounds (ppo, cispo, dppo, geometric-mean), on a token of the polarity';
const probed = 'journal.probedRollouts is above 0, and such tokens were probed';

export const UPDATE: readonly PatternEntry[] = [
  {
    pattern: 'loss/value/mean',
    meaning: 'Loss, averaged over the step’s minibatches.',
    unit: '',
    healthy: 'Near 0 on-policy with centred advantages: that is no fault. It does not measure progress.',
    remedy: 'Look at reward, pass rate and gradient norm instead.',
    when: updated,
  },
  {
    pattern: 'loss/first_ratio/mean',
    meaning: 'Mean importance ratio on the first minibatch, where trainer and sampler have the same weights.',
    unit: 'ratio',
    healthy: '1.',
    remedy: 'See health/importance_ratio.',
    when: 'an update was made on-policy',
  },
  {
    pattern: 'loss/first_ratio_deviation/max',
    meaning: 'Largest |importance ratio - 1| of a token of the first minibatch.',
    unit: 'ratio',
    healthy: 'Below 1e-3 with 32-bit engines.',
    remedy: 'See health/importance_ratio.',
    when: 'an update was made on-policy',
  },
  {
    pattern: 'loss/[<polarity>/]ratio_deviation/max',
    meaning: 'Largest |importance ratio - 1| of a trained token in all minibatches; see loss/ratio/mean.',
    unit: 'ratio',
    healthy: 'Below 1 with one or two minibatches; more minibatches and steps off-policy make more.',
    remedy: 'Large: fewer minibatches, lower learning rate, fewer steps off-policy.',
    when: ofPolarity,
  },
  {
    pattern: 'loss/[<polarity>/]ratio/mean',
    meaning:
      'Mean importance ratio of the trained tokens of all minibatches: the trainer’s probability before each update over the one the sampler reported, also where the loss divides by the trainer’s own (oldPolicy: trainer) or by sequence.',
    unit: 'ratio',
    healthy: 'Within a few hundredths of 1.',
    remedy: 'Drifting away from 1: as ratio_deviation/max.',
    when: ofPolarity,
  },
  {
    pattern: 'loss/[<polarity>/]effective_sample_frac',
    meaning: 'Effective sample size of the same ratios over the number of tokens n: (sum r)^2 / (n sum r^2).',
    unit: 'share',
    healthy: 'Above 0.9.',
    remedy: 'Falling: few tokens carry the update; fewer steps off-policy, fewer minibatches, tighter bounds.',
    when: ofPolarity,
  },
  {
    pattern: 'loss/[<polarity>/]ratio_clipped_frac',
    meaning:
      'Share of the trained tokens whose slope the loss’s bounds decided: ppo and dppo ignore them, cispo caps their ratio.',
    unit: 'share',
    healthy: '0 on the first minibatch, below 0.05 over all.',
    remedy: 'High: fewer minibatches, lower learning rate, fewer steps off-policy, wider bounds.',
    when: clips,
  },
  {
    pattern: 'loss/[<polarity>/]ratio_clipped_low_frac',
    meaning: 'Share of the trained tokens clipped with a ratio below 1: mostly tokens of negative rollouts.',
    unit: 'share',
    healthy: 'Below 0.05.',
    remedy: 'As ratio_clipped_frac; the lower bound is ratioMin.',
    when: clips,
  },
  {
    pattern: 'loss/[<polarity>/]ratio_clipped_high_frac',
    meaning: 'Share of the trained tokens clipped with a ratio above 1: mostly tokens of positive rollouts.',
    unit: 'share',
    healthy: 'Below 0.05.',
    remedy: 'As ratio_clipped_frac; a higher ratioMax lets unlikely tokens grow (DAPO’s clip-higher).',
    when: clips,
  },
  {
    pattern: 'optim/steps',
    meaning: 'Optimizer steps made: minibatches with a gradient that was accepted.',
    unit: 'optimizer steps',
    healthy: 'training.minibatches.',
    remedy: '0: see health/update_made and health/finite_numbers.',
  },
  {
    pattern: 'optim/grad_norm/mean',
    meaning: 'Global norm of the gradient before clipping, averaged over the step’s minibatches.',
    unit: '',
    healthy: 'Steady within a factor of a few.',
    remedy: 'Growing or spiking: lower learning rate, lower training.maxGradNorm.',
    when: 'an update was made, and the engine says it',
  },
  {
    pattern: 'optim/learning_rate',
    meaning: 'Learning rate of the step.',
    unit: '',
    healthy: 'Follows the run file.',
    remedy: 'training.learningRate, warmup and decay.',
  },
  {
    pattern: 'train/rollouts',
    meaning: 'Rollouts that took part in an update.',
    unit: 'rollouts',
    healthy: 'Most of rollout/rollouts in groups that disagree.',
    remedy: 'Few: see rollout/groups_mixed.',
    when: updated,
  },
  {
    pattern: 'train/epoch',
    meaning: 'Problems drawn so far over the problems of the task.',
    unit: 'epochs',
    healthy: 'Beyond a few epochs a small task is learned by heart.',
    remedy: 'Compare held-out evaluations with rollout/pass_rate; more problems.',
  },
  {
    pattern: 'probe/rollouts',
    meaning: 'Rollouts of the first update that the trainer looked at again after the last.',
    unit: 'rollouts',
    healthy: 'journal.probedRollouts, or all of a first update that has fewer.',
    remedy: '',
    when: probed,
  },
  {
    pattern: 'probe/<stratum>/logprob_change_nats/mean',
    meaning:
      'Mean change of the trainer’s log-probability of the probed tokens by the step’s updates, at the sampling temperature.',
    unit: 'nats',
    healthy: 'Positive for positive rollouts, negative for negative ones.',
    remedy: 'The wrong sign for many steps: shared tokens outweigh the difference; lower learning rate, larger groups.',
    when: probed,
  },
  {
    pattern: 'probe/<stratum>/shaped/logprob_change_nats/mean',
    meaning: 'The same of tokens that a rule touched.',
    unit: 'nats',
    healthy: 'Larger than that of unshaped tokens where the rule raises advantages.',
    remedy: 'No larger: the rule does not do what it says; see objective/<rule>/gradient_frac.',
    when: probed,
  },
  {
    pattern: 'probe/<stratum>/unshaped/logprob_change_nats/mean',
    meaning: 'The same of tokens that no rule touched.',
    unit: 'nats',
    healthy: 'See shaped.',
    remedy: 'See shaped.',
    when: probed,
  },
];
