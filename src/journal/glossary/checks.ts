/**
 * Health checks of a training run: what each promises, the limits beyond which it is amber or red and why those, and what to do. Training
 * judges by this table (metrics `health/<check>`: 0 green, 1 amber, 2 red), docs/METRICS.md and the dashboard show it.
 */

export type Colour = 'amber' | 'red';

/** One limit: the check has this colour where the measure is beyond it, or is no number. */
export interface Limit {
  readonly colour: Colour;
  /** A metric key, or the name of a measure derived from one over several steps: see `Check.derived`. */
  readonly measure: string;
  readonly side: 'above' | 'below';
  readonly limit: number;
}

export interface Check {
  /** Of the metric `health/<name>`. */
  readonly name: string;
  readonly title: string;
  /** What holds while it is green. */
  readonly promise: string;
  readonly limits: readonly Limit[];
  /** What a derived measure is. */
  readonly derived?: Readonly<Record<string, string>>;
  /** Why these limits. */
  readonly because: string;
  /** When the check has no state. */
  readonly absent: string;
  /** What it means when it is not green, in plain words. */
  readonly meaning: string;
  readonly remedy: string;
}

const above = (colour: Colour, measure: string, limit: number): Limit => ({ colour, measure, side: 'above', limit });
const below = (colour: Colour, measure: string, limit: number): Limit => ({ colour, measure, side: 'below', limit });

/** Mismatches below this are the rounding of 32-bit numbers, in nats: they are compared as if they were this large. */
export const MISMATCH_FLOOR = 1e-5;
/** Entropies below this are those of a policy that is certain of nearly every token, in nats: more than twice as much may still be little. */
export const ENTROPY_FLOOR = 0.1;
/** From this pass rate on there is little left to learn. */
export const SOLVED = 0.9;
/** The run's first values of a metric, averaged, are what its later ones are compared with. */
export const FIRST_STEPS = 5;

