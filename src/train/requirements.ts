/**
 * What a run needs of its engine, policy and task, checked before the first step: an unmet need is an error then, never a silent
 * fallback later.
 */
import { UserError } from '../core/errors.ts';
import { adamConflicts } from '../engine/checks.ts';
import type { Engine } from '../engine/engine.ts';
import { filtersConstantGroups, type Objective, requirementsOf } from '../objectives/objective.ts';
import type { Task } from '../tasks/task.ts';
import { encodePrompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
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

/** Enough to meet the longest of a generated task, few enough to be read in a moment. */
const PROMPTS_LOOKED_AT = 500;

/** Tokens of the longest prompt among the first of both splits. */
function longestPrompt({ task, tokenizer }: EvaluationNeeds): number {
  const lengths = (['train', 'test'] as const).flatMap((split) =>
    Array.from({ length: Math.min(task.size(split), PROMPTS_LOOKED_AT) }, (_, index) => {
      return encodePrompt(tokenizer, task.prompt(task.problem(split, index))).length;
    }),
  );
  return Math.max(0, ...lengths);
}

function evaluationNeeds(needs: EvaluationNeeds): Need[] {
  const { config, task, tokenizer, engine } = needs;
  const { sampling, evaluation } = config;
  const prompt = longestPrompt(needs);
  const { capabilities } = engine;
  const evaluates = evaluation.atStart || evaluation.atEnd || evaluation.every > 0;
  return [
    [
      capabilities.filteredSampling || (evaluation.topK === 0 && evaluation.topP === 1),
      'this engine cannot restrict sampling; leave evaluation.topK and evaluation.topP out',
    ],
    [
      prompt + sampling.maxTokens <= capabilities.maxContext,
      `sampling.maxTokens must be at most ${capabilities.maxContext - prompt}, got ${sampling.maxTokens}: the policy's context is ${capabilities.maxContext} tokens and prompts take up to ${prompt}`,
    ],
    [
      tokenizer.vocabularySize <= capabilities.vocabularySize,
      `the tokenizer has ${tokenizer.vocabularySize} tokens, the policy ${capabilities.vocabularySize}: they do not belong together`,
    ],
    [
      !evaluates || evaluation.problems <= task.size('test'),
      `evaluation.problems must be at most ${task.size('test')}, the test split of ${task.name}, got ${evaluation.problems}`,
    ],
  ];
}

/** @throws UserError with one line for each need that is not met. */
export function checkEvaluation(needs: EvaluationNeeds): void {
  refuseUnmet(evaluationNeeds(needs));
}

/** @throws UserError with one line for each need that is not met. */
export function checkTraining(run: TrainingNeeds): void {
  const { config, task, engine, objective, reference } = run;
  const { sampling, training } = config;
  const { capabilities } = engine;
  const requirements = requirementsOf(objective);
  refuseUnmet([
    ...evaluationNeeds(run),
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
    [
      capabilities.temperature || sampling.temperature === 1,
      `sampling.temperature must be 1 with this engine, got ${sampling.temperature}: it trains at temperature 1 only`,
    ],
    ...[...adamConflicts(training, capabilities.fixedAdam)].map(
      ([name, { asked, fixed }]): Need => [
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
