/**
 * A3PO: larger advantages for unlikely tokens of correct rollouts and likely tokens of incorrect ones, fading as training
 * goes on. "Rethinking Sample Polarity in RLVR", arXiv:2512.21625.
 *
 *   A'_t = A_t * w+(k)  on the `ratio` least likely tokens of each correct rollout (by pi_old)
 *   A'_t = A_t * w-(k)  on the `ratio` most likely tokens of each incorrect rollout
 *
 * HYPOTHESIS H1: w(k) falls linearly from the scale to 1, its floor, at `decayedAt` of the run. The paper's own decay, its
 * values and where it ends are not available; the released code holds constant scales only.
 */
import { z } from 'zod';
import type { SentenceInput } from '../schema.ts';
import { grpoSentence } from './grpo.ts';
import { recipe } from './recipe.ts';

const scale = z.number().min(0).default(2);
const ratio = z.number().min(0).max(1);

export const a3po = recipe({
  name: 'a3po',
  paper: 'Rethinking Sample Polarity in Reinforcement Learning with Verifiable Rewards, arXiv:2512.21625',
  equations: [
    'A_t w+(k) on the least likely tokens of correct rollouts -> rule positive-low',
    'A_t w-(k) on the most likely tokens of incorrect rollouts -> rule negative-high',
    'decay of w (hypothesis) -> the rules’ scale as a schedule',
  ],
  notes: [
    'HYPOTHESIS H1: the scales decay linearly to 1, reached at `decayedAt` of the run; the form of the paper’s decay is not available.',
    'HYPOTHESIS: decayedAt 0.5.',
    'Scales 2 and ratio 0.2 are those of the authors’ scripts; the README’s example uses 5 for likely tokens of incorrect rollouts.',
    'Ties in probability go to the earliest token (the authors’ code leaves them to torch.topk).',
    'No KL penalty by default; the authors’ GRPO scripts use k3 with 0.001.',
  ],
  parameters: z.strictObject({
    positiveScale: scale.describe('rho+: first scale of unlikely tokens in correct rollouts'),
    negativeScale: scale.describe('rho-: first scale of likely tokens in incorrect rollouts'),
    ratio: ratio.default(0.2).describe('share of each completion’s eligible tokens that a rule takes'),
    decay: z.enum(['H1', 'none']).default('H1').describe('H1: linear to 1 (hypothesis); none: constant scales'),
    decayedAt: z.number().gt(0).max(1).default(0.5).describe('H1: fraction of the run at which the scales reach 1'),
    eligibility: z
      .union([z.enum(['nonzero', 'all']), z.strictObject({ probabilityBelow: z.number().gt(0).lte(1) })])
      .default('nonzero')
      .describe('which tokens are ranked; {probabilityBelow: 0.9} leaves out near-deterministic ones'),
  }),
  sentence: ({ positiveScale, negativeScale, ratio, decay, decayedAt, eligibility }): SentenceInput => {
    const fading = (from: number) =>
      decay === 'none' ? from : { schedule: 'linear' as const, from, to: 1, until: decayedAt };
    const rule = { statistic: 'probability', eligibility, amount: { ratio }, operation: 'multiply' } as const;
    return {
      ...grpoSentence,
      rules: [
        { ...rule, name: 'positive-low', polarity: 'positive', side: 'low', scale: fading(positiveScale) },
        { ...rule, name: 'negative-high', polarity: 'negative', side: 'high', scale: fading(negativeScale) },
      ],
    };
  },
});
