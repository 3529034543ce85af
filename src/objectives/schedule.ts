/**
 * Schedules: any scalar of a sentence may be a number or a function of the run's progress, of the batch's entropy, or of
 * the sampler-trainer mismatch. Stateful ones keep one number, handed in and out so that a resumed run continues exactly.
 *
 * Progress is step / totalSteps with steps counted from 0: the first step has progress 0, the last (K - 1) / K.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';

/** What schedules may look at, measured before the step's advantages are shaped. */
export interface Signals {
  /** Training step, from 0. */
  readonly step: number;
  /** Steps of the whole run, at least 1. */
  readonly totalSteps: number;
  /** Mean token entropy of this step's rollouts, in nats. Needed by the `entropy...` schedules only. */
  readonly entropy?: number | undefined;
  /** Mean |sampler logprob - trainer logprob| of this step's rollouts, in nats. Needed by `mismatch` only. */
  readonly mismatch?: number | undefined;
  /** What stateful schedules returned at the previous step (`ObjectiveAt.scheduleState`); absent at the first. */
  readonly scheduleState?: ScheduleState | undefined;
}

/** One number per stateful schedule, keyed by its place in the sentence. JSON. */
export type ScheduleState = Readonly<Record<string, number>>;

const fraction = z.number().min(0).max(1);
const span = {
  from: z.number(),
  to: z.number(),
  /** Fraction of the run before which the value is `from`. */
  after: fraction.default(0),
  /** Fraction of the run at which `to` is reached. */
  until: fraction,
};
const isForward = (s: { after: number; until: number }) => s.until > s.after;
const forwardError = { error: 'must have `until` later than `after`' };

export const scheduleSchema = z.discriminatedUnion('schedule', [
  /** Straight line. */
  z.strictObject({ schedule: z.literal('linear'), ...span }).refine(isForward, forwardError),
  /** Half a cosine wave. */
  z.strictObject({ schedule: z.literal('cosine'), ...span }).refine(isForward, forwardError),
  /** to + (from - to) exp(-progress / timeConstant). */
  z.strictObject({
    schedule: z.literal('exponential'),
    from: z.number(),
    to: z.number(),
    timeConstant: z.number().positive(),
  }),
  /** max(floor, from - perStep * step): the form w = max(1, rho - alpha k). */
  z.strictObject({ schedule: z.literal('decrement'), from: z.number(), floor: z.number(), perStep: z.number().min(0) }),
  /** The value of the last stage whose `after` has passed. */
  z
    .strictObject({
      schedule: z.literal('stepwise'),
      stages: z.array(z.strictObject({ after: fraction, value: z.number() })).min(1),
    })
    .refine(
      (s) => s.stages[0]!.after === 0 && s.stages.every((stage, i) => i === 0 || stage.after > s.stages[i - 1]!.after),
      {
        error: 'must have stages that begin at after: 0 and come in increasing order',
      },
    ),
  /** neutral + (peak - neutral) * clip((target - entropy) / target, 0, 1): full strength at entropy 0, neutral from `target` on. */
  z.strictObject({
    schedule: z.literal('entropy'),
    peak: z.number(),
    neutral: z.number(),
    target: z.number().positive(),
  }),
  /** neutral + (peak - neutral) * min(1, bound / mismatch): shrinks as the mismatch exceeds `bound`. */
  z.strictObject({
    schedule: z.literal('mismatch'),
    peak: z.number(),
    neutral: z.number(),
    bound: z.number().positive(),
  }),
  /** Bang-bang: each step moves by `stride`, down when the entropy is below `target`, else up; kept in [min, max]. */
  z
    .strictObject({
      schedule: z.literal('entropy-switch'),
      start: z.number(),
      stride: z.number().positive(),
      min: z.number(),
      max: z.number(),
      target: z.number().positive(),
    })
    .refine((s) => s.min <= s.start && s.start <= s.max, { error: 'must have `start` between `min` and `max`' }),
  /**
   * neutral + gain * clip(proportional * e + integral * sum(e), -1, 1) with e = entropy - target. The sum is kept within
   * +-1 / integral, so that it cannot wind up beyond what the clip lets through.
   */
  z.strictObject({
    schedule: z.literal('entropy-pi'),
    neutral: z.number(),
    gain: z.number(),
    target: z.number().positive(),
    proportional: z.number().min(0),
    integral: z.number().min(0),
  }),
]);

export type Schedule = z.infer<typeof scheduleSchema>;

const clip = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

/** Smallest and largest value the schedule can take. */
export function rangeOf(schedule: Schedule): [number, number] {
  switch (schedule.schedule) {
    case 'linear':
    case 'cosine':
    case 'exponential':
      return [Math.min(schedule.from, schedule.to), Math.max(schedule.from, schedule.to)];
    case 'decrement':
      return [schedule.floor, Math.max(schedule.from, schedule.floor)];
    case 'stepwise': {
      const values = schedule.stages.map((stage) => stage.value);
      return [Math.min(...values), Math.max(...values)];
    }
    case 'entropy':
    case 'mismatch':
      return [Math.min(schedule.peak, schedule.neutral), Math.max(schedule.peak, schedule.neutral)];
    case 'entropy-switch':
      return [schedule.min, schedule.max];
    case 'entropy-pi':
      return [schedule.neutral - Math.abs(schedule.gain), schedule.neutral + Math.abs(schedule.gain)];
  }
}

