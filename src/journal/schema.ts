/**
 * The lines of a run's files, as types and as JSON. The journal is a public format: version 1, additive (a reader ignores fields it
 * does not know; a field never changes its meaning). docs/JOURNAL.md shows one real line of each.
 *
 * Everything that differs between two equal runs lives under keys that start with `time/`.
 */
import { z } from 'zod';
import { assert, UserError } from '../core/errors.ts';
import type { Json, JsonObject } from '../core/json.ts';

export type { Json, JsonObject };

/** Of every file in a run directory; written in its manifest. */
export const JOURNAL_VERSION = 1;

/** Metric key -> value; keys `room/thing_unit/reduction`. Values may be NaN or infinite. */
export type Metrics = Readonly<Record<string, number>>;

/** One line of metrics.jsonl: one step of the loop. */
export interface MetricsLine {
  /** Steps taken, this one included: 1 is the first. */
  readonly step: number;
  readonly metrics: Metrics;
}

/** One line of evaluations.jsonl: the policy after `step` steps, measured on held-out problems. */
export interface EvaluationLine {
  readonly step: number;
  readonly policyVersion: number;
  /** What was measured, e.g. `countdown/test`. */
  readonly name: string;
  /** How it was measured: problems, completions per problem, temperature, seed ... whatever makes two lines comparable. */
  readonly protocol: JsonObject;
  readonly metrics: Metrics;
  /** Metric key -> [low, high] at 95 %, for the metrics that have an interval: what other problems like these would give. */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
  /** The same: what these very problems would give, sampled again. Absent in lines of earlier versions. */
  readonly testSetIntervals?: Readonly<Record<string, readonly [number, number]>> | undefined;
  /** In the order they were posed: what another evaluation is compared with, problem by problem. Absent in lines of earlier versions. */
  readonly problems?: readonly ProblemResult[] | undefined;
  /** What was measured, where the run does not say it already: weights, engine, seed. */
  readonly subject?: JsonObject | undefined;
}

/** How the samples of one problem went. */
export interface ProblemResult {
  readonly id: string;
  readonly samples: number;
  readonly correct: number;
  readonly unknown: number;
  readonly truncated: number;
  /**
   * Sizes of the classes of equal answers that are not correct, greatest first; samples neither here nor in `correct` gave no answer.
   * Absent where the task's verifier gives no normal forms of answers.
   */
  readonly wrong?: readonly number[] | undefined;
}

export type EventLevel = 'note' | 'warning' | 'fault';

/** One line of events.jsonl: something a person should know about. */
export interface EventLine {
  readonly step: number;
  readonly level: EventLevel;
  /** Kebab-case, stable, for programs: `lock-taken-over`, `health`. */
  readonly kind: string;
  /** For people. */
  readonly message: string;
  readonly details: JsonObject;
}

/** When a line was written; a metrics line carries it as the metric `time/unix_s`. */
export interface Written {
  readonly unixSeconds: number;
}

/** manifest.json of a run: what would be needed to repeat it. */
export interface RunManifest {
  readonly journalVersion: number;
  readonly name: string;
  readonly seed: number;
  /** Of this project, Node, the engine's runtime ... */
  readonly versions: Readonly<Record<string, string>>;
  /** What was read -> sha256, hex: data files, the starting weights. */
  readonly dataHashes: Readonly<Record<string, string>>;
  /** Machine, threads, back end. */
  readonly environment: JsonObject;
  /** The checkpoint this run was forked from. */
  readonly parent?: { readonly run: string; readonly step: number } | undefined;
}

const METRIC_KEY = /^[a-z][a-z0-9_]*(?:\/[a-z0-9][a-z0-9_]*){1,4}$/;
const NON_FINITE = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

const wholeNumber = z.number().int().nonnegative();
const json: z.ZodType<Json> = z.json();
const jsonObject = z.record(z.string(), json);
/** JSON has no NaN and no infinities: they are written as these strings and read back. */
const number = z.union([
  z.number(),
  z.enum(['NaN', 'Infinity', '-Infinity']).transform((name) => NON_FINITE.get(name) as number),
]);

