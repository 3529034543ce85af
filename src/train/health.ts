/**
 * The health of a run: each check of `journal/glossary/checks.ts` is judged by a step's metrics and a few numbers kept from earlier steps.
 * Pure. The outcome is a metric `health/<check>` for every check that can be measured, and an event when one gets worse.
 */
import { EngineError } from '../core/errors.ts';
import {
  CHECKS,
  type Check,
  type CheckName,
  COLOURS,
  type Colour,
  healthKey,
  type Limit,
} from '../journal/glossary/checks.ts';
import type { EventLine } from '../journal/schema.ts';
import { counted, derivedMeasures, remembered } from './health-measures.ts';
import type { HealthState, Severity } from './health-state.ts';
import type { Metrics } from './metrics.ts';

/** After so many steps in a row that are better, what was told is told again when it comes back: a value that sways about its limit speaks once. */
const CALM_STEPS = 10;
const REFUSALS_ALLOWED = 3;

export interface Examined {
  /** `health/<check>`: 0 green, 1 amber, 2 red. */
  readonly metrics: Metrics;
  readonly events: readonly EventLine[];
  /** For the next step. */
  readonly state: HealthState;
}

interface Judgement {
  readonly severity: Severity;
  /** The limit passed and what passed it; absent when green. */
  readonly broken?: { readonly limit: Limit; readonly value: number };
}

/** What a step is judged by. */
export interface Measured {
  readonly metrics: Metrics;
  /** Messages of gradients the engine refused. */
  readonly refusals: readonly string[];
  /** Of the engine's capabilities. */
  readonly isExact: boolean;
}

/** @param step as journalled: steps taken, this one included */
export function examine({ metrics, refusals, isExact }: Measured, before: HealthState, step: number): Examined {
  const now = counted(metrics, refusals.length, before);
  const measures = { ...metrics, ...derivedMeasures(metrics, now, isExact) };
  const judged = judgeAll(measures);
  const checks = { ...before.checks };
  const events: EventLine[] = [];
  for (const [check, judgement] of judged) {
    const { history, isNews } = heard(before.checks[check.name], judgement.severity, step);
    if (history !== undefined) checks[check.name] = history;
    if (isNews) events.push(eventOf(check, judgement, step, check.name === 'finite_numbers' ? refusals : []));
  }
  const hasWeights = judged.get(checkNamed('weights_in_sampler'))?.severity === 0;
  return {
    metrics: Object.fromEntries([...judged].map(([{ name }, { severity }]) => [healthKey(name), severity])),
    events,
    state: { ...remembered(metrics, hasWeights, now), checks },
  };
}

/** What follows from another fault is not said twice: these have no state while their cause is not green. */
const CONSEQUENCES: Partial<Record<CheckName, readonly CheckName[]>> = {
  weights_in_sampler: ['importance_ratio', 'mismatch'],
};

const checkNamed = (name: CheckName): Check => CHECKS.find((check) => check.name === name) as Check;

function judgeAll(measures: Readonly<Record<string, number | undefined>>): Map<Check, Judgement> {
  const judged = new Map<Check, Judgement>();
  const explained = new Set<CheckName>();
  for (const check of CHECKS) {
    const judgement = explained.has(check.name) ? undefined : judge(check, measures);
    if (judgement === undefined) continue;
    judged.set(check, judgement);
    if (judgement.severity > 0) for (const name of CONSEQUENCES[check.name] ?? []) explained.add(name);
  }
  return judged;
}

/** Undefined where nothing that the check looks at was measured. */
export function judge(
  { limits }: Pick<Check, 'limits'>,
  measures: Readonly<Record<string, number | undefined>>,
): Judgement | undefined {
  let worst: Judgement | undefined;
  for (const limit of limits) {
    const value = measures[limit.measure];
    if (value === undefined) continue;
    const isWithin = limit.side === 'above' ? value <= limit.limit : value >= limit.limit;
    const severity: Severity = isWithin ? 0 : limit.colour === 'red' ? 2 : 1;
    if (worst === undefined || severity > worst.severity)
      worst = severity === 0 ? { severity } : { severity, broken: { limit, value } };
  }
  return worst;
}

type History = HealthState['checks'][string];

function heard(
  history: History | undefined,
  severity: Severity,
  step: number,
): { history: History | undefined; isNews: boolean } {
  if (history === undefined && severity === 0) return { history, isNews: false };
  const { told, calm, worst, at } = history ?? { told: 0, calm: 0, worst: 0, at: step };
  const isWorse = severity > worst;
  const record = { worst: isWorse ? severity : worst, at: isWorse ? step : at };
  if (severity >= told && severity > 0)
    return { history: { ...record, told: severity, calm: 0 }, isNews: severity > told };
  const isForgotten = calm + 1 >= CALM_STEPS;
  return {
    history: { ...record, told: isForgotten ? severity : told, calm: isForgotten ? 0 : calm + 1 },
    isNews: false,
  };
}

function eventOf(check: Check, { severity, broken }: Judgement, step: number, refusals: readonly string[]): EventLine {
  const colour = COLOURS[severity];
  const { limit, value = Number.NaN } = { ...broken };
  const found = limit === undefined ? '' : `${limit.measure} is ${short(value)}, ${limit.side} ${short(limit.limit)}`;
  const said = refusals.length > 0 ? ` (${refusals.join('; ')})` : '';
  return {
    step,
    level: severity === 2 ? 'fault' : 'warning',
    kind: 'health',
    message: `${check.meaning}${said} [${check.name} ${colour}: ${found}]. ${sentence(check.remedy)}`,
    details: {
      check: check.name,
      state: colour,
      ...(limit && { measure: limit.measure, value: Number.isFinite(value) ? value : `${value}`, limit: limit.limit }),
      ...(refusals.length > 0 ? { refusals: [...refusals] } : {}),
    },
  };
}

const short = (value: number): string => `${Number(value.toPrecision(3))}`;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** @throws EngineError after the third step in a row whose gradient was refused: what follows would be the same. */
export function refuseFaults({ refused }: HealthState, refusals: readonly string[]): void {
  if (refused < REFUSALS_ALLOWED || refusals.length === 0) return;
  throw new EngineError(
    `${refused} steps in a row had a gradient that is not finite: ${refusals[0]}; resume from an earlier checkpoint with a lower training.learningRate`,
  );
}

/** Of a check that was not green once: the worst of the run, and the first step that was so. */
export interface WorstState {
  readonly check: string;
  readonly state: Colour;
  readonly step: number;
}

/** In the order of the checks. */
export function worstStates({ checks }: HealthState): WorstState[] {
  return CHECKS.flatMap(({ name }): WorstState[] => {
    const { worst = 0, at: step = 0 } = checks[name] ?? {};
    const state = COLOURS[worst];
    return state === 'green' ? [] : [{ check: name, state, step }];
  });
}
