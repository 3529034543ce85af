/**
 * What must hold in every step, measured: whole groups, honest policy versions, stop tokens, text that is its tokens, advantages that cancel.
 * These metrics are what the health checks of the same names judge.
 *
 * Dimensions: P groups, G rollouts of a group, T completion tokens.
 */
import type { GradedRollout, Group } from '../core/rollout.ts';
import type { Objective, ShapedRollout } from '../objectives/objective.ts';
import { sumsToZero } from '../objectives/promises.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { RunConfig } from './config.ts';
import { type Metrics, present, share } from './metrics.ts';
import { spread } from './probe.ts';

/** At most so many completions of a step are encoded again, of together at most so many tokens. */
const ENCODED_AGAIN = { completions: 16, tokens: 16_384 };

export interface StepFacts {
  readonly sampled: readonly Group[];
  /** Those trained on, and [P][G] what was made of them. */
  readonly groups: readonly Group[];
  readonly shaped: readonly (readonly ShapedRollout[])[];
  /** The trainer's before the step's updates. */
  readonly policyVersion: number;
}

export interface RunFacts {
  readonly config: Pick<RunConfig, 'sampling' | 'training'>;
  readonly objective: Objective;
  readonly tokenizer: Tokenizer;
}

/** A function of the step alone; keys are always there unless there is nothing to measure. */
export function invariantMetrics(
  { config, objective, tokenizer }: RunFacts,
  { sampled, groups, shaped, policyVersion }: StepFacts,
): Metrics {
  const rollouts = sampled.flatMap((group) => group.rollouts);
  const shareOf = (isFault: (rollout: GradedRollout) => boolean) =>
    share(rollouts.filter(isFault).length, rollouts.length);
  const { maxStepsOffPolicy, minibatches } = config.training;
  const oldest = policyVersion - maxStepsOffPolicy * minibatches;
  const visible = new Map<number, boolean>();
  return present({
    'rollout/broken_groups': sampled.filter((group) => !isWhole(group, config.sampling.groupSize)).length,
    'rollout/version_fault_frac': shareOf(
      ({ completion }) => completion.policyVersion > policyVersion || completion.policyVersion < oldest,
    ),
    'rollout/stop_fault_frac': shareOf((rollout) => endsWrongly(rollout, tokenizer)),
    'rollout/hidden_tokens_frac': hiddenShare(rollouts, tokenizer, visible),
    'rollout/round_trip_fault_frac': roundTripFaults(rollouts, tokenizer),
    'objective/advantage_imbalance/max': sumsToZero(objective.sentence) ? largestImbalance(groups, shaped) : undefined,
  });
}

function isWhole({ problem, rollouts }: Group, groupSize: number): boolean {
  const prompt = rollouts[0]?.promptTokens ?? new Int32Array(0);
  const isOfGroup = (rollout: GradedRollout) =>
    rollout.problem.id === problem.id &&
    rollout.promptTokens.length === prompt.length &&
    rollout.promptTokens.every((token, i) => token === prompt[i]);
  return rollouts.length === groupSize && rollouts.every(isOfGroup);
}

/** `stop` without a stop token at the end, `length` with one, or one before the end. */
function endsWrongly({ completion: { tokens, stopReason } }: GradedRollout, { stopTokens }: Tokenizer): boolean {
  const first = tokens.findIndex((token) => stopTokens.includes(token));
  return stopReason === 'stop' ? first !== tokens.length - 1 || first < 0 : first >= 0;
}

/** Share of the tokens that leave no text, stop tokens at the end aside: the policy is trained on them, the verifier cannot see them. */
function hiddenShare(
  rollouts: readonly GradedRollout[],
  tokenizer: Tokenizer,
  isVisible: Map<number, boolean>,
): number | undefined {
  let [hidden, all] = [0, 0];
  for (const { completion } of rollouts) {
    const end = completion.tokens.length - (completion.stopReason === 'stop' ? 1 : 0);
    all += end;
    for (let t = 0; t < end; t++) {
      const token = completion.tokens[t] ?? 0;
      let seen = isVisible.get(token);
      if (seen === undefined) {
        // twice, since some decoders leave out one space at the beginning
        seen = tokenizer.decode([token, token]) !== '';
        isVisible.set(token, seen);
      }
      if (!seen) hidden += 1;
    }
  }
  return share(hidden, all);
}

/** Of completions spread over the step, the share whose text is not what their tokens say, or does not come back from being encoded. */
function roundTripFaults(rollouts: readonly GradedRollout[], tokenizer: Tokenizer): number | undefined {
  let [faults, seen, tokens] = [0, 0, 0];
  for (const place of spread(rollouts.length, ENCODED_AGAIN.completions)) {
    const rollout = rollouts[place];
    const length = rollout?.completion.tokens.length ?? 0;
    if (rollout === undefined || tokens + length > ENCODED_AGAIN.tokens) continue;
    tokens += length;
    seen += 1;
    if (!comesBack(rollout, tokenizer)) faults += 1;
  }
  return share(faults, seen);
}

function comesBack({ text, completion: { tokens, stopReason } }: GradedRollout, tokenizer: Tokenizer): boolean {
  if (tokenizer.decode(stopReason === 'stop' ? tokens.subarray(0, -1) : tokens) !== text) return false;
  try {
    return tokenizer.decode(tokenizer.encode(text)) === text;
  } catch {
    return false;
  }
}

/** Advantages that are smaller on average come of rewards that differ by rounding (0.1 + 0.2 and 0.3), and cancel no better than that. */
const NEGLIGIBLE = 1e-5;

/** max over groups of |sum of A| / sum of |A|, A before sample weights and token rules; near 0 where all are next to 0. */
function largestImbalance(groups: readonly Group[], shaped: readonly (readonly ShapedRollout[])[]): number | undefined {
  const imbalances = groups.flatMap(({ rollouts }, p) => {
    const own = shaped[p] ?? [];
    // a group that was sampled with size one has nobody to cancel with
    if (rollouts.length < 2) return [];
    const magnitude = own.reduce((sum, { baseAdvantage }) => sum + Math.abs(baseAdvantage), 0);
    const total = own.reduce((sum, { baseAdvantage }) => sum + baseAdvantage, 0);
    return [Math.abs(total) / Math.max(magnitude, NEGLIGIBLE * rollouts.length)];
  });
  // not Math.max: NaN must not vanish behind a larger number, nor may many groups overflow its arguments
  return imbalances.reduce<number | undefined>((a, b) => (a === undefined || !(b <= a) ? b : a), undefined);
}
