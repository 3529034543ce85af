/**
 * A3PO: larger advantages for unlikely tokens of correct rollouts and likely tokens of incorrect ones, fading as training
 * goes on. "Rethinking Sample Polarity in RLVR", arXiv:2512.21625.
 *
 *   A'_t = A_t * w+(k)  on the `ratio` least likely tokens of each correct rollout (by pi_old)
 *   A'_t = A_t * w-(k)  on the `ratio` most likely tokens of each incorrect rollout
 *
 * The paper's own decay, its values and where it ends are not available; the released code holds constant scales only. So
 * every decay here is a HYPOTHESIS, the default H1: linear to 1, its floor, at `decayedAt` of the run.
 */
import { z } from 'zod';
import type { Schedule } from '../schedule.ts';
import type { SentenceInput } from '../schema.ts';
import { type Recipe, recipe } from './recipe.ts';
import { grpoSentence } from './standard.ts';

/** HYPOTHESIS: the middle of the run. */
const defaultDecayedAt = 0.5;

const parameters = z
  .strictObject({
    positiveScale: z.number().min(1).default(2).describe('rho+: first scale of unlikely tokens in correct rollouts'),
    negativeScale: z.number().min(1).default(2).describe('rho-: first scale of likely tokens in incorrect rollouts'),
    ratio: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe('share of each completion’s eligible tokens that a rule takes'),
    decay: z
      .enum(['H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'none'])
      .default('H1')
      .describe('hypothesis about the decay; none: constant scales, as in the released code'),
    decayedAt: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe(`H1-H4: fraction of the run at which the scales have decayed (default ${defaultDecayedAt})`),
    entropyTarget: z.number().positive().optional().describe('H5: entropy in nats at and above which the scales are 1'),
    mismatchBound: z.number().positive().optional().describe('H6: mean |log mu - log pi_old| beyond which they shrink'),
    eligibility: z
      .union([z.enum(['nonzero', 'all']), z.strictObject({ probabilityBelow: z.number().gt(0).lte(1) })])
      .default('nonzero')
      .describe('which tokens are ranked; {probabilityBelow: 0.9} leaves out near-deterministic ones'),
  })
  .refine((p) => p.decayedAt === undefined || ['H1', 'H2', 'H3', 'H4'].includes(p.decay), {
    error: 'must not have decayedAt with decay H5, H6 or none: it would have no effect',
  })
  .refine((p) => (p.decay === 'H5') === (p.entropyTarget !== undefined), {
    error: 'must have entropyTarget with decay: H5, and only then',
  })
  .refine((p) => (p.decay === 'H6') === (p.mismatchBound !== undefined), {
    error: 'must have mismatchBound with decay: H6, and only then',
  });

type Parameters = z.infer<typeof parameters>;

/** The decay of one scale from `from` to 1. */
function fading(from: number, parameters: Parameters): number | Schedule {
  const until = parameters.decayedAt ?? defaultDecayedAt;
  const toOne = { from, to: 1, after: 0, until };
  switch (parameters.decay) {
    case 'none':
      return from;
    case 'H1': {
      // one slope alpha for both polarities: the larger scale arrives at decayedAt, the smaller earlier
      const excess = Math.max(parameters.positiveScale, parameters.negativeScale) - 1;
      return from === 1 ? 1 : { schedule: 'linear', ...toOne, until: until * ((from - 1) / excess) };
    }
    case 'H2':
      return { schedule: 'linear', ...toOne };
    case 'H3':
      // e^-3: 95 % of the excess is gone at decayedAt
      return { schedule: 'exponential', from, to: 1, timeConstant: until / 3 };
    case 'H4':
      return { schedule: 'cosine', ...toOne };
    case 'H5':
      return { schedule: 'entropy', peak: from, neutral: 1, target: parameters.entropyTarget! };
    case 'H6':
      return { schedule: 'mismatch', peak: from, neutral: 1, bound: parameters.mismatchBound! };
  }
}

export const a3poRecipes: readonly Recipe[] = [
  recipe({
    name: 'a3po',
    paper: 'Rethinking Sample Polarity in Reinforcement Learning with Verifiable Rewards, arXiv:2512.21625',
    equations: [
      'A_t w+(k) on the least likely tokens of correct rollouts -> rule positive-low',
      'A_t w-(k) on the most likely tokens of incorrect rollouts -> rule negative-high',
      'decay of w (hypothesis) -> the rules’ scale as a schedule',
    ],
    notes: [
      'HYPOTHESIS H1 (default): w(k) = max(1, rho - alpha k), one alpha for both polarities, the larger scale reaching 1 at decayedAt; the form of the paper’s decay is not available.',
      'Other hypotheses: H2 linear, each scale reaching 1 at decayedAt; H3 exponential; H4 cosine; H5 by entropy; H6 by sampler-trainer mismatch.',
      `HYPOTHESIS: decayedAt ${defaultDecayedAt}.`,
      'Scales 2 and ratio 0.2 are those of the authors’ scripts; the README’s example uses 5 for likely tokens of incorrect rollouts.',
      'Ties in probability go to the earliest token (the authors’ code leaves them to torch.topk).',
      'No KL penalty by default; the authors’ GRPO scripts use k3 with 0.001.',
    ],
    parameters,
    sentence: (chosen): SentenceInput => {
      const { ratio, eligibility, positiveScale, negativeScale } = chosen;
      const rule = { statistic: 'probability', eligibility, amount: { ratio }, operation: 'multiply' } as const;
      const positiveLow = { ...rule, name: 'positive-low', polarity: 'positive', side: 'low' } as const;
      const negativeHigh = { ...rule, name: 'negative-high', polarity: 'negative', side: 'high' } as const;
      return {
        ...grpoSentence,
        rules: [
          { ...positiveLow, scale: fading(positiveScale, chosen) },
          { ...negativeHigh, scale: fading(negativeScale, chosen) },
        ],
      };
    },
  }),
];
