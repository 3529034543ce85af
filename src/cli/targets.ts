/**
 * What a command works on: a run file (its starting policy), or a run directory (one of its checkpoints).
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { UserError } from '../core/errors.ts';
import {
  type Checkpoint,
  type CheckpointManifest,
  checkpointAt,
  latestCheckpoint,
  verifyCheckpoint,
} from '../journal/checkpoints.ts';
import { FILES, parseCheckpointReference } from '../journal/names.ts';
import { resolveTask } from '../tasks/catalogue.ts';
import type { Task } from '../tasks/task.ts';
import { initialState, type TrainState } from '../train/checkpoint-state.ts';
import { parseConfig, type RunConfig } from '../train/config.ts';
import { loadCheckpoint } from '../train/restore.ts';
import { type OpenedEngine, openEngine } from './engines.ts';
import { absolute, isDirectory, readText, shown } from './files.ts';
import { openRunTask } from './tasks.ts';

/** Where a run lies: `runs/quickstart@50` is run quickstart of folder runs at step 50. Paths are absolute. */
export interface RunReference {
  readonly runsDirectory: string;
  readonly name: string;
  readonly directory: string;
  /** Absent: the latest checkpoint. */
  readonly step?: number;
}

/** @throws UserError when there is no such run. */
export function runReference(text: string): RunReference {
  const path = absolute(text);
  const { run, ...at } = parseCheckpointReference(basename(path));
  const runsDirectory = dirname(path);
  const directory = join(runsDirectory, run);
  if (!isDirectory(directory)) throw new UserError(`there is no run directory ${shown(directory)}`);
  return { runsDirectory, name: run, directory, ...at };
}

/** A run file's configuration; its policy and data are looked up beside the file, those of `--set` where the command was started. @throws UserError */
export function readRunFile(path: string, overrides: readonly string[]): RunConfig {
  const config = parseConfig(readText(path), path, overrides);
  const isOverridden = (key: RegExp) => overrides.some((override) => key.test(override.trim()));
  const directoryOf = (setting: string) =>
    absolute(isOverridden(new RegExp(`^task(\\.${setting}(\\.\\w+)*)?\\s*=`)) ? '.' : dirname(path));
  const task = resolveTask(config.task, `${path}: task`, directoryOf);
  return withPolicyBeside({ ...config, task }, isOverridden(/^policy\s*=/) ? '.' : dirname(path));
}

export const withPolicyBeside = (config: RunConfig, directory: string): RunConfig =>
  config.policy === undefined
    ? config
    : { ...config, policy: absolute(isAbsolute(config.policy) ? config.policy : join(directory, config.policy)) };

/** A policy ready to sample, with the settings it belongs to. */
export interface Target extends OpenedEngine {
  readonly config: RunConfig;
  readonly task: Task;
  /** Of what the engine holds; the initial one for a run file. */
  readonly state: TrainState;
  /** Of the checkpoint that was loaded; absent for a run file. */
  readonly files?: CheckpointManifest['files'];
  /** For people. */
  readonly name: string;
}

/** Opens `examples/quickstart.yaml`, `runs/quickstart` or `runs/quickstart@50`. @throws UserError, EngineError */
export async function openTarget(target: string, overrides: readonly string[]): Promise<Target> {
  if (/\.(ya?ml|json)$/.test(target)) return openConfig(readRunFile(target, overrides), target, undefined);
  const run = runReference(target);
  const path = shown(join(run.directory, FILES.config));
  const config = withPolicyBeside(parseConfig(readText(path), path, overrides), '.');
  const checkpoint = await (run.step === undefined
    ? latestCheckpoint(run.directory)
    : checkpointAt(run.directory, run.step));
  if (checkpoint === undefined)
    throw new UserError(`run ${shown(run.directory)} has no checkpoint; let it train further`);
  const { files } = await verifyCheckpoint(checkpoint);
  return { ...(await openConfig(config, `${shown(run.directory)}@${checkpoint.step}`, checkpoint)), files };
}

async function openConfig(config: RunConfig, name: string, checkpoint: Checkpoint | undefined): Promise<Target> {
  const task = await openRunTask(config.task, `${name}: task`);
  const opened = await openEngine(config.engine, config.policy, task, config.seed, { chat: config.chat });
  const state = checkpoint === undefined ? initialState : await loadCheckpoint(opened.engine, checkpoint);
  return { ...opened, config, task, state, name };
}
