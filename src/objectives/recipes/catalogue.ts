/** Every recipe by name. Adding one: its file, a line here, a section in docs/PAPERS.md. */
import { nearest } from '../../core/edit-distance.ts';
import { UserError } from '../../core/errors.ts';
import { a3po } from './a3po.ts';
import { grpo } from './grpo.ts';
import type { Recipe } from './recipe.ts';

export const recipes: readonly Recipe[] = [grpo, a3po];

/** @throws UserError naming the nearest recipe, or why a known method is not one. */
export function findRecipe(name: string): Recipe {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe !== undefined) return recipe;
  const names = recipes.map((known) => known.name);
  const near = nearest(name, names);
  throw new UserError(
    `there is no recipe '${name}'${near === undefined ? '' : `; did you mean ${near}?`} (known: ${names.join(', ')})`,
  );
}
