/** Treating correct and incorrect rollouts differently as wholes. */
import { z } from 'zod';
import type { Schedule } from '../schedule.ts';
import type { SentenceInput } from '../schema.ts';
import { type Recipe, recipe } from './recipe.ts';
import { grpoSentence } from './standard.ts';

/** +1 for correct, -1 for incorrect, no baseline; PPO without dual clip, token mean. */
const plainSentence = {
  rewards: [{ transform: 'binary' }],
  baseline: { kind: 'constant', positive: 0, negative: 1 },
  surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
  aggregation: 'token-mean',
} satisfies SentenceInput;

const reading = z
  .enum(['plain', 'group'])
  .default('plain')
  .describe(
    'plain: +1 / -1 (arXiv:2506.01347); group: GRPO advantages, restricted or weighted (the A3PO authors’ code)',
  );

const decomposed = 'Zhu et al., The Surprising Effectiveness of Negative Reinforcement, arXiv:2506.01347';

const onePolarity = (name: string, keep: 'positive' | 'negative', what: string): Recipe =>
  recipe({
    name,
    paper: decomposed,
    equations: [`${what} -> filter polarity, baseline constant {positive: 0, negative: 1}`],
    notes: [
      'reading: group is what the A3PO authors’ released code trains with: the ±1 it computes are overwritten by GRPO advantages.',
      'The authors drop rollouts at random until divisible by the number of GPUs; nothing is dropped here.',
    ],
    parameters: z.strictObject({ reading }),
    sentence: ({ reading }): SentenceInput =>
      reading === 'plain'
        ? { ...plainSentence, filters: [{ filter: 'polarity', keep, when: 'before-baseline' }] }
        : { ...grpoSentence, filters: [{ filter: 'polarity', keep, when: 'after-baseline' }] },
  });

const reweightingSchedules = (target: number): Record<'stage' | 'epoch' | 'entropy', Schedule> => ({
  stage: { schedule: 'linear', from: 0, to: 1, after: 0.5, until: 1 },
  epoch: { schedule: 'stepwise', stages: [0, 1, 2, 3, 4].map((e) => ({ after: e / 5, value: e / 4 })) },
  entropy: { schedule: 'entropy-switch', start: 1, stride: 0.05, min: 0, max: 1, target },
});

export const polarityRecipes: readonly Recipe[] = [
  onePolarity('psr', 'positive', 'only correct rollouts, A = +1'),
  onePolarity('nsr', 'negative', 'only incorrect rollouts, A = -1'),
  recipe({
    name: 'w-reinforce',
    paper: decomposed,
    equations: [
      'A = lambda on correct, -1 on incorrect -> weight positive on baseline constant {positive: 0, negative: 1}',
    ],
    notes: ['lambda 0.1 is the README’s; by its author barely ablated.'],
    parameters: z.strictObject({
      positiveWeight: z.number().min(0).default(0.1).describe('lambda'),
      reading,
    }),
    sentence: ({ positiveWeight, reading }): SentenceInput => ({
      ...(reading === 'plain' ? plainSentence : grpoSentence),
      weights: [{ name: 'positive', of: 'positive', weight: positiveWeight }],
    }),
  }),
  recipe({
    name: 'polarity-weighted',
    paper: 'Rethinking Sample Polarity in RLVR, arXiv:2512.21625 (P2N1, P1N2, ...)',
    equations: ['A * w+ on correct, A * w- on incorrect, after normalisation -> weights'],
    notes: ['P2N1 is positiveWeight 2, negativeWeight 1. The group’s zero mean is deliberately given up.'],
    parameters: z.strictObject({
      positiveWeight: z.number().min(0).default(2).describe('w+'),
      negativeWeight: z.number().min(0).default(1).describe('w-'),
    }),
    sentence: ({ positiveWeight, negativeWeight }): SentenceInput => ({
      ...grpoSentence,
      weights: [
        { name: 'positive', of: 'positive', weight: positiveWeight },
        { name: 'negative', of: 'negative', weight: negativeWeight },
      ],
    }),
  }),
  recipe({
    name: 'positive-advantage-reweighting',
    paper: 'Revisiting Entropy in Reinforcement Learning for Large Reasoning Models, arXiv:2511.05993',
    equations: ['lambda_k on tokens with A > 0 -> weight positive by advantage, scheduled'],
    notes: [
      'stage: 0 for half of the run, then linear to 1. epoch: five equal stages (e - 1) / (E - 1). entropy: steps of 0.05 towards the target.',
      'HYPOTHESIS: five epochs; the entropy-guided start at 1.',
      'Every schedule that begins at 0 is NSR at first: watch for garbling.',
    ],
    parameters: z
      .strictObject({
        schedule: z
          .enum(['stage', 'epoch', 'entropy'])
          .default('stage')
          .describe('the paper’s three schedules of lambda'),
        entropyTarget: z.number().positive().optional().describe('entropy (nats) the entropy schedule steers to'),
      })
      .refine((p) => (p.schedule === 'entropy') === (p.entropyTarget !== undefined), {
        error: 'must have entropyTarget with schedule: entropy, and only then',
      }),
    sentence: ({ schedule, entropyTarget }): SentenceInput => ({
      ...grpoSentence,
      weights: [
        {
          name: 'positive',
          of: 'positive',
          by: 'advantage',
          weight: reweightingSchedules(entropyTarget ?? 1)[schedule],
        },
      ],
    }),
  }),
];
