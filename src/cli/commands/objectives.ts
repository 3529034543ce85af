/** `polarity objectives`: the named recipes, what one of them says, and what it does to a small group, token by token. */
import { stringify } from 'yaml';
import { UserError } from '../../core/errors.ts';
import { type ExplainedRollout, exampleSamples, explain } from '../../objectives/explain.ts';
import { parseObjective } from '../../objectives/objective.ts';
import { impossible, recipes } from '../../objectives/recipes/catalogue.ts';
import { applyOverride, type Mapping } from '../../train/run-file.ts';
import { table } from '../format.ts';
import type { Terminal } from '../terminal.ts';

export interface ObjectivesOptions {
  readonly set: readonly string[];
  /** Of the example's rollouts, e.g. `1,0,0,?`. */
  readonly rewards: string;
  /** Of the tokens, e.g. `.9,.2/.5,.5`: one list for all rollouts or one for each; absent: an example's. */
  readonly probabilities?: string;
  /** Step of `steps` for which schedules are evaluated. */
  readonly step: number;
  readonly steps: number;
}

/** @param words nothing, a recipe's name, or `explain` and one @returns the exit code */
export function objectivesCommand(
  words: readonly [string?, string?],
  options: ObjectivesOptions,
  terminal: Terminal,
): number {
  const name = recipeName(words);
  if (name === undefined) return listRecipes(terminal);
  const objective = parseObjective({ ...options.set.reduce<Mapping>(applyOverride, {}), recipe: name });
  const recipe = recipes.find((candidate) => candidate.name === name);
  const { bold, dim } = terminal.colors;
  terminal.print(`${bold(name)}  ${recipe?.paper ?? ''}`);
  for (const equation of recipe?.equations ?? []) terminal.print(`  ${equation}`);
  for (const note of objective.notes) terminal.print(dim(`  ${note}`));
  terminal.print(`\n${bold('as a sentence')} (under \`objective:\` in a run file it means the same)`);
  terminal.print(stringify(objective.sentence).trimEnd());
  const rewards = numbers(options.rewards, '--rewards', true);
  const probabilities =
    options.probabilities === undefined
      ? undefined
      : options.probabilities.split('/').map((list) => numbers(list, '--probabilities', false) as number[]);
  // enough for any schedule: entropy and mismatch of an untroubled run
  const signals = { step: options.step, totalSteps: options.steps, entropy: 0.5, mismatch: 0 };
  const explanation = explain(objective, exampleSamples({ rewards, probabilities }), signals);
  terminal.print(`\n${bold('what it does')} to a group at step ${options.step} of ${options.steps}`);
  for (const rule of explanation.rules) {
    terminal.print(`  ${rule.name}: ${rule.words}`);
    const carried = `${(100 * rule.gradientProxyShare).toPrecision(3)} %`;
    terminal.print(
      dim(`    took ${rule.selectedTokens} tokens, with ${carried} of the gradient, by |advantage| (1 - p)`),
    );
  }
  for (const line of table([HEADER, ...explanation.rollouts.flatMap(rows)])) terminal.print(line);
  terminal.result({ name, paper: recipe?.paper, notes: objective.notes, sentence: objective.sentence, explanation });
  return 0;
}

function recipeName([first, second]: readonly [string?, string?]): string | undefined {
  if (first === 'explain') {
    if (second === undefined) throw new UserError('explain which recipe? e.g. polarity objectives explain a3po');
    return second;
  }
  if (second !== undefined)
    throw new UserError(`objectives takes one recipe, or explain and a recipe; got ${first} ${second}`);
  return first;
}

function listRecipes(terminal: Terminal): number {
  const width = Math.max(...recipes.map(({ name }) => name.length)) + 2;
  for (const { name, paper } of recipes) terminal.print(`${terminal.colors.bold(name.padEnd(width))}${paper}`);
  terminal.print('\nnot to be had here:');
  for (const [name, reason] of Object.entries(impossible)) terminal.print(`${name.padEnd(width)}${reason}`);
  terminal.result({ recipes: recipes.map(({ name, paper }) => ({ name, paper })), impossible });
  return 0;
}

const HEADER = ['rollout', 'reward', 'token', 'p', 'advantage', 'shaped', 'coefficient', 'rules'];

function rows({ outcome, reward, transformedReward, tokens }: ExplainedRollout): string[][] {
  const isTransformed = transformedReward !== undefined && transformedReward !== reward;
  return tokens.map(({ probability, baseAdvantage, advantage, coefficient, rules }, t) => [
    t === 0 ? outcome : '',
    t === 0 ? `${reward ?? '-'}${isTransformed ? ` as ${transformedReward}` : ''}` : '',
    `${t}`,
    probability.toFixed(3),
    baseAdvantage.toFixed(3),
    advantage.toFixed(3),
    coefficient.toFixed(4),
    rules.join(' '),
  ]);
}

/** `1,0,?` -> [1, 0, undefined] */
function numbers(text: string, option: string, mayBeUnknown: boolean): (number | undefined)[] {
  return text.split(',').map((part) => {
    if (mayBeUnknown && part.trim() === '?') return undefined;
    const value = Number(part);
    if (part.trim() === '' || !Number.isFinite(value))
      throw new UserError(
        `${option} takes numbers separated by commas${mayBeUnknown ? ', ? for an unknown verdict' : ''}, got ${text}`,
      );
    return value;
  });
}