/** In the order of a run's stations: sampled, verified, shaped, trained, handed back to the sampler. */
export const CHECKS = [
  {
    name: 'group_integrity',
    title: 'groups are whole',
    promise: 'Each group holds as many rollouts as sampling.groupSize says, all of one problem and one prompt.',
    limits: [above('red', 'rollout/broken_groups', 0)],
    because: 'A single rollout in a wrong group gives a whole group wrong advantages.',
    absent: 'never',
    meaning: 'groups are incomplete or mixed: their baselines compare rollouts that have nothing to do with each other',
    remedy:
      'the engine returned another number of completions than asked for, or a task poses a problem differently each time: see the rollouts of this step',
  },
  {
    name: 'completion_ends',
    title: 'completions end where they say',
    promise:
      'A completion that stopped ends with a stop token, one that was cut off does not, and neither has a stop token before its end.',
    limits: [above('red', 'rollout/stop_fault_frac', 0)],
    because: 'The engine was told the stop tokens: one exception is a fault of it.',
    absent: 'never',
    meaning: 'stop reasons and stop tokens disagree: completions run past their end, or a lost end is trained on',
    remedy: "compare eos_token_id in the policy's generation_config.json with the stop tokens that the engine uses",
  },
  {
    name: 'token_round_trip',
    title: 'the verifier reads what was sampled',
    promise:
      'A completion’s text is what its tokens decode to, and encoding that text gives tokens that decode to it again.',
    limits: [above('amber', 'rollout/round_trip_fault_frac', 0.1), above('red', 'rollout/round_trip_fault_frac', 0.5)],
    because:
      'Of at most 16 completions looked at in a step one may hold broken characters; several mean that the tokenizer is not the policy’s.',
    absent: 'where every completion is too long to be encoded again in passing',
    meaning:
      'text and tokens of completions are not the same thing: the verdict is about something else than what is trained',
    remedy:
      "the tokenizer does not belong to the policy, or changes text when it encodes: check the policy's tokenizer.json",
  },
  {
    name: 'unknown_verdicts',
    title: 'rollouts get a verdict',
    promise: 'Hardly any rollout is left without a verdict.',
    limits: [above('amber', 'ungraded_frac', 0.05), above('red', 'ungraded_frac', 0.25)],
    derived: {
      ungraded_frac:
        'rollout/unknown_frac less rollout/unknown_frac/truncated: what sampling.truncated: unknown asks for is no fault',
    },
    because: 'Rollouts without a verdict are not trained on; a few are the price of a verifier that does not guess.',
    absent: 'never',
    meaning: 'rollouts have no verdict and are not trained on',
    remedy:
      'rollout/unknown_frac/<reason> counts the reasons, the rollouts file explains each: a verifier that times out, crashes, or cannot decide',
  },
  {
    name: 'truncation',
    title: 'completions come to an end',
    promise: 'Most completions stop by themselves before sampling.maxTokens.',
    limits: [above('amber', 'rollout/truncated_frac', 0.5), above('red', 'rollout/truncated_frac', 0.9)],
    because:
      'The quickstart goes through 0.35 on its way up; beyond a half the limit, not the answer, decides most rewards.',
    absent: 'never',
    meaning: 'completions are cut off at sampling.maxTokens: the policy learns from half sentences',
    remedy:
      'raise sampling.maxTokens; if lengths keep growing with it, shorten them with a reward (overlong) or check that the policy knows its stop token',
  },
  {
    name: 'repetition',
    title: 'completions do not go round in circles',
    promise: 'Few runs of 16 tokens were in the same completion before.',
    limits: [above('amber', 'rollout/repetition_frac/mean', 0.3), above('red', 'rollout/repetition_frac/mean', 0.6)],
    because:
      'The quickstart stays below 0.05, and policies that learn to search aloud, whose tokens are characters, go up to 0.22 while they get better; a completion that loops to its end has more than 0.9, so that 0.3 is one in three.',
    absent: 'where no completion has 17 tokens',
    meaning: 'completions repeat themselves: the text degenerates',
    remedy:
      'lower training.learningRate, weaken the pressure on negative rollouts, or go back to an earlier checkpoint; look at the longest rollouts',
  },
  {
    name: 'entropy_collapse',
    title: 'the policy still tries things',
    promise:
      'While there is something to learn, mean token entropy stays above a tenth of that of the run’s first steps.',
    limits: [below('amber', 'entropy_kept', 0.1), below('red', 'entropy_kept', 0.02)],
    derived: {
      entropy_kept: `policy/entropy_nats/mean over its mean in the first ${FIRST_STEPS} steps that had one, while rollout/pass_rate is below ${SOLVED}`,
    },
    because:
      'The quickstart loses a quarter of its entropy in 100 steps; at a tenth most groups agree. A policy that solves its problems may be certain.',
    absent: 'where the engine reports no entropies, the first steps had none, or the problems are solved',
    meaning: 'the policy has become certain while it still fails: its groups stop disagreeing and learning ends',
    remedy:
      'more weight on negative rollouts or on unlikely tokens of positive ones (recipes nsr, a3po), a higher ratioMax (dapo), a lower learning rate; go back to an earlier checkpoint',
  },
  {
    name: 'entropy_explosion',
    title: 'the policy keeps what it knows',
    promise: 'Mean token entropy stays below twice that of the run’s first steps.',
    limits: [above('amber', 'entropy_ratio', 2), above('red', 'entropy_ratio', 4)],
    derived: {
      entropy_ratio: `policy/entropy_nats/mean over its mean in the first ${FIRST_STEPS} steps that had one (at least ${ENTROPY_FLOOR})`,
    },
    because:
      'In the quickstart and the studies no recipe went above 1.2; a run whose learning rate was far too high went to 2.6 and solved nothing any more.',
    absent: 'where the engine reports no entropies, or the first steps had none',
    meaning: 'the policy’s entropy has multiplied: noise takes the place of what it knew',
    remedy: 'a lower learning rate, less weight on negative rollouts; go back to an earlier checkpoint',
  },
  {
    name: 'advantage_sum',
    title: 'advantages cancel within a group',
    promise:
      'Before sample weights and token rules the advantages of a group sum to 0, where the objective’s baseline promises it.',
    limits: [
      above('amber', 'objective/advantage_imbalance/max', 1e-5),
      above('red', 'objective/advantage_imbalance/max', 1e-3),
    ],
    because: 'Rounding leaves 1e-7 of the sum of magnitudes.',
    absent:
      'with a baseline that promises no such thing (none, constant, length-weighted, best-minus-second), whitening, or a filter after the baseline',
    meaning:
      'advantages of a group do not sum to 0: rewards and rollouts are paired wrongly, or the baseline is not what it says',
    remedy:
      'this is a bug, in an objective of your own or in this program: keep the rollouts file of the step and report it',
  },
  {
    name: 'update_made',
    title: 'steps update the policy',
    promise: 'Of three steps in a row at least one makes an optimizer step.',
    limits: [above('amber', 'idle_steps', 2), above('red', 'idle_steps', 9)],
    derived: { idle_steps: 'steps in a row, this one included, without a gradient to apply' },
    because:
      'A step now and then has no group that disagrees, above all where problems are nearly solved; ten in a row are paid for and teach nothing.',
    absent: 'never',
    meaning: 'no update was made: no group’s rollouts disagree, so that there is nothing to learn from',
    remedy:
      'easier problems where all fail, harder ones where all succeed, a larger sampling.groupSize, or dynamic sampling (recipe dapo, sampling.maxBatches)',
  },
  {
    name: 'finite_numbers',
    title: 'numbers are finite',
    promise: 'No gradient is refused and no metric is NaN or infinite.',
    limits: [
      above('amber', 'refused_steps', 0),
      above('red', 'refused_steps', 1),
      above('red', 'non_finite_metrics', 0),
    ],
    derived: {
      refused_steps: 'steps in a row, this one included, in which the engine refused a gradient that is not finite',
      non_finite_metrics: 'metrics of the step that are NaN or infinite',
    },
    because: 'One refused gradient costs a minibatch and may pass; the run ends itself at the third step in a row.',
    absent: 'never',
    meaning: 'gradients or metrics are not finite: the guard left the weights as they were, but what made them goes on',
    remedy:
      'resume from an earlier checkpoint with a lower training.learningRate; look for ratios out of bounds in loss/ratio_deviation/max',
  },
  {
    name: 'weights_in_sampler',
    title: 'the sampler has the trainer’s weights',
    promise:
      'Completions carry the policy version they should, and sampler and trainer agree about them as well as at the step before.',
    limits: [
      above('red', 'rollout/version_fault_frac', 0),
      above('amber', 'mismatch_jump', 3),
      above('red', 'mismatch_jump', 10),
    ],
    derived: {
      mismatch_jump: `policy/mismatch_nats/mean of an on-policy step over that of the last one at which this check was green (at least ${MISMATCH_FLOOR})`,
    },
    because:
      'Sampler and trainer of the embedded engine agree within 3e-7 nats at every step of the quickstart; with the weights of one step ago it is 6e-3 to 2e-2. With 16-bit servers the step may be too small to see at once: mismatch sees it later.',
    absent: 'never; the jump only from the second on-policy step with an update on',
    meaning:
      'the sampler does not have the weights that were trained: it and the trainer stopped agreeing after an update',
    remedy:
      'check how weights get from trainer to sampler (adapter loaded? cache of an old checkpoint?); go back to the step before: what came later was trained on rollouts of another policy',
  },
  {
    name: 'importance_ratio',
    title: 'the importance ratio begins at 1',
    promise:
      'On the first minibatch of an on-policy step the trainer gives each token the probability it was sampled with.',
    limits: [
      above('amber', 'exact_ratio_deviation', 1e-3),
      above('amber', 'first_mismatch_nats', 0.02),
      above('red', 'first_mismatch_nats', 0.05),
    ],
    derived: {
      exact_ratio_deviation:
        'loss/first_ratio_deviation/max of an engine that samples and trains in the same 32-bit arithmetic (the embedded one)',
      first_mismatch_nats: 'policy/mismatch_nats/mean of an on-policy step',
    },
    because:
      'The embedded engine stays below 2e-4 (the worst token of 60 study runs: 1.5e-4). Servers that compute in 16 bits are coarser: bfloat16 rounds a logit of 20 by up to 0.06, which moves uncertain tokens that far and certain ones hardly. So of them the mean alone is judged; 0.05 nats are more than rounding: another temperature, prompt or policy.',
    absent: 'off-policy, without an update, and while weights_in_sampler says why',
    meaning: 'sampler and trainer disagree about the probabilities of the very tokens that were sampled',
    remedy:
      'compare temperature, prompt tokens and precision of sampler and trainer; where a server’s arithmetic is that coarse, a mismatch correction (truncate)',
  },
  {
    name: 'mismatch',
    title: 'sampler and trainer stay together',
    promise:
      'The mean distance of their log-probabilities on on-policy tokens stays near that of the run’s first steps.',
    limits: [above('amber', 'mismatch_ratio', 3), above('red', 'mismatch_ratio', 10)],
    derived: {
      mismatch_ratio: `policy/mismatch_nats/mean of an on-policy step over its mean in the first ${FIRST_STEPS} such steps (at least ${MISMATCH_FLOOR})`,
    },
    because:
      'In 100 steps of the quickstart it stays within a factor of 1.5. What is small beside the rounding of 32-bit numbers is not looked at.',
    absent: 'off-policy, without an update, and while weights_in_sampler says why',
    meaning: 'sampler and trainer drift apart, slowly: their arithmetic differs more and more as the policy changes',
    remedy:
      'a lower learning rate, a mismatch correction (truncate or mask), higher precision in the sampler; a sampler that no longer gets new weights looks the same at small learning rates',
  },
] as const satisfies readonly Check[];

export type CheckName = (typeof CHECKS)[number]['name'];

/** Metric key of a check's state: 0 green, 1 amber, 2 red. */
export const healthKey = (name: string): string => `health/${name}`;

export const COLOURS = ['green', 'amber', 'red'] as const;
