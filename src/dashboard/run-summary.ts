/**
 * One line of the list of runs: read from the beginning and the end of a run's files, never from all of them.
 */
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isHeld } from '../journal/lock.ts';
import { FILES } from '../journal/names.ts';
import { decodeMetrics, type Metrics, type MetricsLine } from '../journal/schema.ts';
import type { HealthState, RunStatus, RunSummary } from './api.ts';
import { healthOf } from './health.ts';
import { readConfig, readManifest, setting } from './run-config.ts';
import { type PlainFile, plainFile, type RunFolder } from './run-folder.ts';

/** A lock of another machine counts while the run's files change. */
const QUIET_SECONDS = 900;

/** @param study the run lies in */
export async function summarise({ run, directory }: RunFolder, study: string | null): Promise<RunSummary> {
  const [config, manifest, ends] = await Promise.all([
    readConfig(directory),
    readManifest(directory),
    readEnds(directory),
  ]);
  const { value } = config;
  const totalSteps = numberOf(setting(value, 'training', 'steps'));
  const { first, last, tornBytes, modifiedSeconds } = ends;
  const isWritten = isBeingWritten(directory, modifiedSeconds);
  const step = last?.step ?? 0;
  const broken = [...manifest.damage, ...config.damage];
  const torn = tornBytes > 0 && !isWritten ? [`${FILES.metrics} ends in a torn line of ${tornBytes} bytes`] : [];
  const metrics = last?.metrics ?? {};
  return {
    run,
    status: statusOf({ isWritten, isBroken: broken.length > 0, isDone: totalSteps !== null && step >= totalSteps }),
    step,
    totalSteps,
    task: textOf(setting(value, 'task', 'name') ?? setting(value, 'task')),
    recipe: recipeOf(setting(value, 'objective')),
    policy: policyOf(value),
    engine: engineOf(value),
    seed: numberOf(setting(value, 'seed')) ?? manifest.manifest?.seed ?? null,
    started: first?.metrics['time/unix_s'] ?? null,
    updated: metrics['time/unix_s'] ?? null,
    passRate: finite(metrics['rollout/pass_rate']),
    reward: finite(metrics['rollout/reward/mean']),
    stepSeconds: finite(metrics['time/step_s']),
    health: worstOf(metrics),
    study,
    damage: [...broken, ...torn, ...ends.damage],
  };
}

interface State {
  readonly isWritten: boolean;
  readonly isBroken: boolean;
  readonly isDone: boolean;
}

function statusOf({ isWritten, isBroken, isDone }: State): RunStatus {
  if (isBroken) return 'broken';
  if (isWritten) return 'running';
  return isDone ? 'finished' : 'stopped';
}

function isBeingWritten(directory: string, modifiedSeconds: number): boolean {
  try {
    return isHeld(join(directory, FILES.lock)) ?? Date.now() / 1000 - modifiedSeconds < QUIET_SECONDS;
  } catch {
    return false;
  }
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, 200) : null);

function recipeOf(objective: unknown): string | null {
  if (typeof objective === 'string') return textOf(objective);
  if (typeof objective !== 'object' || objective === null) return null;
  return textOf(setting(objective, 'recipe')) ?? 'sentence';
}

function engineOf(config: unknown): string | null {
  const engine = setting(config, 'engine');
  return typeof engine === 'object' && engine !== null ? textOf(Object.keys(engine)[0]) : null;
}

function policyOf(config: unknown): string | null {
  const policy = setting(config, 'policy');
  return typeof policy === 'string' ? textOf(basename(policy)) : engineOf(config);
}

function worstOf(metrics: Metrics): HealthState | null {
  const states = healthOf(metrics).map(({ state }) => state);
  return (['red', 'amber', 'green'] as const).find((state) => states.includes(state)) ?? null;
}

interface Ends {
  readonly first: MetricsLine | undefined;
  readonly last: MetricsLine | undefined;
  readonly tornBytes: number;
  readonly modifiedSeconds: number;
  readonly damage: readonly string[];
}

const NO_LINES: Ends = { first: undefined, last: undefined, tornBytes: 0, modifiedSeconds: 0, damage: [] };
const memory = new Map<string, { readonly signature: string; readonly ends: Ends }>();
const MOST_REMEMBERED = 5000;

async function readEnds(directory: string): Promise<Ends> {
  const file = await plainFile(directory, FILES.metrics);
  if (file === undefined) return NO_LINES;
  const known = memory.get(file.path);
  if (known?.signature === file.signature) return known.ends;
  const ends = await readEndsOf(file).catch((error: Error) => ({
    ...NO_LINES,
    damage: [`${FILES.metrics} cannot be read: ${error.message}`],
  }));
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(file.path, { signature: file.signature, ends });
  return ends;
}

/** Enough for some lines; a line longer than this is not looked for. */
const END_BYTES = 1 << 17;

async function readEndsOf({ path, bytes, modifiedMs }: PlainFile): Promise<Ends> {
  const handle = await open(path, 'r');
  try {
    const read = async (begin: number, end: number) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - begin), 0, end - begin, begin);
      return buffer.subarray(0, bytesRead).toString('utf8');
    };
    const head = await read(0, Math.min(bytes, END_BYTES));
    const begin = Math.max(0, bytes - END_BYTES);
    const tail = begin === 0 ? head : await read(begin, bytes);
    const whole = tail.slice(0, tail.lastIndexOf('\n') + 1);
    const lines = whole.split('\n').filter((line) => line !== '');
    const last = lines.map(decoded).findLast((line) => line !== undefined);
    return {
      first: decoded(head.slice(0, head.indexOf('\n'))),
      last,
      tornBytes: Buffer.byteLength(tail) - Buffer.byteLength(whole),
      modifiedSeconds: modifiedMs / 1000,
      damage: last === undefined && bytes > 0 ? [`${FILES.metrics} has no readable line at its end`] : [],
    };
  } finally {
    await handle.close();
  }
}

function decoded(line: string): MetricsLine | undefined {
  try {
    return decodeMetrics(JSON.parse(line));
  } catch {
    return undefined;
  }
}
