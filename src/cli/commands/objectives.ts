/** `polarity objectives`: the named recipes, and what one of them says once its parameters are filled in. */
import { stringify } from 'yaml';
import { parseObjective } from '../../objectives/objective.ts';
import { recipes } from '../../objectives/recipes/catalogue.ts';
import { applyOverride, type Mapping } from '../../train/run-file.ts';
import type { Terminal } from '../terminal.ts';

/** @returns the exit code */
export function objectivesCommand(
  name: string | undefined,
  options: { set: readonly string[] },
  terminal: Terminal,
): number {
  if (name === undefined) {
    for (const recipe of recipes) terminal.print(`${terminal.colors.bold(recipe.name.padEnd(14))} ${recipe.paper}`);
    terminal.result({ recipes: recipes.map(({ name, paper }) => ({ name, paper })) });
    return 0;
  }
  const parameters = options.set.reduce<Mapping>(applyOverride, {});
  const objective = parseObjective({ ...parameters, recipe: name });
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe) terminal.print(`${terminal.colors.bold(name)}  ${recipe.paper}`);
  for (const note of objective.notes) terminal.print(`  ${note}`);
  terminal.print('\nas a sentence (paste it under `objective:` and change it):');
  terminal.print(stringify(objective.sentence).trimEnd());
  terminal.result({ name, paper: recipe?.paper, notes: objective.notes, sentence: objective.sentence });
  return 0;
}
