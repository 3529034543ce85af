/** Other methods that treat single tokens differently. */
import { z } from 'zod';
import type { SentenceInput } from '../schema.ts';
import { dapoSentence } from './dapo.ts';
import { type Recipe, recipe } from './recipe.ts';
import { grpoSentence } from './standard.ts';

/** Every token, so that the operation alone decides. */
const allTokens = { polarity: 'both', eligibility: 'all', side: 'high', amount: { ratio: 1 } } as const;

export const tokenShapingRecipes: readonly Recipe[] = [
  recipe({
    name: 'ar',
    paper: 'Yang et al., Do Not Let Low-Probability Tokens Over-Dominate, arXiv:2505.12929',
    equations: ['A * (alpha pi_old + 1 - alpha) -> rule reweight, linear'],
    notes: [
      'alpha 0.2 is the authors’ for AR alone. Bounds 0.8 / 1.24 and dual clip 10 are theirs; their k3 KL of 0.001 is not in by default.',
      'Lopti, the paper’s other half, needs two optimizer passes over the batch and is not expressible.',
      'Lowers unlikely tokens of correct rollouts: the opposite of A3PO.',
    ],
    parameters: z.strictObject({ alpha: z.number().min(0).max(1).default(0.2).describe('weight of the probability') }),
    sentence: ({ alpha }): SentenceInput => ({
      ...grpoSentence,
      rules: [
        {
          ...allTokens,
          name: 'reweight',
          statistic: 'probability',
          operation: 'linear',
          scale: alpha,
          offset: 1 - alpha,
        },
      ],
      surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.24, dualClip: 10 },
      aggregation: 'token-mean',
    }),
  }),
  recipe({
    name: 'reasoning-with-exploration',
    paper: 'Cheng et al., Reasoning with Exploration: An Entropy Perspective, arXiv:2506.14758',
    equations: ['A + min(alpha sg[H], |A| / kappa) -> rule explore, add-capped'],
    notes: ['H is that of sampling; the paper’s is the current policy’s (the same on the first minibatch of a step).'],
    parameters: z.strictObject({
      alpha: z.number().min(0).default(0.4).describe('weight of the entropy (paper: 0.4 with GRPO)'),
      kappa: z.number().min(1).default(2).describe('the bonus is at most |A| / kappa'),
    }),
    sentence: ({ alpha, kappa }): SentenceInput => ({
      ...grpoSentence,
      rules: [
        { ...allTokens, name: 'explore', statistic: 'entropy', operation: 'add-capped', scale: alpha, cap: kappa },
      ],
      surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.28 },
      aggregation: 'token-mean',
    }),
  }),
  recipe({
    name: 'entropic',
    paper: 'EntroPIC, arXiv:2511.15248',
    equations: [
      'alpha = clip(K_p e + K_i sum e, -1, 1), e = H - target -> schedule entropy-pi',
      'loss + alpha * (-r |A|) on tokens with p > 0.95 -> likely tokens times 1 + alpha (correct), 1 - alpha (incorrect)',
    ],
    notes: [
      'Likely-token form: p and H are those of sampling, once a step; the authors’ are the current policy’s, every micro-batch.',
      'The extra term is averaged with all tokens; the authors average it over the likely tokens alone.',
      'The integral is kept from winding up beyond what the clip lets through (theirs is not).',
      'entropyTarget 0.1 is the authors’ script’s.',
    ],
    parameters: z.strictObject({
      entropyTarget: z.number().positive().default(0.1).describe('nats'),
      proportional: z.number().min(0).default(1).describe('K_p'),
      integral: z.number().min(0).default(0.01).describe('K_i'),
      probability: z.number().gt(0).lt(1).default(0.95).describe('tokens at least this likely are steered'),
    }),
    sentence: ({ entropyTarget, proportional, integral, probability }): SentenceInput => {
      const likely = {
        statistic: 'probability',
        side: 'high',
        amount: { threshold: probability },
        operation: 'multiply',
      } as const;
      const control = (gain: number) =>
        ({ schedule: 'entropy-pi', neutral: 1, gain, target: entropyTarget, proportional, integral }) as const;
      return {
        ...grpoSentence,
        rules: [
          { ...likely, name: 'positive-likely', polarity: 'positive', scale: control(1) },
          { ...likely, name: 'negative-likely', polarity: 'negative', scale: control(-1) },
        ],
        aggregation: 'token-mean',
      };
    },
  }),
  recipe({
    name: 'less',
    paper: 'LESS, arXiv:2512.00908',
    equations: [
      'low-entropy segments shared by correct and incorrect rollouts -> weight 0; by one polarity -> its share -> statistic segment-weight',
      'A * weight -> rule segments, linear',
    ],
    notes: [
      'Segments are matched by tokens; the authors match decoded strings.',
      'HYPOTHESIS: segments linked through a common core are merged to the shortest of them.',
    ],
    parameters: z.strictObject({}),
    sentence: (): SentenceInput => ({
      ...dapoSentence,
      filters: [],
      rules: [
        { ...allTokens, name: 'segments', statistic: 'segment-weight', operation: 'linear', scale: 1, offset: 0 },
      ],
    }),
  }),
  recipe({
    name: 'clip-cov',
    paper: 'Cui et al., The Entropy Mechanism of Reinforcement Learning, arXiv:2505.22617',
    equations: ['random tokens with covariance in (1, 5) lose their gradient -> covariance clip-cov'],
    notes: [
      'At least one token is dropped: on minibatches below 5,000 tokens that is more than the ratio of 0.0002.',
      'Ratio bounds 0 / 2 and dual clip 10 are those of the authors’ 7B script. The draw is keyed by the run’s seed.',
    ],
    parameters: z.strictObject({
      ratio: z.number().min(0).max(1).default(0.0002).describe('share of the minibatch’s tokens that is dropped'),
      low: z.number().default(1).describe('covariances above this are candidates'),
      high: z.number().default(5).describe('... and below this'),
    }),
    sentence: ({ ratio, low, high }): SentenceInput => ({
      ...grpoSentence,
      surrogate: { kind: 'ppo', ratioMin: 0, ratioMax: 2, dualClip: 10 },
      covariance: { kind: 'clip-cov', ratio, low, high },
      aggregation: 'token-mean',
    }),
  }),
  recipe({
    name: 'kl-cov',
    paper: 'Cui et al., The Entropy Mechanism of Reinforcement Learning, arXiv:2505.22617',
    equations: ['-A r + beta |log r| on the tokens of largest covariance, no clip elsewhere -> covariance kl-cov'],
    notes: [
      'Ratio 0.002 is the authors’ k_percent 0.2 (verl’s default is 0.0002). No trust region on the other tokens.',
    ],
    parameters: z.strictObject({
      ratio: z.number().min(0).max(1).default(0.002).describe('share of the minibatch’s tokens that is penalised'),
      coefficient: z.number().min(0).default(1).describe('beta'),
    }),
    sentence: ({ ratio, coefficient }): SentenceInput => ({
      ...grpoSentence,
      surrogate: { kind: 'importance-sampling' },
      covariance: { kind: 'kl-cov', ratio, coefficient },
      aggregation: 'token-mean',
    }),
  }),
];
