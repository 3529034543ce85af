/**
 * Measures the policy on held-out problems at the start, the end and in between, always on the same problems with the same draws, so
 * that evaluations of a run differ by the weights alone.
 */
import { childKey, type RandomKey, randomKey } from '../core/random.ts';
import type { Sampler } from '../engine/engine.ts';
import { evaluate } from '../evaluate/evaluate.ts';
import type { Evaluation } from '../evaluate/evaluation.ts';
import { evaluationMetrics } from '../evaluate/evaluation-metrics.ts';
import type { EvaluationLine } from '../journal/schema.ts';
import type { TruncatedPolicy } from '../rollout/grade.ts';
import type { RollOutProgress, Watch } from '../rollout/roll-out.ts';
import type { Task } from '../tasks/task.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { TrainState } from './checkpoint-state.ts';
import type { EvaluationSettings, RunConfig } from './config.ts';
import type { TrainingRun } from './run.ts';

/** What an evaluation is made of beside its settings. */
export interface EvaluationParts {
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  readonly sampler: Sampler;
  readonly seed: number;
  readonly maxTokens: number;
  readonly concurrency: number;
  readonly truncated: TruncatedPolicy;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RollOutProgress) => void;
  readonly watch?: Watch;
}

/** The draws of every evaluation of a run, so that its evaluations differ by the weights alone. */
export const evaluationKey = (seed: number): RandomKey => childKey(randomKey(seed), 'evaluation');

/** The first `problems` of the test split. */
export function evaluatePolicy(settings: EvaluationSettings, { seed, ...parts }: EvaluationParts): Promise<Evaluation> {
  const { problems, samples, temperature, topK, topP, passAt } = settings;
  return evaluate({
    ...parts,
    split: 'test',
    problemIndices: Array.from({ length: problems }, (_, index) => index),
    samples,
    temperature,
    topK,
    topP,
    passAt,
    key: evaluationKey(seed),
  });
}

export function isEvaluationDue({ evaluation, training }: RunConfig, { step, evaluated }: TrainState): boolean {
  if (evaluated === step) return false;
  if (step === 0) return evaluation.atStart;
  if (step >= training.steps) return evaluation.atEnd;
  return evaluation.every > 0 && step % evaluation.every === 0;
}

/** One line of evaluations.jsonl. */
export function evaluationLine(step: number, evaluation: Evaluation): EvaluationLine {
  const { protocol, policyVersion, problems } = evaluation;
  const name = `${protocol.task}/${protocol.split}`;
  return { step, policyVersion, name, protocol: { ...protocol }, ...evaluationMetrics(evaluation), problems };
}

/** The state unchanged when none is due, or when the run was told to stop: a broken-off evaluation leaves no line. */
export async function evaluateIfDue(run: TrainingRun, state: TrainState): Promise<TrainState> {
  if (!isEvaluationDue(run.config, state) || run.stop.aborted) return state;
  const { config, task, tokenizer, engine } = run;
  let found: Evaluation;
  try {
    found = await evaluatePolicy(config.evaluation, {
      ...config.sampling,
      task,
      tokenizer,
      seed: config.seed,
      sampler: await engine.sampler(),
      signal: run.stop,
      ...(run.watch === undefined ? {} : { watch: run.watch }),
      onProgress: ({ rollouts: done, rolloutsPlanned: planned }) =>
        run.report({ kind: 'progress', doing: 'evaluating', done, planned }),
    });
  } catch (error) {
    if (run.stop.aborted && error === run.stop.reason) return state;
    throw error;
  }
  const line = evaluationLine(state.step, found);
  run.journal.evaluation(line);
  run.report({ kind: 'evaluation', line });
  return { ...state, evaluated: state.step, first: state.first ?? found, last: found };
}
