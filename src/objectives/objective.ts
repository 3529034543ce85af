/**
 * The objective seam's public face: a choice in a run file -> a validated sentence -> its numbers at one step -> per-token
 * advantages, the aggregation's scales and the loss. Everything is a pure function on typed arrays.
 *
 *   const objective = parseObjective({ recipe: 'a3po', positiveScale: 3 });   // once
 *   const at = objectiveAt(objective, { step, totalSteps });                  // each step
 *   const shaped = shapeGroups(at, groups);                                   // [P][G] advantages, masks, rules
 *   const scales = aggregationScales(at.sentence.aggregation, minibatch.map(countedTokens));
 *   datum.weight[t] = shaped.advantages[t] * scales[i];                       // engines only sum
 *   engine.forwardBackward(datums, lossOf(at));
 *
 * Rollouts with an unknown verdict have no polarity: they enter no baseline, their advantages are exactly 0, and their
 * tokens count in no mean.
 */
import type { z } from 'zod';
import type { Loss } from '../core/datum.ts';
import { UserError } from '../core/errors.ts';
import type { Group } from '../core/rollout.ts';
import { describeIssues } from './issues.ts';
import { shapingMetrics } from './metrics.ts';
import { recipes } from './recipes/catalogue.ts';
import { samplesOf } from './sample.ts';
import { resolveSchedules, type ScheduleState, type Signals } from './schedule.ts';
import { type ResolvedSentence, type Sentence, sentenceSchema, slots } from './schema.ts';
import { type ShapedRollout, shape } from './shape.ts';
import { statistics } from './statistics.ts';
import { stockLoss } from './surrogates/surrogate.ts';

export { aggregationScales } from './aggregate.ts';
export type { ScheduleState, Signals } from './schedule.ts';
export { countedTokens, type ShapedRollout } from './shape.ts';

export interface Objective {
  /** The recipe's name, or `sentence` for one written out. */
  readonly name: string;
  readonly sentence: Sentence;
  /** Departures and hypotheses worth printing when a run starts. */
  readonly notes: readonly string[];
}

/** An objective with every schedule evaluated. */
export interface ObjectiveAt {
  readonly name: string;
  readonly sentence: ResolvedSentence;
  /** Each schedule's value by metric key, e.g. `schedule/positive_low_scale`. */
  readonly schedules: Readonly<Record<string, number>>;
  /** Hand back as `Signals.scheduleState` at the next step; belongs in checkpoints. */
  readonly scheduleState: ScheduleState;
}

/** What the run must be able to give. */
export interface Requirements {
  /** Per-token entropies of the sampled completions. */
  readonly entropies: boolean;
}

/**
 * A run file's `objective`: a recipe's name (`a3po`), a recipe with parameters or replaced slots
 * (`{recipe: a3po, positiveScale: 3, aggregation: token-mean}`), or a full sentence.
 * @throws UserError naming the option, its value and what is allowed.
 */
export function parseObjective(choice: unknown): Objective {
  if (typeof choice === 'string') return recipeObjective(choice, {});
  if (typeof choice !== 'object' || choice === null || Array.isArray(choice))
    throw new UserError(`objective must be a recipe's name or a mapping, got ${JSON.stringify(choice)}`);
  if (!('recipe' in choice))
    return { name: 'sentence', sentence: parse(sentenceSchema, choice, 'objective'), notes: [] };
  const { recipe: name, ...overrides } = choice;
  return recipeObjective(String(name), overrides);
}

/**
 * A recipe, with its parameters and whole slots of its sentence overridden.
 * @throws UserError for an unknown recipe or option.
 */
export function recipeObjective(name: string, overrides: Readonly<Record<string, unknown>>): Objective {
  const recipe = recipes.find((candidate) => candidate.name === name);
  if (recipe === undefined)
    throw new UserError(`there is no recipe '${name}'; there are ${recipes.map((known) => known.name).join(', ')}`);
  const isSlot = (key: string) => key in slots && !(key in recipe.parameters.shape);
  const pick = (wanted: boolean) => Object.entries(overrides).filter(([key]) => isSlot(key) === wanted);
  const parameters = parse(recipe.parameters, Object.fromEntries(pick(false)), `objective (recipe ${name})`);
  const sentence = { ...recipe.sentence(parameters), ...Object.fromEntries(pick(true)) };
  return { name, sentence: parse(sentenceSchema, sentence, `objective (recipe ${name})`), notes: recipe.notes };
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.infer<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (!result.success) throw new UserError(describeIssues(result.error.issues, where));
  return result.data;
}

export function objectiveAt(objective: Objective, signals: Signals): ObjectiveAt {
  const { resolved, values, state } = resolveSchedules(objective.sentence, signals);
  return { name: objective.name, sentence: resolved, schedules: values, scheduleState: state };
}

/** [P][G] per-token advantages of a step's groups. */
export function shapeGroups(at: ObjectiveAt, groups: readonly Group[]): ShapedRollout[][] {
  return shape(at.sentence, groups.map(samplesOf));
}

/** Schedule values and what each token rule touched, by metric key. `shaped` is what `shapeGroups` gave for these groups. */
export function objectiveMetrics(
  at: ObjectiveAt,
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
): Record<string, number> {
  return { ...at.schedules, ...shapingMetrics(at.sentence, groups.map(samplesOf), shaped) };
}

/** The loss engines differentiate, with this step's bounds. */
export function lossOf(at: ObjectiveAt): Loss {
  return stockLoss(at.sentence.surrogate);
}

export function requirementsOf({ sentence }: Objective): Requirements {
  return { entropies: sentence.rules.some((rule) => statistics[rule.statistic].needsEntropies) };
}
