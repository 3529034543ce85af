/**
 * Problems -> graded groups: prompts are tokenized once, sampled with bounded concurrency, decoded and verified, others being sampled
 * meanwhile. Knows nothing of training or engines beyond a frozen Sampler.
 *
 * Every draw is keyed by the problem, never by time, so the result is the same, byte for byte, at any concurrency.
 *
 * Dimensions: P problems, G rollouts of one problem.
 */
import { UserError } from '../core/errors.ts';
import { childKey, type RandomKey } from '../core/random.ts';
import type { Completion, GradedRollout, Group, Problem, Rollout } from '../core/rollout.ts';
import type { Sampler } from '../engine/engine.ts';
import type { Split, Task } from '../tasks/task.ts';
import { encodePrompt } from '../text/prompt.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import { throughStages, type Underway } from './bounded.ts';
import { grade, type TruncatedPolicy } from './grade.ts';
import { Slots } from './slots.ts';

/** Bounds on problems in flight: a verifier that is slow holds no slot of the sampler. */
export interface Concurrency {
  readonly sampling: Slots;
  readonly verifying: Slots;
}

/** As many of each. */
export const concurrencyOf = (problems: number): Concurrency => ({
  sampling: new Slots(problems),
  verifying: new Slots(problems),
});

/** Told what is being waited for and until when, so that a hang can be named. */
export type Watch = <Result>(what: string, work: () => Promise<Result>) => Promise<Result>;

export const unwatched: Watch = (_, work) => work();

export interface RollOutSettings {
  readonly task: Task;
  readonly split: Split;
  /** [P] in the order of the result. An index may come more than once: each occurrence is sampled with its own key. */
  readonly problemIndices: readonly number[];
  readonly tokenizer: Tokenizer;
  readonly sampler: Sampler;
  /** Rollouts of each problem. */
  readonly groupSize: number;
  readonly maxTokens: number;
  readonly temperature: number;
  /** Default 0: all tokens. */
  readonly topK?: number;
  /** Default 1: all tokens. */
  readonly topP?: number;
  /** One key a step or evaluation: equal keys give equal rollouts. */
  readonly key: RandomKey;
  /** Problems sampled at once, and verified at once; slots may be shared with other roll-outs. More keep a batching engine's rows full. */
  readonly concurrency: number | Concurrency;
  /** What a completion cut off at `maxTokens` is worth. Default `incorrect`: it did not finish, whatever stands in it. */
  readonly truncated?: TruncatedPolicy;
  /** Once aborted no further problem is begun, and the promise rejects with the signal's reason when those in flight are done. */
  readonly signal?: AbortSignal | undefined;
  /** After each finished problem, in order of finishing. */
  readonly onProgress?: (progress: RollOutProgress) => void;
  readonly watch?: Watch;
}

export interface RollOutProgress {
  readonly rollouts: number;
  /** Of all problems. */
  readonly rolloutsPlanned: number;
  readonly completionTokens: number;
}

/**
 * [P] groups of [G], in the order of `problemIndices`.
 * @throws UserError naming the problem when its prompt cannot be tokenized or does not fit the context.
 */
export async function rollOut(settings: RollOutSettings): Promise<Group[]> {
  return beginRollOut(settings).all;
}

/** The same, group by group. */
export function beginRollOut(settings: RollOutSettings): Underway<Group> {
  checkSettings(settings);
  const { problemIndices, groupSize, concurrency, signal, onProgress } = settings;
  const { sampling, verifying } = typeof concurrency === 'number' ? concurrencyOf(concurrency) : concurrency;
  const occurrences = occurrenceNumbers(problemIndices);
  let rollouts = 0;
  let completionTokens = 0;
  const sample = (index: number, position: number) =>
    sampleProblem(settings, index, childKey(settings.key, index, occurrences[position] ?? 0));
  const verify = async (sampled: SampledProblem) => {
    const group = await gradeProblem(settings, sampled);
    rollouts += group.rollouts.length;
    completionTokens += group.rollouts.reduce((sum, { completion }) => sum + completion.tokens.length, 0);
    onProgress?.({ rollouts, rolloutsPlanned: problemIndices.length * groupSize, completionTokens });
    return group;
  };
  return throughStages(problemIndices, signal, { slots: sampling, work: sample }, { slots: verifying, work: verify });
}

interface SampledProblem {
  readonly problem: Problem;
  readonly rollouts: readonly Rollout[];
}

async function sampleProblem(settings: RollOutSettings, index: number, key: RandomKey): Promise<SampledProblem> {
  const { task, split, tokenizer, watch = unwatched } = settings;
  const problem = task.problem(split, index);
  const { promptTokens, completions } = await watch(`completions of ${problem.id}`, () =>
    samplePrompt(settings, problem, key),
  );
  const rollouts = completions.map(
    (completion): Rollout => ({ problem, promptTokens, completion, text: textOf(completion, tokenizer) }),
  );
  return { problem, rollouts };
}

async function gradeProblem(settings: RollOutSettings, { problem, rollouts }: SampledProblem): Promise<Group> {
  const { task, truncated = 'incorrect', watch = unwatched } = settings;
  const verdictOf = (rollout: Rollout, i: number) =>
    watch(`verdict ${i} of ${problem.id}`, () => grade(task, rollout, truncated));
  const graded = rollouts.map(
    async (rollout, i): Promise<GradedRollout> => ({ ...rollout, verdict: await verdictOf(rollout, i) }),
  );
  return { problem, rollouts: await Promise.all(graded) };
}

async function samplePrompt(settings: RollOutSettings, problem: Problem, key: RandomKey) {
  const { task, tokenizer, sampler, groupSize, maxTokens, temperature, topK = 0, topP = 1 } = settings;
  try {
    const promptTokens = encodePrompt(tokenizer, task.prompt(problem));
    const completions = await sampler.sample({
      prompt: promptTokens,
      count: groupSize,
      maxTokens,
      temperature,
      topK,
      topP,
      stopTokens: tokenizer.stopTokens,
      key,
    });
    return { promptTokens, completions };
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(`problem ${problem.id} of ${task.name}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Without the stop token, which is no part of the text. */
function textOf({ tokens, stopReason }: Completion, tokenizer: Tokenizer): string {
  return tokenizer.decode(stopReason === 'stop' ? tokens.subarray(0, -1) : tokens);
}

/** [7, 3, 7] -> [0, 0, 1] */
function occurrenceNumbers(indices: readonly number[]): number[] {
  const seen = new Map<number, number>();
  return indices.map((index) => {
    const before = seen.get(index) ?? 0;
    seen.set(index, before + 1);
    return before;
  });
}

function checkSettings({ task, split, problemIndices, groupSize, concurrency }: RollOutSettings): void {
  const counts = { groupSize, ...(typeof concurrency === 'number' ? { concurrency } : {}) };
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1) throw new UserError(`${name} must be a positive integer, got ${count}`);
  }
  const size = task.size(split);
  const outside = problemIndices.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
  if (outside !== undefined) {
    throw new UserError(`${task.name} has ${size} ${split} problems (0 to ${size - 1}), there is no number ${outside}`);
  }
}
