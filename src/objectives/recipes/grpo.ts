/** GRPO: advantages normalised within the group, PPO clip. */
import { z } from 'zod';
import type { SentenceInput } from '../schema.ts';
import { recipe } from './recipe.ts';

/** The part every group-normalised recipe starts from. */
export const grpoSentence = {
  baseline: { kind: 'group-normalised', epsilon: 1e-6 },
  surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2, dualClip: 3 },
  aggregation: 'seq-mean-token-mean',
} as const satisfies SentenceInput;

export const grpo = recipe({
  name: 'grpo',
  paper: 'Shao et al., DeepSeekMath, arXiv:2402.03300',
  equations: [
    'A_i = (r_i - mean r) / std r -> baseline group-normalised',
    'min(r A, clip(r, 1 - eps, 1 + eps) A) -> surrogate ppo, ratioMin 0.8, ratioMax 1.2',
    'mean over completions of the token mean -> aggregation seq-mean-token-mean',
  ],
  notes: [
    'No KL penalty by default (the paper uses k3 with 0.04, the A3PO authors 0.001).',
    'Dual clip 3 and epsilon 1e-6 are those of verl and the A3PO authors.',
  ],
  parameters: z.strictObject({}),
  sentence: () => grpoSentence,
});
