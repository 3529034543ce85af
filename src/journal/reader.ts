/**
 * Reading a run: what there is, piece by piece, whether or not it is being written or its writer died. Never writes, never locks.
 */
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { UserError } from '../core/errors.ts';
import { type Checkpoint, listCheckpoints } from './checkpoints.ts';
import { exists, namesIn, parseJson, readText } from './disk.ts';
import { type JsonLines, readJsonLines } from './jsonl.ts';
import { FILES, runDirectory, stepName, stepOf } from './names.ts';
import { RolloutFile } from './rollout-file.ts';
import {
  decodeEvaluation,
  decodeEvent,
  decodeMetrics,
  decodeRunManifest,
  type EvaluationLine,
  type EventLine,
  type MetricsLine,
  type RunManifest,
  type Written,
} from './schema.ts';

export class RunReader {
  readonly name: string;
  readonly directory: string;
  readonly manifest: RunManifest;

  private constructor(name: string, directory: string, manifest: RunManifest) {
    this.name = name;
    this.directory = directory;
    this.manifest = manifest;
  }

  /** @throws UserError when there is no such run, or its manifest cannot be read. */
  static async open(runsDirectory: string, name: string): Promise<RunReader> {
    const directory = runDirectory(runsDirectory, name);
    return new RunReader(name, directory, await readRunManifest(directory));
  }

  /** run.yaml, parsed. @throws UserError when it is absent or not YAML. */
  async config(): Promise<unknown> {
    const path = join(this.directory, FILES.config);
    const text = await readText(path);
    try {
      return parseYaml(text);
    } catch (error) {
      throw new UserError(`${path} is not YAML: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  /** @param from 0, or the `end` of an earlier call, to follow a run that is being written */
  metrics(from = 0): Promise<JsonLines<MetricsLine>> {
    return readJsonLines(join(this.directory, FILES.metrics), decodeMetrics, from);
  }

  evaluations(from = 0): Promise<JsonLines<EvaluationLine & Written>> {
    return readJsonLines(join(this.directory, FILES.evaluations), decodeEvaluation, from);
  }

  events(from = 0): Promise<JsonLines<EventLine & Written>> {
    return readJsonLines(join(this.directory, FILES.events), decodeEvent, from);
  }

  /** Steps whose rollouts are on disk, ascending. */
  rolloutSteps(): Promise<number[]> {
    return rolloutSteps(this.directory);
  }

  /** Close what it returns. @throws UserError when the step has none, or the file is damaged. */
  rollouts(step: number): Promise<RolloutFile> {
    return RolloutFile.open(rolloutPath(this.directory, step));
  }

  checkpoints(): Promise<Checkpoint[]> {
    return listCheckpoints(this.directory);
  }
}

/** `<run>/rollouts/step-000010.parquet` */
export function rolloutPath(directory: string, step: number): string {
  return join(directory, FILES.rollouts, `${stepName(step)}.parquet`);
}

/** Steps whose rollouts are on disk, ascending. */
export async function rolloutSteps(directory: string): Promise<number[]> {
  return (await namesIn(join(directory, FILES.rollouts)))
    .flatMap((name) => (name.endsWith('.parquet') ? [stepOf(name.slice(0, -'.parquet'.length))] : []))
    .filter((step) => step !== undefined)
    .sort((a, b) => a - b);
}

/** @throws UserError when the directory holds no run, or its manifest cannot be read. */
export async function readRunManifest(directory: string): Promise<RunManifest> {
  const path = join(directory, FILES.manifest);
  if (!(await exists(path))) throw new UserError(`${directory} holds no run: it has no ${FILES.manifest}`);
  return decodeRunManifest(parseJson(await readText(path)), path);
}

/** Names of the runs in a directory, sorted; folders without a manifest are not runs. */
export async function listRuns(runsDirectory: string): Promise<string[]> {
  const names = await namesIn(runsDirectory);
  const isRun = await Promise.all(
    names.map((name) => exists(join(runsDirectory, name, FILES.manifest)).catch(() => false)),
  );
  return names.filter((_, i) => isRun[i]);
}