function need(signal: number | undefined, name: string, schedule: string): number {
  if (signal === undefined || !Number.isFinite(signal))
    throw new UserError(`schedule '${schedule}' needs the ${name} of each step, and this run does not measure it`);
  return signal;
}

/** The schedule's value at `signals`, and the number to hand back as `previous` at the next step, for stateful ones. */
export function scheduleAt(
  schedule: Schedule,
  signals: Signals,
  previous?: number,
): { readonly value: number; readonly state?: number } {
  const progress = signals.step / signals.totalSteps;
  switch (schedule.schedule) {
    case 'linear':
    case 'cosine': {
      const done = clip((progress - schedule.after) / (schedule.until - schedule.after), 0, 1);
      const share = schedule.schedule === 'linear' ? done : (1 - Math.cos(Math.PI * done)) / 2;
      // at the end exactly `to`: a fully decayed scale must be exactly 1
      return { value: done === 1 ? schedule.to : schedule.from + (schedule.to - schedule.from) * share };
    }
    case 'exponential':
      return { value: schedule.to + (schedule.from - schedule.to) * Math.exp(-progress / schedule.timeConstant) };
    case 'decrement':
      return { value: Math.max(schedule.floor, schedule.from - schedule.perStep * signals.step) };
    case 'stepwise':
      return { value: schedule.stages.findLast((stage) => stage.after <= progress)!.value };
    case 'entropy': {
      const entropy = need(signals.entropy, 'entropy', 'entropy');
      const share = clip((schedule.target - entropy) / schedule.target, 0, 1);
      return { value: schedule.neutral + (schedule.peak - schedule.neutral) * share };
    }
    case 'mismatch': {
      const mismatch = need(signals.mismatch, 'sampler-trainer mismatch', 'mismatch');
      const share = mismatch > schedule.bound ? schedule.bound / mismatch : 1;
      return { value: schedule.neutral + (schedule.peak - schedule.neutral) * share };
    }
    case 'entropy-switch': {
      const entropy = need(signals.entropy, 'entropy', 'entropy-switch');
      const moved = (previous ?? schedule.start) + (entropy < schedule.target ? -schedule.stride : schedule.stride);
      const value = clip(moved, schedule.min, schedule.max);
      return { value, state: value };
    }
    case 'entropy-pi': {
      const error = need(signals.entropy, 'entropy', 'entropy-pi') - schedule.target;
      const limit = schedule.integral > 0 ? 1 / schedule.integral : 0;
      const sum = clip((previous ?? 0) + error, -limit, limit);
      const control = clip(schedule.proportional * error + schedule.integral * sum, -1, 1);
      return { value: schedule.neutral + schedule.gain * control, state: sum };
    }
  }
}

/** A number in [min, max], or a schedule that stays there. */
export function scalarIn(min: number, max: number) {
  return z.union([z.number().min(min).max(max), scheduleSchema]).superRefine((scalar, context) => {
    if (typeof scalar === 'number') return;
    const [low, high] = rangeOf(scalar);
    if (low < min || high > max)
      context.addIssue({
        code: 'custom',
        message: `must stay within ${min} to ${max}, and its schedule runs from ${low} to ${high}`,
      });
  });
}

/** Any finite number, or a schedule. */
export const scalar = scalarIn(-Number.MAX_VALUE, Number.MAX_VALUE);

/** A sentence (or part of one) in which every schedule has become a number. */
export type Resolved<T> = T extends Schedule
  ? number
  : T extends readonly (infer U)[]
    ? Resolved<U>[]
    : T extends object
      ? { [K in keyof T]: Resolved<T[K]> }
      : T;

export interface Resolution<T> {
  readonly resolved: Resolved<T>;
  /** Each schedule's value, by metric key: `schedule/positive_low_scale`. */
  readonly values: Readonly<Record<string, number>>;
  readonly state: ScheduleState;
}

const snake = (name: string) => name.replace(/-/g, '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Replaces every schedule inside `node` by its value at `signals`. Array elements are called by their `name` if they have one. */
export function resolveSchedules<T>(node: T, signals: Signals): Resolution<T> {
  const values: Record<string, number> = {};
  const state: Record<string, number> = {};
  const visit = (part: unknown, path: readonly string[]): unknown => {
    if (Array.isArray(part)) {
      return part.map((element, i) => visit(element, [...path.slice(0, -1), element?.name ?? `${path.at(-1)}_${i}`]));
    }
    if (typeof part !== 'object' || part === null) return part;
    if ('schedule' in part) {
      const key = path.map(snake).join('_');
      const at = scheduleAt(part as Schedule, signals, signals.scheduleState?.[key]);
      values[`schedule/${key}`] = at.value;
      if (at.state !== undefined) state[key] = at.state;
      return at.value;
    }
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, visit(value, [...path, key])]));
  };
  return { resolved: visit(node, []) as Resolved<T>, values, state };
}

/** Every schedule inside `node`. */
export function schedulesIn(node: unknown): Schedule[] {
  if (typeof node !== 'object' || node === null) return [];
  return 'schedule' in node ? [node as Schedule] : Object.values(node).flatMap(schedulesIn);
}
