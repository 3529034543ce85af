/**
 * What the health checks look at beside a step's own metrics: values over those of the run's first steps, and steps in a row.
 */
import { ENTROPY_FLOOR, FIRST_STEPS, MISMATCH_FLOOR, SOLVED } from '../journal/glossary/checks.ts';
import type { HealthState } from './health-state.ts';
import type { Metrics } from './metrics.ts';

const ENTROPY = 'policy/entropy_nats/mean';
const MISMATCH = 'policy/mismatch_nats/mean';

/** Absent where the step is off-policy: then sampler and trainer differ by the updates between them too. */
const onPolicyMismatch = (metrics: Metrics): number | undefined =>
  metrics['loss/first_ratio_deviation/max'] === undefined ? undefined : metrics[MISMATCH];

/** Counted before the checks are judged: `refused` and `idle` include this step. */
export function counted(metrics: Metrics, refusals: number, state: HealthState): HealthState {
  const isIdle = metrics['optim/steps'] === 0 && refusals === 0;
  return {
    ...state,
    first: withFirst(state.first, ENTROPY, metrics[ENTROPY]),
    // a step without anything to apply says nothing about gradients
    refused: refusals > 0 ? state.refused + 1 : isIdle ? state.refused : 0,
    idle: isIdle ? state.idle + 1 : 0,
  };
}

/** Remembered afterwards: a mismatch counts only where the sampler had the trainer's weights. */
export function remembered(metrics: Metrics, hasWeights: boolean, state: HealthState): HealthState {
  const mismatch = onPolicyMismatch(metrics);
  if (mismatch === undefined || !Number.isFinite(mismatch) || !hasWeights) return state;
  return { ...state, agreement: mismatch, first: withFirst(state.first, MISMATCH, mismatch) };
}

function withFirst(first: HealthState['first'], key: string, value: number | undefined): HealthState['first'] {
  const { sum, count } = first[key] ?? { sum: 0, count: 0 };
  if (value === undefined || !Number.isFinite(value) || count >= FIRST_STEPS) return first;
  return { ...first, [key]: { sum: sum + value, count: count + 1 } };
}

/** By the names of `checks.ts`; absent where there is nothing to compare. @param state after `counted` */
export function derivedMeasures(
  metrics: Metrics,
  state: HealthState,
  isExact: boolean,
): Readonly<Record<string, number | undefined>> {
  const mismatch = onPolicyMismatch(metrics);
  const firstEntropy = meanOf(state, ENTROPY);
  const unknown = metrics['rollout/unknown_frac'];
  const floored = (nats: number) => Math.max(nats, MISMATCH_FLOOR);
  return {
    ungraded_frac: unknown === undefined ? undefined : unknown - (metrics['rollout/unknown_frac/truncated'] ?? 0),
    entropy_kept: (metrics['rollout/pass_rate'] ?? 0) < SOLVED ? over(metrics[ENTROPY], firstEntropy) : undefined,
    entropy_ratio: over(metrics[ENTROPY], firstEntropy && Math.max(firstEntropy, ENTROPY_FLOOR)),
    first_mismatch_nats: mismatch,
    exact_ratio_deviation: isExact ? metrics['loss/first_ratio_deviation/max'] : undefined,
    mismatch_jump: over(mismatch, state.agreement === undefined ? undefined : floored(state.agreement)),
    mismatch_ratio: over(mismatch, floored(meanOf(state, MISMATCH) ?? mismatch ?? 0)),
    refused_steps: state.refused,
    idle_steps: state.idle,
    non_finite_metrics: Object.entries(metrics).filter(([, value]) => !Number.isFinite(value)).length,
  };
}

function meanOf({ first }: HealthState, key: string): number | undefined {
  const { sum, count } = first[key] ?? { sum: 0, count: 0 };
  return count > 0 ? sum / count : undefined;
}

/** Nothing is compared with 0: a policy that began without entropy has none to lose. */
const over = (value: number | undefined, reference: number | undefined): number | undefined =>
  value === undefined || reference === undefined || reference === 0 ? undefined : value / reference;
