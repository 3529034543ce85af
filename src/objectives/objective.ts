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
 * Where `requirementsOf(objective).currentLogprobs`, no stock loss is the sentence's: per minibatch
 *
 *   const { logprobs } = await engine.forward(datums);                        // every rollout with counted tokens
 *   const { gradients } = minibatchLoss(at.sentence, rollouts, key);          // closed form
 *   datum.weight[t] = -gradients[i][t]; datum.samplingLogprob = logprobs[i];  // ratio 1
 *   engine.forwardBackward(datums, { kind: 'importance_sampling' });
 *
 * Rollouts with an unknown verdict have no polarity: they enter no baseline, their advantages are exactly 0, and their
 * tokens count in no mean.
 */
import type { Loss } from '../core/datum.ts';
import { UserError } from '../core/errors.ts';
import type { Group } from '../core/rollout.ts';
import { parseSettings } from '../core/settings.ts';
import { hasSignal as differs } from './filters.ts';
import { isStock } from './loss.ts';
import { findRecipe } from './recipes/catalogue.ts';
import { refusalsOf, warningsOf } from './refusals.ts';
import { samplesOf } from './sample.ts';
import { resolveSchedules, type ScheduleState, type Signals, schedulesIn } from './schedule.ts';
import { type ResolvedSentence, type Sentence, sentenceSchema, slots } from './schema.ts';
import { shape } from './shape.ts';
import type { ShapedRollout } from './shaped-rollout.ts';
import { statistics } from './statistics.ts';
import { stockLoss } from './surrogates/surrogate.ts';

export { aggregationScales } from './aggregate.ts';
export { type LossResult, type LossRollout, minibatchLoss } from './loss.ts';
export type { ScheduleState, Signals } from './schedule.ts';
export { countedTokens, type ShapedRollout } from './shaped-rollout.ts';

export interface Objective {
  /** The recipe's name, or `sentence` for one written out. */
  readonly name: string;
  readonly sentence: Sentence;
  /** Departures, hypotheses and warnings worth printing when a run starts. */
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
  /** `Signals.mismatch`. */
  readonly mismatch: boolean;
  /** `forward` before each `forwardBackward`, and `minibatchLoss`: the loss is no stock loss. */
  readonly currentLogprobs: boolean;
  /** The trainer's logprobs of the step's completions before its first update (`LossRollout.oldLogprobs`). */
  readonly trainerLogprobs: boolean;
  /** A reference policy's logprobs of the step's completions (`LossRollout.referenceLogprobs`). */
  readonly referenceLogprobs: boolean;
}

/**
 * A run file's `objective`: a recipe's name (`a3po`), a recipe with parameters or replaced slots
 * (`{recipe: a3po, positiveScale: 3, aggregation: token-mean}`), or a full sentence.
 * @throws UserError naming the option, its value and what is allowed, or why a combination is impossible.
 */
export function parseObjective(choice: unknown): Objective {
  if (typeof choice === 'string') return recipeObjective(choice, {});
  if (typeof choice !== 'object' || choice === null || Array.isArray(choice))
    throw new UserError(`objective must be a recipe's name or a mapping, got ${JSON.stringify(choice)}`);
  if (!('recipe' in choice)) return checked('sentence', choice, [], 'objective');
  const { recipe: name, ...overrides } = choice;
  if (typeof name !== 'string') throw new UserError(`objective: recipe must be a name, got ${JSON.stringify(name)}`);
  return recipeObjective(name, overrides);
}

function recipeObjective(name: string, overrides: Readonly<Record<string, unknown>>): Objective {
  const recipe = findRecipe(name);
  const where = `objective (recipe ${name})`;
  const isSlot = (key: string) => Object.hasOwn(slots, key);
  const pick = (wanted: boolean) =>
    Object.fromEntries(Object.entries(overrides).filter(([key]) => isSlot(key) === wanted));
  const parameters = parseSettings(recipe.parameters, pick(false), where);
  return checked(name, { ...recipe.sentence(parameters), ...pick(true) }, recipe.notes, where);
}

function checked(name: string, value: unknown, notes: readonly string[], where: string): Objective {
  const sentence = parseSettings(sentenceSchema, value, where);
  const refusals = refusalsOf(sentence);
  if (refusals.length > 0) throw new UserError(refusals.map((reason) => `${where}: ${reason}`).join('\n'));
  return { name, sentence, notes: [...notes, ...warningsOf(sentence)] };
}

export function objectiveAt(objective: Objective, signals: Signals): ObjectiveAt {
  const { resolved, values, state } = resolveSchedules(objective.sentence, signals);
  return { name: objective.name, sentence: resolved, schedules: values, scheduleState: state };
}

/** Whether groups without signal leave the loss, so that there is a reason to sample others in their place. */
export const filtersConstantGroups = ({ sentence }: Objective): boolean =>
  sentence.filters.some(({ filter }) => filter === 'constant-groups');

/** Whether the known verdict rewards of a group differ: what the filter constant-groups keeps. */
export const hasSignal = (group: Group): boolean => differs(samplesOf(group));

/** [P][G] per-token advantages of a step's groups. */
export function shapeGroups(at: ObjectiveAt, groups: readonly Group[]): ShapedRollout[][] {
  return shape(at.sentence, groups.map(samplesOf));
}

/**
 * The stock loss engines differentiate, with this step's bounds.
 * @throws UserError for a sentence that no stock loss expresses: it needs `minibatchLoss`.
 */
export function lossOf(at: ObjectiveAt): Loss {
  const loss = stockLoss(at.sentence.surrogate);
  if (loss === undefined || !isStock(at.sentence))
    throw new UserError(
      `objective '${at.name}' needs the current log-probabilities in each update, and this run gives it none; stock objectives have surrogate ppo, cispo or importance-sampling, a token ratio, and no penalties, mismatch or covariance`,
    );
  return loss;
}

export function requirementsOf({ sentence }: Objective): Requirements {
  const schedules = new Set(schedulesIn(sentence).map(({ schedule }) => schedule));
  return {
    entropies:
      sentence.rules.some((rule) => statistics[rule.statistic].needsEntropies) ||
      (['entropy', 'entropy-switch', 'entropy-pi'] as const).some((kind) => schedules.has(kind)),
    mismatch: schedules.has('mismatch'),
    currentLogprobs: !isStock(sentence),
    trainerLogprobs: sentence.oldPolicy === 'trainer',
    referenceLogprobs: sentence.penalties.length > 0,
  };
}
