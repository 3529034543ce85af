/**
 * Pretraining: cross-entropy on a task's demonstrations, fresh ones each step. Makes the imperfect base policy that reinforcement
 * learning improves. Knows neither which engine nor which task. The loss counts completion tokens alone.
 */
import type { Datum } from '../core/datum.ts';
import { UserError } from '../core/errors.ts';
import { childKey, type RandomKey, RandomStream, randomKey } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import type { Task } from '../tasks/task.ts';
import { encodePrompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { toDatum } from './datums.ts';
import { learningRateAt } from './learning-rate.ts';
import type { PretrainConfig } from './pretrain-config.ts';

/** A demonstration as tokens. */
export interface Example {
  readonly prompt: Int32Array;
  /** Ends with the stop token. */
  readonly completion: Int32Array;
}

export interface PretrainStep {
  /** Steps taken, this one included. */
  readonly step: number;
  /** Mean over the batch's completion tokens, in nats. */
  readonly lossPerToken: number;
  /** Absent when the engine does not say. */
  readonly gradNorm?: number;
  readonly learningRate: number;
  /** Tokens of the batch, prompts included. */
  readonly tokens: number;
}

export interface PretrainRun {
  readonly config: Pick<PretrainConfig, 'seed' | 'training'>;
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
  readonly report: (step: PretrainStep) => void;
  readonly stop: AbortSignal;
}

/** Trains to the end, or until told to stop; returns the steps taken. @throws UserError when the task has no demonstrations. */
export async function pretrain(run: PretrainRun): Promise<number> {
  const { config, engine, report, stop } = run;
  const { training } = config;
  const batchAt = batches(run);
  for (let step = 0; step < training.steps; step++) {
    if (stop.aborted) return step;
    const batch = batchAt(step);
    const completionTokens = batch.reduce((sum, { completion }) => sum + completion.length, 0);
    const data = batch.map((example) => exampleDatum(example, 1 / completionTokens));
    const learningRate = learningRateAt(training, step, training.steps);
    const { loss } = await engine.forwardBackward(data, { kind: 'cross_entropy' });
    const { gradNorm } = await engine.optimStep({ ...training, learningRate });
    const tokens = data.reduce((sum, { input }) => sum + input.length, 0);
    report({ step: step + 1, lossPerToken: loss, ...(gradNorm !== undefined && { gradNorm }), learningRate, tokens });
  }
  return training.steps;
}

function exampleDatum({ prompt, completion }: Example, weight: number): Datum {
  const weights = new Float32Array(completion.length).fill(weight);
  return toDatum(prompt, completion, weights, new Float32Array(completion.length));
}

/** The batch of a step, a function of the seed alone. Pools of `lengthPool` batches are sorted by length, then met in random order. */
export function batches({
  config,
  task,
  tokenizer,
}: Pick<PretrainRun, 'config' | 'task' | 'tokenizer'>): (step: number) => Example[] {
  const { batchSize, lengthPool } = config.training;
  const key = childKey(randomKey(config.seed), 'pretrain');
  let current = { pool: -1, batches: [] as Example[][] };
  return (step) => {
    const pool = Math.floor(step / lengthPool);
    if (pool !== current.pool) {
      const first = pool * lengthPool * batchSize;
      const examples = Array.from({ length: lengthPool * batchSize }, (_, i) =>
        example(task, tokenizer, childKey(key, first + i)),
      );
      if (lengthPool > 1) examples.sort((a, b) => lengthOf(a) - lengthOf(b));
      const cut = Array.from({ length: lengthPool }, (_, i) => examples.slice(i * batchSize, (i + 1) * batchSize));
      current = { pool, batches: new RandomStream(childKey(key, 'order', pool)).shuffle(cut) };
    }
    return current.batches[step % lengthPool] ?? [];
  };
}

const lengthOf = ({ prompt, completion }: Example): number => prompt.length + completion.length;

function example(task: Task, tokenizer: Tokenizer, key: RandomKey): Example {
  if (!task.demonstration)
    throw new UserError(`task ${task.name} has no demonstrations to pretrain on; choose another task`);
  const random = new RandomStream(key);
  const problem = task.problem('train', random.integer(0, task.size('train') - 1));
  const text = tokenizer.encode(task.demonstration(problem, random));
  return {
    prompt: encodePrompt(tokenizer, task.prompt(problem)),
    completion: Int32Array.of(...text, tokenizer.stopToken),
  };
}
