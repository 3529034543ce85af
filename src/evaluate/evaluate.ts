/**
 * A frozen policy on a task's problems -> an evaluation. Knows nothing of training.
 */
import { UserError } from '../core/errors.ts';
import type { Group } from '../core/rollout.ts';
import { type RollOutSettings, rollOut } from '../rollout/roll-out.ts';
import { checkKs, type Evaluation, summarise } from './evaluation.ts';
import { goldsSha256, type Protocol, problemsSha256 } from './protocol.ts';

export interface EvaluateSettings extends Omit<RollOutSettings, 'groupSize'> {
  /** Completions of each problem: n. */
  readonly samples: number;
  /** k of the pass@k to report, each at most `samples`. */
  readonly passAt: readonly number[];
  /** k of the maj@k to report, each at most `samples`. Default: `samples`. Without effect where the task's verifier gives no normal forms of answers. */
  readonly majorityAt?: readonly number[] | undefined;
}

/**
 * The same settings and weights give the same evaluation at any concurrency.
 * @throws UserError when a k exceeds `samples`, a problem comes twice, or a prompt does not fit.
 */
export async function evaluate(settings: EvaluateSettings): Promise<Evaluation> {
  const { samples, passAt, majorityAt = [samples], ...rollout } = settings;
  const { task, split, problemIndices, sampler, temperature, topK = 0, topP = 1, maxTokens, truncated, key } = rollout;
  const ks = { passAt, majorityAt };
  checkKs(ks, samples, problemIndices.length);
  if (new Set(problemIndices).size < problemIndices.length) {
    throw new UserError('an evaluation poses each problem once: raise samples instead of repeating indices');
  }
  const groups = await rollOut({ ...rollout, groupSize: samples });
  const protocol: Protocol = {
    task: task.name,
    split,
    problems: groups.length,
    problemsSha256: problemsSha256(groups),
    goldsSha256: goldsSha256(task, groups),
    ...aboutOf(settings, groups),
    samples,
    temperature,
    topK,
    topP,
    maxTokens,
    truncated: truncated ?? 'incorrect',
    key,
  };
  return summarise(groups, { protocol, policyVersion: sampler.policyVersion, ...ks });
}

/** What the task says of itself, and how its conversations were put to the policy. */
function aboutOf({ task, tokenizer }: EvaluateSettings, groups: readonly Group[]): Pick<Protocol, 'about'> {
  const isChat = groups.some(({ problem }) => typeof task.prompt(problem) !== 'string');
  const chat = isChat && tokenizer.chat !== undefined ? { chat: tokenizer.chat.protocol } : {};
  const about = { ...task.protocol, ...chat };
  return Object.keys(about).length === 0 ? {} : { about };
}
