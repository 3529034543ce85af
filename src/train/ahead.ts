/**
 * Batches that were sampled ahead of their step, as files of a checkpoint: `ahead/step-000013.parquet`, in the format of the journal's
 * rollouts. The policies that sampled them are gone when the run goes on, so what a checkpoint lacks could not be had again.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../core/errors.ts';
import { randomKey } from '../core/random.ts';
import type { GradedRollout, Group, Problem } from '../core/rollout.ts';
import { stepName, stepOf } from '../journal/names.ts';
import { RolloutFile, type RolloutRow, writeRollouts } from '../journal/rollout-file.ts';
import { problemsDrawn, type TrainState } from './checkpoint-state.ts';
import { problemOrder } from './order.ts';
import { rolloutRows } from './rollout-rows.ts';
import type { TrainingRun } from './run.ts';
import { sampledStep } from './sample-step.ts';
import type { SampledAhead } from './sampled.ts';

const FOLDER = 'ahead';
const ENDING = '.parquet';

/** @throws UserError when the disk refuses. */
export async function writeAhead(
  directory: string,
  run: Pick<TrainingRun, 'task' | 'tokenizer'>,
  ahead: readonly SampledAhead[],
): Promise<void> {
  if (ahead.length === 0) return;
  await mkdir(join(directory, FOLDER), { recursive: true });
  for (const { step, sampled } of ahead) {
    const path = join(directory, FOLDER, `${stepName(step + 1)}${ENDING}`);
    await writeRollouts(path, rolloutRows(step + 1, run, sampled, [], new Map()), []);
  }
}

/**
 * Those of a verified checkpoint, in order.
 * @throws UserError when the task does not pose the problems any more that were sampled.
 */
export async function readAhead(
  directory: string,
  run: Pick<TrainingRun, 'config' | 'task'>,
  state: TrainState,
): Promise<SampledAhead[]> {
  const names = await readdir(join(directory, FOLDER)).catch((): string[] => []);
  const steps = names.flatMap((name) => stepOf(name.slice(0, -ENDING.length)) ?? []).sort((a, b) => a - b);
  const ahead: SampledAhead[] = [];
  let problems = problemsDrawn(state, run.config.training.problemsPerStep);
  for (const step of steps) {
    const path = join(directory, FOLDER, `${stepName(step)}${ENDING}`);
    const sampled = sampledStep(run.config, groupsOf(await readRows(path), run, problems, path), problems);
    ahead.push({ step: step - 1, sampled });
    problems = sampled.problems;
  }
  return ahead;
}

async function readRows(path: string): Promise<RolloutRow[]> {
  const file = await RolloutFile.open(path);
  try {
    return await file.read();
  } finally {
    await file.close();
  }
}

/** @param before problems drawn before the batch: which problems these are is a function of the seed and this */
function groupsOf(
  rows: readonly RolloutRow[],
  { config, task }: Pick<TrainingRun, 'config' | 'task'>,
  before: number,
  path: string,
): Group[] {
  const order = problemOrder(randomKey(config.seed), task.size('train'));
  const count = (rows.at(-1)?.group ?? -1) + 1;
  const problems = order.problems(before, count).map((index) => task.problem('train', index));
  return problems.map((problem, p): Group => {
    const members = rows.filter(({ group }) => group === p);
    const other = members.find(({ problemId }) => problemId !== problem.id);
    if (other !== undefined)
      throw new UserError(
        `${path} holds rollouts of problem ${other.problemId} where ${task.name} poses ${problem.id}: the task or the seed has changed since; restore them`,
      );
    return { problem, rollouts: members.map((row) => rolloutOf(row, problem)) };
  });
}

function rolloutOf(row: RolloutRow, problem: Problem): GradedRollout {
  const { promptTokens, tokens, logprobs, entropies, stopReason, policyVersion, completion: text, verdict } = row;
  const completion = { tokens, logprobs, entropies, stopReason, policyVersion };
  return { problem, promptTokens, completion, text, verdict };
}
