/**
 * Warnings about a run that is going wrong while its numbers still look fine. Edge-triggered: each speaks once when its condition
 * begins and again only after it has passed. The state is a few numbers that travel in checkpoints, so a resumed run warns alike.
 */
import { z } from 'zod';
import { EngineError } from '../core/errors.ts';
import type { EventLine } from '../journal/schema.ts';
import type { Metrics } from './metrics.ts';

export const canaryStateSchema = z.object({
  /** Mean token entropy of the first step that had one, in nats. */
  firstEntropy: z.number().optional(),
  /** Kinds whose condition holds. */
  active: z.array(z.string()).default([]),
  /** Steps in a row in which a gradient was not finite. */
  faultsInARow: z.int().min(0).default(0),
});

export type CanaryState = z.output<typeof canaryStateSchema>;

/** An on-policy ratio is 1 but for rounding; further off, sampler and trainer disagree about the policy. */
const RATIO_TOLERANCE = 1e-3;
const UNKNOWN_SHARE = 0.05;
const TRUNCATED_SHARE = 0.5;
/** Of the first step's entropy. */
const COLLAPSED_SHARE = 0.1;
const FAULTS_ALLOWED = 3;

interface Canary {
  readonly kind: string;
  /** The measured value, when there is reason to warn. */
  readonly trips: (metrics: Metrics, state: CanaryState) => number | undefined;
  readonly message: (value: number) => string;
}

const above = (key: string, bound: number) => (metrics: Metrics) => {
  const value = metrics[key];
  return value !== undefined && !(value <= bound) ? value : undefined;
};

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

const CANARIES: readonly Canary[] = [
  {
    kind: 'ratio-canary',
    trips: above('loss/first_ratio_deviation/max', RATIO_TOLERANCE),
    message: (value) =>
      `the importance ratio on the first, on-policy minibatch is off by ${value.toExponential(1)}: sampler and trainer disagree about the policy`,
  },
  {
    kind: 'unknown-verdicts',
    trips: above('rollout/unknown_frac', UNKNOWN_SHARE),
    message: (value) =>
      `${percent(value)} of the rollouts have no verdict and are not trained on: see their reasons in the rollouts file`,
  },
  {
    kind: 'truncation',
    trips: above('rollout/truncated_frac', TRUNCATED_SHARE),
    message: (value) =>
      `${percent(value)} of the completions are cut off at sampling.maxTokens: raise it, or the policy learns from half sentences`,
  },
  {
    kind: 'no-signal',
    trips: (metrics) => (metrics['optim/steps'] === 0 ? 0 : undefined),
    message: () =>
      'no update was made: in no group do the rollouts disagree; easier or harder problems, or a larger sampling.groupSize, would help',
  },
  {
    kind: 'entropy-collapse',
    trips: (metrics, { firstEntropy }) => {
      const entropy = metrics['policy/entropy_nats/mean'];
      if (entropy === undefined || firstEntropy === undefined) return undefined;
      return entropy < COLLAPSED_SHARE * firstEntropy ? entropy : undefined;
    },
    message: (value) =>
      `the policy's entropy fell to ${value.toExponential(1)} nats, below ${percent(COLLAPSED_SHARE)} of where it began: groups will stop disagreeing`,
  },
];

/** What a step's update went through. */
export interface Heard {
  readonly metrics: Metrics;
  /** Messages of gradients the engine refused. */
  readonly faults: readonly string[];
}

/** Events of a step and the state for the next. @param step as journalled: steps taken, this one included */
export function listen(
  { metrics, faults }: Heard,
  state: CanaryState,
  step: number,
): { events: EventLine[]; state: CanaryState } {
  const firstEntropy = state.firstEntropy ?? metrics['policy/entropy_nats/mean'];
  const next: CanaryState = {
    ...(firstEntropy === undefined ? {} : { firstEntropy }),
    // a step without an update says nothing about gradients
    faultsInARow: faults.length > 0 ? state.faultsInARow + 1 : metrics['optim/steps'] === 0 ? state.faultsInARow : 0,
    active: [],
  };
  const tripped = CANARIES.flatMap((canary) => {
    const value = canary.trips(metrics, next);
    return value === undefined ? [] : [{ canary, value }];
  });
  const warnings = tripped
    .filter(({ canary }) => !state.active.includes(canary.kind))
    .map(({ canary, value }): EventLine => {
      const shown = Number.isFinite(value) ? value : `${value}`;
      return { step, level: 'warning', kind: canary.kind, message: canary.message(value), details: { value: shown } };
    });
  const refused = faults.map(
    (message): EventLine => ({ step, level: 'fault', kind: 'gradient-not-finite', message, details: {} }),
  );
  return { events: [...refused, ...warnings], state: { ...next, active: tripped.map(({ canary }) => canary.kind) } };
}

/** @throws EngineError after the third step in a row whose gradient was refused: what follows would be the same. */
export function refuseFaults({ faultsInARow }: CanaryState, events: readonly EventLine[]): void {
  if (faultsInARow < FAULTS_ALLOWED) return;
  const message = events.find(({ level }) => level === 'fault')?.message ?? '';
  throw new EngineError(
    `${faultsInARow} steps in a row had a gradient that is not finite: ${message}; resume from an earlier checkpoint with a lower training.learningRate`,
  );
}
