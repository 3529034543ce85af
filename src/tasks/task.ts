/**
 * The Task seam: poses problems, renders prompts, verifies completions, can prove that its own gold answers pass.
 * A task knows nothing of tokens, engines or training.
 */
import type { JsonObject } from '../core/json.ts';
import type { RandomStream } from '../core/random.ts';
import type { Problem, Prompt, Verdict } from '../core/rollout.ts';

/** `test` problems are never trained on; splits are disjoint. */
export type Split = 'train' | 'test';

export interface Task {
  readonly name: string;
  /** Problems in a split. */
  size(split: Split): number;
  /** Problem number `index` in [0, size); the same index is the same problem for the same task settings. */
  problem(split: Split, index: number): Problem;
  /** What the policy is shown. */
  prompt(problem: Problem): Prompt;
  /** A completion that `verify` calls correct; `undefined` where the problem comes without one (code with tests only). */
  gold(problem: Problem): string | undefined;
  /** Never throws on any text: malformed output is incorrect, with an explanation. */
  verify(problem: Problem, completion: string): Verdict | Promise<Verdict>;
  /** Every character that prompts, golds and demonstrations can contain, for a character tokenizer; absent for tasks in natural language. */
  readonly alphabet?: string;
  /**
   * What decides an evaluation's numbers beside the problems' ids, prompts and golds, e.g. `{ data: { sha256, rows }, template: { sha256 },
   * verifier: { name, version, settings } }`. Two evaluations may be compared only if these agree, each difference is named by its path.
   */
  readonly protocol?: JsonObject;
  /** Files the problems were read from -> SHA-256, hex, for the manifest. */
  readonly dataHashes?: Readonly<Record<string, string>>;
  /** What was noticed and left out while the task was made, for whoever starts a run. */
  readonly notes?: readonly string[];
  /** A deliberately imperfect solution trace, for pretraining a base policy. */
  demonstration?(problem: Problem, random: RandomStream): string;
}
