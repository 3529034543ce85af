/**
 * Every recipe by name. Adding one is an entry in the file of its family and a section in docs/PAPERS.md.
 */
import { nearest } from '../../core/edit-distance.ts';
import { UserError } from '../../core/errors.ts';
import { a3poRecipes } from './a3po.ts';
import { dapoRecipes } from './dapo.ts';
import { polarityRecipes } from './polarity.ts';
import type { Recipe } from './recipe.ts';
import { selectorRecipes } from './selectors.ts';
import { standardRecipes } from './standard.ts';
import { tokenShapingRecipes } from './token-shaping.ts';

export const recipes: readonly Recipe[] = [
  ...standardRecipes,
  ...dapoRecipes,
  ...polarityRecipes,
  ...a3poRecipes,
  ...selectorRecipes,
  ...tokenShapingRecipes,
];

/** Methods that people ask for and that cannot be had here, with the reason. */
export const impossible: Readonly<Record<string, string>> = {
  'lp-reg':
    'needs the log-probability of each token under a filtered distribution (min-p, renormalised), which no engine here reports',
  lopti:
    'needs two optimizer passes over the batch, unlikely tokens first; one step is one pass here. Take ar, its other half',
  pppo: 'needs continuations of each completion’s prefix as its reward, which the rollout does not sample',
  'rgr-grpo': 'needs a judge’s rubric scores and a refined rollout of another policy in the group',
  erpo: 'needs a history and a sampling temperature of each problem; its formulas are not available either',
  'entropy-bonus':
    'needs the gradient of the full distribution’s entropy; engines take coefficients of the sampled tokens’ log-probabilities only. Take entropic or reasoning-with-exploration',
};

/** @throws UserError naming the nearest recipe, or why a known method is not one. */
export function findRecipe(name: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe !== undefined) return recipe;
  const reason = Object.hasOwn(impossible, name) ? impossible[name] : undefined;
  if (reason !== undefined) throw new UserError(`recipe '${name}' cannot be had: it ${reason}`);
  const names = recipes.map((known) => known.name);
  throw new UserError(
    `there is no recipe '${name}'; did you mean ${nearest(name, names)}? (known: ${names.join(', ')})`,
  );
}
