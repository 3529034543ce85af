/**
 * What a run needs of its engine, policy and task, checked before the first step: an unmet need is an error then, never a silent
 * fallback later.
 */
import { UserError } from '../core/errors.ts';
import type { Problem } from '../core/rollout.ts';
import type { Engine } from '../engine/engine.ts';
import { filtersConstantGroups, type Objective, requirementsOf } from '../objectives/objective.ts';
import { obstaclesToStaleness, obstaclesToStreaming } from '../objectives/overlap.ts';
import type { Split, Task } from '../tasks/task.ts';
import { encodePrompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { refusedChoices } from './adam.ts';
import type { RunConfig } from './config.ts';

export interface EvaluationNeeds {
  readonly config: Pick<RunConfig, 'evaluation'> & { readonly sampling: Pick<RunConfig['sampling'], 'maxTokens'> };
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
}

export interface TrainingNeeds extends EvaluationNeeds {
  readonly config: RunConfig;
  readonly objective: Objective;
  readonly reference?: Engine | undefined;
}

/** A need, and what is wrong when it is not met. */
type Need = readonly [isMet: boolean, message: string];

function refuseUnmet(needs: readonly Need[]): void {
  const unmet = needs.filter(([isMet]) => !isMet).map(([, message]) => message);
  if (unmet.length > 0) throw new UserError(unmet.join('\n'));
}

/** Of a generated task, enough to meet the longest; of files, whose prompts may have any length, all are looked at. */
const PROMPTS_LOOKED_AT = 500;

interface PromptLengths {
  readonly prompts: number;
  /** Tokens of the longest, and the problem it poses. */
  readonly longest: number;
  readonly longestId: string;
  /** Prompts longer than asked for. */
  readonly tooLong: number;
}

/** @throws UserError naming the problem whose prompt the policy cannot read */
function promptLengths(
  problems: Iterable<Problem>,
  { task, tokenizer }: EvaluationNeeds,
  limit: number,
): PromptLengths {
  let [prompts, longest, longestId, tooLong] = [0, 0, '', 0];
  for (const problem of problems) {
    const { length } = encoded(problem, task, tokenizer);
    prompts++;
    if (length > limit) tooLong++;
    if (length > longest) [longest, longestId] = [length, problem.id];
  }
  return { prompts, longest, longestId, tooLong };
}

function encoded(problem: Problem, task: Task, tokenizer: Tokenizer): Int32Array {
  try {
    return encodePrompt(tokenizer, task.prompt(problem));
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`problem ${problem.id} of ${task.name}: ${error.message}`, { cause: error });
    throw error;
  }
}

function* problemsOf(task: Task, split: Split, count: number): Generator<Problem> {
  const most = task.dataHashes === undefined ? Math.min(count, PROMPTS_LOOKED_AT) : count;
  for (let index = 0; index < Math.min(most, task.size(split)); index++) yield task.problem(split, index);
}

function promptNeed(problems: Iterable<Problem>, needs: EvaluationNeeds): Need {
  const { maxContext } = needs.engine.capabilities;
  const { maxTokens } = needs.config.sampling;
  const { prompts, longest, longestId, tooLong } = promptLengths(problems, needs, maxContext - maxTokens);
  const what = `the policy's context is ${maxContext} tokens, and ${tooLong} of ${prompts} prompts do not fit beside sampling.maxTokens (${maxTokens}), the longest ${longest} tokens (problem ${longestId})`;
  const remedy =
    maxContext > longest
      ? `sampling.maxTokens must be at most ${maxContext - longest}, got ${maxTokens}`
      : 'prompts are too long';
  const others =
    needs.task.dataHashes === undefined
      ? ''
      : '; or leave those problems out of the files (polarity data lint shows them)';
  return [tooLong === 0, `${remedy}: ${what}${others}`];
}

const evaluates = ({ atStart, atEnd, every }: RunConfig['evaluation']): boolean => atStart || atEnd || every > 0;

function evaluationNeeds(needs: EvaluationNeeds): Need[] {
  const { config, task, tokenizer, engine } = needs;
  const { evaluation } = config;
  const { capabilities } = engine;
  return [
    [
      capabilities.filteredSampling || (evaluation.topK === 0 && evaluation.topP === 1),
      'this engine cannot restrict sampling; leave evaluation.topK and evaluation.topP out',
    ],
    [
      tokenizer.vocabularySize <= capabilities.vocabularySize,
      `the tokenizer has ${tokenizer.vocabularySize} tokens, the policy ${capabilities.vocabularySize}: they do not belong together`,
    ],
    [
      !evaluates(evaluation) || evaluation.problems <= task.size('test'),
      `evaluation.problems must be at most ${task.size('test')}, the test split of ${task.name}, got ${evaluation.problems}`,
    ],
  ];
}

