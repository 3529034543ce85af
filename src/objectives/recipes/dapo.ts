/** DAPO and what builds on it: asymmetric bounds, dynamic sampling, overlong shaping, forking tokens. */
import { z } from 'zod';
import type { SentenceInput } from '../schema.ts';
import { type Recipe, recipe } from './recipe.ts';

/** Clip-higher, dual clip 10, token mean. */
export const dapoSentence = {
  filters: [{ filter: 'constant-groups' }],
  baseline: { kind: 'group-normalised', epsilon: 1e-6 },
  surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.28, dualClip: 10 },
  aggregation: 'token-mean',
} satisfies SentenceInput;

export const dapoRecipes: readonly Recipe[] = [
  recipe({
    name: 'dapo',
    paper: 'Yu et al., DAPO, arXiv:2503.14476',
    equations: [
      'clip-higher 0.2 / 0.28 -> surrogate ppo, ratioMin 0.8, ratioMax 1.28',
      '0 < #correct < G -> filter constant-groups, and sampling.maxBatches of the run file',
      'sum over all tokens / their number -> aggregation token-mean',
      'soft overlong punishment -> rewards overlong (maxTokens, bufferTokens)',
    ],
    notes: [
      'Groups without contrast are dropped; set sampling.maxBatches (the paper’s code: 10) to sample others in their place.',
      'A step that finds too few groups in maxBatches trains on those (the paper’s code stops the run).',
      'Rewards stay 0 / 1 (the paper’s are -1 / +1): group normalisation makes them equal, unless punished for length.',
      'Polarity is the verdict’s, never the punished reward’s. Dual clip 10 is verl’s recipe’s.',
    ],
    parameters: z
      .strictObject({
        maxTokens: z.int().positive().optional().describe('length limit for the overlong punishment; absent: none'),
        bufferTokens: z
          .int()
          .positive()
          .optional()
          .describe('the punishment grows over this many last tokens (paper: 4096 of 20480)'),
      })
      .refine((p) => (p.maxTokens === undefined) === (p.bufferTokens === undefined), {
        error: 'must have maxTokens and bufferTokens together or neither',
      }),
    sentence: ({ maxTokens, bufferTokens }): SentenceInput => ({
      ...dapoSentence,
      rewards:
        maxTokens === undefined || bufferTokens === undefined
          ? []
          : [{ transform: 'overlong', maxTokens, bufferTokens, factor: 1 }],
    }),
  }),
  recipe({
    name: 'dapo-fork-tokens',
    paper: 'Wang et al., Beyond the 80/20 Rule, arXiv:2506.01939',
    equations: [
      '1[H >= top-20 % quantile of the batch], normalised by the kept tokens -> rule fork, keep-and-renormalise',
    ],
    notes: [
      'Entropies are those of sampling, over the step; the paper’s are of the current policy, over the (micro-)batch.',
      'Exactly 20 % of the tokens, ties to the earliest, rather than all at or above the quantile.',
    ],
    parameters: z.strictObject({
      ratio: z.number().gt(0).lte(1).default(0.2).describe('share of the step’s tokens that is trained on'),
    }),
    sentence: ({ ratio }): SentenceInput => ({
      ...dapoSentence,
      rules: [
        {
          name: 'fork',
          polarity: 'both',
          statistic: 'entropy',
          eligibility: 'all',
          side: 'high',
          amount: { ratio },
          scope: 'batch',
          operation: 'keep-and-renormalise',
        },
      ],
    }),
  }),
];
