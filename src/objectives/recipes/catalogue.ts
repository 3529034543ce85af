/** Every recipe by name. Adding one: its file, a line here, a section in docs/PAPERS.md. */
import { a3po } from './a3po.ts';
import { grpo } from './grpo.ts';
import type { Recipe } from './recipe.ts';

export const recipes: readonly Recipe[] = [grpo, a3po];
