/** The standard algorithms: a baseline, a surrogate, an aggregation. */
import { z } from 'zod';
import type { SentenceInput } from '../schema.ts';
import { type Recipe, recipe } from './recipe.ts';

/** The part every group-normalised recipe starts from. */
export const grpoSentence = {
  baseline: { kind: 'group-normalised', epsilon: 1e-6 },
  surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2, dualClip: 3 },
  aggregation: 'seq-mean-token-mean',
} as const satisfies SentenceInput;

const none = z.strictObject({});

export const standardRecipes: readonly Recipe[] = [
  recipe({
    name: 'grpo',
    paper: 'Shao et al., DeepSeekMath, arXiv:2402.03300',
    equations: [
      'A_i = (r_i - mean r) / std r -> baseline group-normalised',
      'min(r A, clip(r, 1 - eps, 1 + eps) A) -> surrogate ppo, ratioMin 0.8, ratioMax 1.2',
      'mean over completions of the token mean -> aggregation seq-mean-token-mean',
    ],
    notes: [
      'No KL penalty by default (the A3PO authors use k3 with 0.001): add penalties to have one.',
      'Dual clip 3 and epsilon 1e-6 are those of verl and the A3PO authors.',
    ],
    parameters: none,
    sentence: () => grpoSentence,
  }),
  recipe({
    name: 'dr-grpo',
    paper: 'Liu et al., Understanding R1-Zero-Like Training, arXiv:2503.20783',
    equations: [
      'A_i = r_i - mean r -> baseline group-mean',
      'sum over tokens / (completions * constant) -> aggregation constantTokens',
    ],
    notes: [
      'HYPOTHESIS: constantTokens 1024. It only rescales the update; the length limit of completions (sampling.maxTokens) is the usual choice.',
    ],
    parameters: z.strictObject({
      constantTokens: z
        .int()
        .positive()
        .default(1024)
        .describe('the constant every completion’s token sum is divided by'),
    }),
    sentence: ({ constantTokens }): SentenceInput => ({
      baseline: { kind: 'group-mean' },
      surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
      aggregation: { constantTokens },
    }),
  }),
  recipe({
    name: 'rloo',
    paper: 'Ahmadian et al., Back to Basics, arXiv:2402.14740',
    equations: ['A_i = r_i - mean of the others -> baseline leave-one-out'],
    notes: [
      'The ratio with PPO bounds is verl’s use of it; the paper is strictly on policy, where both have the same gradient.',
    ],
    parameters: none,
    sentence: (): SentenceInput => ({
      baseline: { kind: 'leave-one-out' },
      surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
      aggregation: 'token-mean',
    }),
  }),
  recipe({
    name: 'reinforce++',
    paper: 'Hu, REINFORCE++, arXiv:2501.03262',
    equations: [
      'return of the reward, discounted -> baseline none with discount',
      '(A - mean) / std over the batch’s tokens -> whiten',
    ],
    notes: [
      'The paper folds a k1 KL into the token reward; there is none here.',
      'subtractGroupMean is verl’s REINFORCE++-baseline.',
    ],
    parameters: z.strictObject({
      subtractGroupMean: z.boolean().default(false).describe('R - mean of the group before whitening'),
    }),
    sentence: ({ subtractGroupMean }): SentenceInput => ({
      baseline: subtractGroupMean ? { kind: 'group-mean' } : { kind: 'none' },
      whiten: true,
      surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
      aggregation: 'token-mean',
    }),
  }),
  recipe({
    name: 'gspo',
    paper: 'Zheng et al., Group Sequence Policy Optimization, arXiv:2507.18071',
    equations: [
      's_i = (pi / pi_old)^(1/T) -> ratioLevel sequence',
      'min(s A, clip(s, 1 - 3e-4, 1 + 4e-4) A) -> surrogate ppo, ratioMin 0.9997, ratioMax 1.0004',
    ],
    notes: ['The token form (straight-through gradient), as in verl: token rules act through it.'],
    parameters: none,
    sentence: (): SentenceInput => ({
      ...grpoSentence,
      ratioLevel: 'sequence',
      surrogate: { kind: 'ppo', ratioMin: 1 - 3e-4, ratioMax: 1 + 4e-4 },
    }),
  }),
  recipe({
    name: 'cispo',
    paper: 'MiniMax-M1, arXiv:2506.13585',
    equations: [
      '-sg[clip(r)] A log pi -> surrogate cispo',
      'sum over all tokens / their number -> aggregation token-mean',
    ],
    notes: [
      'No lower bound, as in the paper. The upper bound 5 is TRL’s (ScaleRL); the paper tunes it and does not print it.',
    ],
    parameters: none,
    sentence: (): SentenceInput => ({
      ...grpoSentence,
      surrogate: { kind: 'cispo', ratioMin: 0, ratioMax: 5 },
      aggregation: 'token-mean',
    }),
  }),
  recipe({
    name: 'sapo',
    paper: 'Soft Adaptive Policy Optimization, arXiv:2511.20347',
    equations: ['-A (4 / tau) sigmoid(tau (r - 1)), tau 1 for A > 0, else 1.05 -> surrogate sapo'],
    notes: [],
    parameters: none,
    sentence: (): SentenceInput => ({
      ...grpoSentence,
      surrogate: { kind: 'sapo', temperaturePositive: 1, temperatureNegative: 1.05 },
    }),
  }),
  recipe({
    name: 'gmpo',
    paper: 'Geometric-Mean Policy Optimization, arXiv:2507.20673',
    equations: ['-A (prod clip(r_t, e^-0.4, e^0.4))^(1/T) -> surrogate geometric-mean'],
    notes: ['Clipped on the side the advantage pushes to, as in verl.'],
    parameters: none,
    sentence: (): SentenceInput => ({
      ...grpoSentence,
      surrogate: { kind: 'geometric-mean', ratioMin: Math.exp(-0.4), ratioMax: Math.exp(0.4) },
    }),
  }),
  recipe({
    name: 'pass-at-k',
    paper: 'Pass@k Training, arXiv:2508.10751',
    equations: ['analytic advantage of the pass@k reward over all k-subsets -> baseline pass-at-k'],
    notes: [
      'k 4 is a HYPOTHESIS: choose it below the group’s size.',
      'Groups with fewer than k incorrect rollouts give no signal, as in the authors’ code.',
    ],
    parameters: z.strictObject({ k: z.int().min(1).default(4).describe('the k of pass@k; at most the group’s size') }),
    sentence: ({ k }): SentenceInput => ({ ...grpoSentence, baseline: { kind: 'pass-at-k', k } }),
  }),
];