const intervals = z.record(z.string(), z.tuple([number, number]));
const problemResult = z.object({
  id: z.string(),
  samples: wholeNumber,
  correct: wholeNumber,
  unknown: wholeNumber,
  truncated: wholeNumber,
  wrong: z.array(wholeNumber).optional(),
});
const metricsLine = z.object({ step: wholeNumber });
const evaluationLine = z.object({
  step: wholeNumber,
  policyVersion: wholeNumber,
  name: z.string(),
  protocol: jsonObject,
  metrics: z.record(z.string(), number),
  intervals,
  testSetIntervals: intervals.optional(),
  problems: z.array(problemResult).optional(),
  subject: jsonObject.optional(),
  'time/unix_s': z.number(),
});
const eventLine = z.object({
  step: wholeNumber,
  level: z.enum(['note', 'warning', 'fault']),
  kind: z.string(),
  message: z.string(),
  details: jsonObject,
  'time/unix_s': z.number(),
});
const runManifest = z.object({
  journalVersion: z.number().int().positive(),
  name: z.string(),
  seed: z.number(),
  versions: z.record(z.string(), z.string()),
  dataHashes: z.record(z.string(), z.string()),
  environment: jsonObject,
  parent: z.object({ run: z.string(), step: wholeNumber }).optional(),
});

function writable(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function checkMetricKeys(values: Metrics): void {
  for (const [key, value] of Object.entries(values)) {
    assert(METRIC_KEY.test(key), `metric key ${JSON.stringify(key)} is not of the form room/thing_unit/reduction`);
    assert(typeof value === 'number', `metric ${key} is ${typeof value}, not a number`);
  }
}

/** Numbers JSON cannot say become strings, also inside `protocol` and `details`. */
function toLine(value: object): string {
  return JSON.stringify(value, (_, field) => (typeof field === 'number' ? writable(field) : field));
}

/** Indented JSON of a value whose numbers are all finite, so that it reads back the same. */
export function exactJson(value: JsonObject): string {
  return JSON.stringify(
    value,
    (key, field) => {
      assert(typeof field !== 'number' || Number.isFinite(field), `${key} is ${field}: JSON cannot say it`);
      return field;
    },
    2,
  );
}

/** Flat: `{"step":1,"room/thing":0.5,...,"time/unix_s":...}`, metrics in the order given. */
export function encodeMetrics(line: MetricsLine, unixSeconds: number): string {
  checkMetricKeys(line.metrics);
  return toLine({ step: line.step, ...line.metrics, 'time/unix_s': unixSeconds });
}

export function encodeEvaluation(line: EvaluationLine, unixSeconds: number): string {
  checkMetricKeys(line.metrics);
  const { step, policyVersion, name, protocol, metrics, intervals, testSetIntervals, problems, subject } = line;
  const measured = { step, policyVersion, name, protocol, metrics, intervals, testSetIntervals, problems, subject };
  return toLine({ ...measured, 'time/unix_s': unixSeconds });
}

export function encodeEvent(line: EventLine, unixSeconds: number): string {
  const { step, level, kind, message, details } = line;
  return toLine({ step, level, kind, message, details, 'time/unix_s': unixSeconds });
}

/** A metric whose value is none of number, "NaN", "Infinity", "-Infinity" comes from a later version and is left out. */
export function decodeMetrics(value: unknown): MetricsLine {
  const { step } = metricsLine.parse(value);
  const known: [string, number][] = [];
  for (const [key, field] of Object.entries(value as object)) {
    if (key === 'step') continue;
    const read = typeof field === 'string' ? NON_FINITE.get(field) : field;
    if (typeof read === 'number') known.push([key, read]);
  }
  return { step, metrics: Object.fromEntries(known) };
}

export function decodeEvaluation(value: unknown): EvaluationLine & Written {
  const { 'time/unix_s': unixSeconds, ...line } = evaluationLine.parse(value);
  return { ...line, unixSeconds };
}

export function decodeEvent(value: unknown): EventLine & Written {
  const { 'time/unix_s': unixSeconds, ...line } = eventLine.parse(value);
  return { ...line, unixSeconds };
}

/** @throws UserError naming `path` when it is not a manifest, or one of a later journal version. */
export function decodeRunManifest(value: unknown, path: string): RunManifest {
  const parsed = runManifest.safeParse(value);
  if (!parsed.success) throw new UserError(`${path} is not a run's manifest: ${z.prettifyError(parsed.error)}`);
  checkJournalVersion(parsed.data.journalVersion, path);
  return parsed.data;
}

/** @throws UserError when the files were written by a later version of this project than this one understands. */
export function checkJournalVersion(version: number, path: string): void {
  if (version > JOURNAL_VERSION)
    throw new UserError(
      `${path} has journal version ${version}, this polarity reads up to ${JOURNAL_VERSION}: upgrade polarity`,
    );
}

/** The same value without the keys that start with `time/`, at any depth: what equal runs have in common. */
export function withoutTime(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTime);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith('time/'))
      .map(([key, field]) => [key, withoutTime(field)]),
  );
}
