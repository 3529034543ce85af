/** The eight single-selector recipes: one rule on GRPO, to see what one kind of token does. */
import { z } from 'zod';
import type { SentenceInput } from '../schema.ts';
import { type Recipe, recipe } from './recipe.ts';
import { grpoSentence } from './standard.ts';

/** The authors' scripts: positive-high 0.5, positive-low 2, negative-low 2, negative-high 2 (commented out there; README: 5). */
const scales = { 'positive-high': 0.5, 'positive-low': 2, 'negative-high': 2, 'negative-low': 2 } as const;

export const selectorRecipes: readonly Recipe[] = (['probability', 'entropy'] as const).flatMap((statistic) =>
  (['positive', 'negative'] as const).flatMap((polarity) =>
    (['high', 'low'] as const).map((side) => {
      const name = `${polarity}-${side}` as const;
      return recipe({
        name: `${name}-${statistic}`,
        paper: 'Rethinking Sample Polarity in RLVR, arXiv:2512.21625 (token-level analysis)',
        equations: [`A_t * scale on the ${side}est ${statistic} tokens of ${polarity} rollouts -> rule ${name}`],
        notes: [
          `Scale ${scales[name]} and ratio 0.2 are those of the authors’ scripts (negative-high: the README’s example has 5).`,
        ],
        parameters: z.strictObject({
          scale: z.number().min(0).default(scales[name]).describe('factor on the selected tokens’ advantage'),
          ratio: z.number().min(0).max(1).default(0.2).describe('share of each completion’s eligible tokens'),
          eligibility: z
            .union([z.enum(['nonzero', 'all']), z.strictObject({ probabilityBelow: z.number().gt(0).lte(1) })])
            .default('nonzero')
            .describe('which tokens are ranked'),
        }),
        sentence: ({ scale, ratio, eligibility }): SentenceInput => ({
          ...grpoSentence,
          rules: [{ name, polarity, side, statistic, eligibility, amount: { ratio }, operation: 'multiply', scale }],
        }),
      });
    }),
  ),
);
