/** Metrics of the rollouts a step sampled, those that dynamic sampling leaves out included. */
import type { PatternEntry } from './entry.ts';

export const ROLLOUT: readonly PatternEntry[] = [
  {
    pattern: 'rollout/pass_rate',
    meaning: 'Share of the graded rollouts that are correct.',
    unit: 'share',
    healthy: 'Rises; between 0.2 and 0.8 most groups have something to teach.',
    remedy: 'Stuck near 0: easier problems, a better base policy, larger groups. Near 1: harder problems.',
    when: 'a rollout has a verdict',
  },
  {
    pattern: 'rollout/[<stratum>/]reward/mean',
    meaning: 'Mean reward of the verdicts, before the objective reshapes it; a rollout without a verdict has none.',
    unit: 'reward, 0 to 1',
    healthy: 'Rises with pass_rate; differs from it only where verifiers give partial rewards.',
    remedy: 'Rising while held-out evaluations do not: read the rollouts, the verifier may be played.',
    when: 'a rollout of the stratum has a verdict',
  },
  {
    pattern: 'rollout/[<stratum>/]rollouts',
    meaning:
      'Completions sampled in the step: all, or those of one verdict (positive correct, negative incorrect, unknown without).',
    unit: 'rollouts',
    healthy: 'training.problemsPerStep times sampling.groupSize, times the batches of dynamic sampling.',
    remedy: 'Few positives or few negatives: gradients of that polarity are noise; larger groups or other problems.',
    when: 'the stratum has a rollout',
  },
  {
    pattern: 'rollout/[<stratum>/]tokens',
    meaning: 'Completion tokens sampled in the step.',
    unit: 'tokens',
    healthy: 'Steady, or changing as slowly as the lengths do.',
    remedy: 'See completion_tokens/mean.',
    when: 'the stratum has a rollout',
  },
  {
    pattern: 'rollout/[<stratum>/]completion_tokens/mean',
    meaning: 'Mean length of the completions, the stop token included.',
    unit: 'tokens',
    healthy: 'Changes slowly. Incorrect ones are often longer: those cut off are among them.',
    remedy:
      'Growing without gain: an overlong reward or a per-token aggregation; shrinking to nothing: look for an answer that pays without work.',
    when: 'the stratum has a rollout',
  },
  {
    pattern: 'rollout/[<stratum>/]truncated_frac',
    meaning: 'Share of the completions cut off at sampling.maxTokens.',
    unit: 'share',
    healthy: 'Below 0.5, better below 0.2.',
    remedy: 'Raise sampling.maxTokens, or decide with sampling.truncated what a cut-off completion is worth.',
    when: 'the stratum has a rollout',
  },
  {
    pattern: 'rollout/[<polarity>/]repetition_frac/mean',
    meaning: 'Share of the runs of 16 tokens that were in the same completion before, averaged over completions.',
    unit: 'share',
    healthy: 'Below 0.1, and below 0.25 for tokens that are characters; a loop goes towards 1.',
    remedy: 'Lower learning rate, less pressure on negatives; read the longest rollouts.',
    when: 'a completion of the stratum has 17 tokens or more',
  },
  {
    pattern: 'rollout/unknown_frac',
    meaning: 'Share of the rollouts without a verdict: they are not trained on.',
    unit: 'share',
    healthy: 'Below 0.05.',
    remedy: 'See unknown_frac/<reason>; the rollouts file explains each.',
  },
  {
    pattern: 'rollout/unknown_frac/<reason>',
    meaning: 'Share of all rollouts without a verdict for this reason.',
    unit: 'share',
    healthy: 'truncated: what sampling.truncated: unknown leaves out. Any other: below 0.05.',
    remedy:
      'verifier_error: see the explanation in the rollouts file; timeouts and budgets: a larger one, or shorter completions.',
    when: 'a rollout has no verdict for this reason',
  },
  {
    pattern: 'rollout/groups_mixed',
    meaning: 'Groups with correct and incorrect rollouts: the only ones a group-relative baseline learns from.',
    unit: 'groups',
    healthy: 'A third of the groups or more.',
    remedy: 'Too few: larger groups, problems of fitting difficulty, dynamic sampling (sampling.maxBatches).',
  },
  {
    pattern: 'rollout/groups_all_correct',
    meaning: 'Groups whose graded rollouts are all correct.',
    unit: 'groups',
    healthy: 'Grows as the policy learns; most of them: the problems are too easy by now.',
    remedy: 'Harder problems.',
  },
  {
    pattern: 'rollout/groups_all_incorrect',
    meaning: 'Groups whose graded rollouts are all incorrect.',
    unit: 'groups',
    healthy: 'Shrinks as the policy learns.',
    remedy: 'Easier problems, larger groups, a better base policy.',
  },
  {
    pattern: 'rollout/groups_with_correct/<n>',
    meaning:
      'Groups with exactly n correct rollouts, of those with a verdict: how hard the problems are for the policy. Rollouts without one count as not correct.',
    unit: 'groups',
    healthy: 'Spread over the middle; all at 0 and at groupSize teaches a group-relative objective nothing.',
    remedy: 'See groups_mixed.',
    when: 'a group has a verdict',
  },
  {
    pattern: 'rollout/generated_batches',
    meaning: 'Batches of problems that dynamic sampling went through to find enough groups that disagree.',
    unit: 'batches',
    healthy: 'Well below sampling.maxBatches.',
    remedy: 'At the maximum the step goes on with fewer groups: other problems, larger groups.',
    when: 'sampling.maxBatches is above 1',
  },
  {
    pattern: 'rollout/filtered_groups_frac',
    meaning: 'Share of the sampled groups that agree and were not trained on.',
    unit: 'share',
    healthy: 'What it costs is sampling: 0.5 doubles it.',
    remedy: 'See generated_batches.',
    when: 'sampling.maxBatches is above 1',
  },
  {
    pattern: 'rollout/broken_groups',
    meaning: 'Groups with the wrong number of rollouts, or of more than one problem or prompt.',
    unit: 'groups',
    healthy: '0.',
    remedy: 'See health/group_integrity.',
  },
  {
    pattern: 'rollout/version_fault_frac',
    meaning:
      'Share of the completions whose policy version is later than the trainer’s, or older than training.maxStepsOffPolicy allows.',
    unit: 'share',
    healthy: '0.',
    remedy: 'See health/weights_in_sampler.',
  },
  {
    pattern: 'rollout/stop_fault_frac',
    meaning:
      'Share of the completions that stopped without a stop token, were cut off with one, or have one before their end.',
    unit: 'share',
    healthy: '0.',
    remedy: 'See health/completion_ends.',
  },
  {
    pattern: 'rollout/hidden_tokens_frac',
    meaning:
      'Share of the sampled tokens that leave no text (padding, special tokens): trained on, unseen by the verifier.',
    unit: 'share',
    healthy: '0 or next to it; an untrained policy begins higher.',
    remedy: 'Growing: the policy found tokens that the verifier cannot see; check the chat template and stop tokens.',
    when: 'a completion has a token beside its stop token',
  },
  {
    pattern: 'rollout/round_trip_fault_frac',
    meaning:
      'Of at most 16 completions looked at, the share whose text is not what its tokens decode to, or changes when encoded again.',
    unit: 'share',
    healthy: '0; single broken characters happen.',
    remedy: 'See health/token_round_trip.',
    when: 'one of the completions looked at is short enough (16,384 tokens together)',
  },
];
