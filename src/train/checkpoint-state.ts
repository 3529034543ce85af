/**
 * The loop's own part of a checkpoint: a handful of numbers beside the engine's state. Everything else is a function of the seed and these.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { type Evaluation, estimatesOf } from '../evaluate/evaluation.ts';
import type { JsonObject } from '../journal/schema.ts';
import type { ScheduleState } from '../objectives/objective.ts';
import { canaryStateSchema, fromCanaries, type HealthState, healthStateSchema, healthyState } from './health-state.ts';

/** Written by this project into a file whose hash was verified: its shape is taken on trust. */
const evaluation = z.custom<Evaluation>((value) => typeof value === 'object' && value !== null);

/** 1: without `problems`. 1 and 2: evaluations whose estimates have one interval. 1 to 3: `canaries` in place of `health`. */
const VERSION = 4;

const schema = z
  .object({
    version: z
      .int()
      .min(1)
      .max(VERSION, {
        error: `a later version of polarity wrote it (state ${VERSION} is the latest known here): upgrade`,
      })
      .default(1),
    step: z.int().min(0),
    problems: z.int().min(0).optional(),
    evaluated: z.int().min(-1),
    mismatch: z.number(),
    schedules: z.record(z.string(), z.number()),
    health: healthStateSchema.optional(),
    canaries: canaryStateSchema.optional(),
    lag: z.int().min(0).optional(),
    first: evaluation.optional(),
    last: evaluation.optional(),
  })
  .refine(({ health, canaries }) => health !== undefined || canaries !== undefined, { error: 'has no health' });

export interface TrainState {
  /** Rollout steps taken. */
  readonly step: number;
  /** Problems drawn so far: where the next step begins in their order. Absent in states of version 1. */
  readonly problems?: number | undefined;
  /** The step of the last evaluation; -1 before the first. */
  readonly evaluated: number;
  /** Mean |sampler - trainer logprob| of the latest update, in nats. */
  readonly mismatch: number;
  /** Of the objective's stateful schedules. */
  readonly schedules: ScheduleState;
  readonly health: HealthState;
  /** `training.maxStepsOffPolicy` when the checkpoint was written: how old the policies of its batches may be. Absent: 0. */
  readonly lag?: number | undefined;
  /** The run's first evaluation, with every problem's counts: what later ones are compared with. */
  readonly first?: Evaluation | undefined;
  readonly last?: Evaluation | undefined;
}

export const initialState: TrainState = {
  step: 0,
  problems: 0,
  evaluated: -1,
  mismatch: 0,
  schedules: {},
  health: healthyState,
};

/** Of `state.problems`; in version 1 every step drew as many. */
export const problemsDrawn = ({ problems, step }: TrainState, problemsPerStep: number): number =>
  problems ?? step * problemsPerStep;

export const encodeState = (state: TrainState): JsonObject =>
  JSON.parse(JSON.stringify({ version: VERSION, ...state })) as JsonObject;

/** @throws UserError naming `path` when it is not a training state. */
export function decodeState(value: unknown, path: string): TrainState {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new UserError(`${path} does not hold a training run's state: ${z.prettifyError(parsed.error)}`);
  const { version, first, last, health, canaries, ...state } = parsed.data;
  const current = (evaluation: Evaluation | undefined) =>
    evaluation === undefined || version >= 3 ? evaluation : reestimated(evaluation);
  const kept = health ?? fromCanaries(canaries ?? { faultsInARow: 0 });
  return { ...state, health: kept, first: current(first), last: current(last) };
}

/** An evaluation of an earlier version with its estimates made again from its problems' counts. */
function reestimated(evaluation: Evaluation): Evaluation {
  const { protocol, problems, passAt } = evaluation;
  return { ...evaluation, ...estimatesOf(protocol, problems, { passAt: passAt.map(({ k }) => k), majorityAt: [] }) };
}
