/** Metrics of time and of evaluations. */
import type { PatternEntry } from './entry.ts';

export const TIME: readonly PatternEntry[] = [
  {
    pattern: 'time/step_s',
    meaning: 'Seconds of the step: sampling, training, measuring; evaluation, journal and checkpoint left out.',
    unit: 's',
    healthy: 'Grows with the lengths, not otherwise.',
    remedy: 'See which part grows.',
  },
  {
    pattern: 'time/sample_s',
    meaning: 'Seconds until the last rollout was sampled and graded; what was sampled ahead is there at once.',
    unit: 's',
    healthy: 'Most of the step.',
    remedy: 'More sampling.concurrency, training.stream, training.maxStepsOffPolicy.',
  },
  {
    pattern: 'time/train_s',
    meaning: 'Seconds from the last rollout to the last update.',
    unit: 's',
    healthy: 'Below time/sample_s.',
    remedy: 'Larger micro-batches (engine.onnx.tokenBudget); with training.stream only what was left to do.',
  },
  {
    pattern: 'time/measure_s',
    meaning: 'Seconds from the last update until updates were probed and metrics computed.',
    unit: 's',
    healthy: 'Below 0.03 of time/step_s.',
    remedy: 'Lower journal.probedRollouts; 0 leaves the probe out.',
  },
  {
    pattern: 'time/sampled_tokens_per_s',
    meaning: 'Completion tokens sampled a second; of the whole step where sampling and training overlap.',
    unit: 'tokens/s',
    healthy: 'Steady.',
    remedy: 'Falling: other load on the machine, longer contexts, a slow verifier.',
    when: 'sampling took time',
  },
  {
    pattern: 'time/trained_tokens_per_s',
    meaning: 'Positions trained a second, prompts included; of the whole step where sampling and training overlap.',
    unit: 'tokens/s',
    healthy: 'Steady.',
    remedy: 'As time/train_s.',
    when: 'an update was made and took time',
  },
  {
    pattern: 'time/unix_s',
    meaning: 'When the line was written.',
    unit: 'Unix seconds',
    healthy: '',
    remedy: '',
  },
];

export const EVALUATE: readonly PatternEntry[] = [
  {
    pattern: 'evaluate/pass_at_<k>',
    meaning:
      'Probability that one of k completions of a held-out problem is correct, averaged over the problems (unbiased).',
    unit: 'probability',
    healthy: 'pass_at_1 rises; a large k that falls meanwhile is lost diversity.',
    remedy: '`polarity compare` says whether a difference is real; docs/EVALUATION.md explains both intervals.',
    when: 'k is 1 or among evaluation.passAt',
  },
  {
    pattern: 'evaluate/majority_at_<k>',
    meaning: 'Probability that the most frequent answer of k completions is correct.',
    unit: 'probability',
    healthy: 'Above pass_at_1.',
    remedy: 'As pass_at_k.',
    when: '`polarity evaluate` was asked for it',
  },
  {
    pattern: 'evaluate/reward/mean',
    meaning: 'Mean reward of the held-out completions.',
    unit: 'reward, 0 to 1',
    healthy: 'Rises with pass_at_1.',
    remedy: 'As rollout/reward/mean.',
  },
  {
    pattern: 'evaluate/unknown_frac',
    meaning: 'Share of the held-out completions without a verdict: they count as not correct.',
    unit: 'share',
    healthy: 'Below 0.05, and the same in evaluations that are compared.',
    remedy: 'As rollout/unknown_frac.',
  },
  {
    pattern: 'evaluate/truncated_frac',
    meaning: 'Share of the held-out completions cut off at the token limit.',
    unit: 'share',
    healthy: 'Below 0.2.',
    remedy: 'A larger maxTokens.',
  },
  {
    pattern: 'evaluate/completion_tokens/mean',
    meaning: 'Mean length of the held-out completions.',
    unit: 'tokens',
    healthy: 'Near that of training.',
    remedy: 'As rollout/completion_tokens/mean.',
  },
  {
    pattern: 'evaluate/entropy_nats',
    meaning: 'Mean token entropy of the held-out completions.',
    unit: 'nats',
    healthy: 'Near that of training.',
    remedy: 'As policy/entropy_nats/mean.',
    when: 'the engine reports entropies',
  },
];