/** @throws UserError with one line for each need that is not met. */
export function checkEvaluation(needs: EvaluationNeeds): void {
  const problems = problemsOf(needs.task, 'test', needs.config.evaluation.problems);
  refuseUnmet([...evaluationNeeds(needs), promptNeed(problems, needs)]);
}

/** Sampling and training may overlap only where that changes nothing but time, or what it changes is corrected for. */
function overlapNeeds({ config, engine, objective }: TrainingNeeds): Need[] {
  const { stream, maxStepsOffPolicy, minibatches } = config.training;
  const isLive = engine.capabilities.snapshots === 'live';
  const off = `training.maxStepsOffPolicy must be 0, got ${maxStepsOffPolicy}`;
  return [
    ...obstaclesToStreaming(objective).map(
      (reason): Need => [!stream, `training.stream must be false with this objective: ${reason}`],
    ),
    [
      !stream || minibatches === 1 || !requirementsOf(objective).trainerLogprobs,
      `training.stream must be false with oldPolicy: trainer and training.minibatches above 1, got ${minibatches}: the trainer's log-probabilities are taken of all rollouts before the first update`,
    ],
    [
      !stream || minibatches === 1 || !isLive,
      `training.stream must be false with training.minibatches above 1 on this engine, got ${minibatches}: its samplers follow the weights, which an update would change under those still sampling`,
    ],
    ...obstaclesToStaleness(objective).map((reason): Need => [maxStepsOffPolicy === 0, `${off}: ${reason}`]),
    [
      maxStepsOffPolicy === 0 || !isLive,
      `${off}: this engine's samplers follow the weights, so nothing can be sampled while it trains`,
    ],
  ];
}

/** Problems that a run trains on, and those it measures on. */
function* posedBy({ task, config: { evaluation } }: TrainingNeeds): Generator<Problem> {
  yield* problemsOf(task, 'train', task.size('train'));
  if (evaluates(evaluation)) yield* problemsOf(task, 'test', evaluation.problems);
}

/** @throws UserError where a run file says how conversations are put, and no task poses one. */
export function checkChat({ chat }: Pick<RunConfig, 'chat'>, tasks: readonly Task[]): void {
  if (chat === undefined || tasks.some(posesConversations)) return;
  const names = tasks.map(({ name }) => name).join(', ');
  throw new UserError(`chat has no effect: the prompts of ${names} are plain text; leave it out`);
}

function posesConversations(task: Task): boolean {
  for (const split of ['train', 'test'] as const)
    for (const problem of problemsOf(task, split, task.size(split)))
      if (typeof task.prompt(problem) !== 'string') return true;
  return false;
}

/** @throws UserError with one line for each need that is not met. */
export function checkTraining(run: TrainingNeeds): void {
  const { config, task, engine, objective, reference } = run;
  const { sampling, training } = config;
  const { capabilities } = engine;
  const requirements = requirementsOf(objective);
  checkChat(config, [task]);
  refuseUnmet([
    ...evaluationNeeds(run),
    promptNeed(posedBy(run), run),
    [
      capabilities.entropies || !requirements.entropies,
      'the objective needs token entropies, which this engine does not report',
    ],
    [
      reference !== undefined || !requirements.referenceLogprobs,
      'the objective has a penalty towards a reference policy, and this run was given none',
    ],
    [
      sampling.maxBatches === 1 || filtersConstantGroups(objective),
      `sampling.maxBatches has no effect with an objective that keeps groups which agree, got ${sampling.maxBatches}: leave it out, or give the objective the filter constant-groups (recipe dapo has it)`,
    ],
    ...overlapNeeds(run),
    [
      capabilities.temperature || sampling.temperature === 1,
      `sampling.temperature must be 1 with this engine, got ${sampling.temperature}: it trains at temperature 1 only`,
    ],
    ...refusedChoices(training, capabilities).map(
      ({ name, asked, fixed }): Need => [
        false,
        `training.${name} must be ${fixed} with this engine, which takes no other value, got ${asked}`,
      ],
    ),
    [
      training.problemsPerStep <= task.size('train'),
      `training.problemsPerStep must be at most ${task.size('train')}, the train split of ${task.name}, got ${training.problemsPerStep}`,
    ],
  ]);
}
