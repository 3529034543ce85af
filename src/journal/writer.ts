/**
 * Writing a run directory. Only one process at a time does (see lock.ts).
 *
 * What survives what: a line is safe from the death of this process when its call returns, and from a power cut at the next `sync`,
 * checkpoint or `close`; rollouts and checkpoints are safe from both when their call resolves. So a power cut loses at most lines
 * after the last checkpoint, which resuming writes again.
 */
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { writeDurably } from '../core/durable-file.ts';
import { assert, UserError } from '../core/errors.ts';
import { AppendFile } from './append-file.ts';
import {
  type Checkpoint,
  type CheckpointContent,
  checkpointAt,
  latestCheckpoint,
  pruneCheckpoints,
  type RetentionPolicy,
  verifyCheckpoint,
  writeCheckpoint,
} from './checkpoints.ts';
import { exists, makeDirectory, namesIn } from './disk.ts';
import { Lock } from './lock.ts';
import { FILES, runDirectory } from './names.ts';
import { readRunManifest, rolloutPath } from './reader.ts';
import { BEGINNING, type Discarded, type Moment, takeBack } from './resume.ts';
import { type RolloutRow, writeRollouts } from './rollout-file.ts';
import {
  type EvaluationLine,
  type EventLine,
  encodeEvaluation,
  encodeEvent,
  encodeMetrics,
  JOURNAL_VERSION,
  type Metrics,
  type RunManifest,
} from './schema.ts';

/** Milliseconds since 1970, as `Date.now`. Only `time/...` fields show it. */
export type Clock = () => number;

export interface NewRun {
  readonly runsDirectory: string;
  readonly name: string;
  /** The full resolved configuration, plain data: run.yaml. */
  readonly config: unknown;
  readonly manifest: Omit<RunManifest, 'journalVersion' | 'name'>;
  readonly clock?: Clock;
}

export interface ExistingRun {
  readonly runsDirectory: string;
  readonly name: string;
  /** The checkpoint to continue from. Absent: the latest, or the beginning when there is none. */
  readonly step?: number;
  readonly clock?: Clock;
}

export interface ResumedRun {
  readonly journal: RunWriter;
  readonly manifest: RunManifest;
  /** Verified; absent when the run begins again at step 0. */
  readonly checkpoint?: Checkpoint;
  /** What lay beyond the checkpoint and is in `discarded/`. */
  readonly discarded: readonly string[];
}

/** @throws UserError when the run exists already, is locked, or the disk refuses. */
export async function createRun(run: NewRun): Promise<RunWriter> {
  const directory = absoluteDirectory(run);
  await makeDirectory(directory);
  await checkIsNew(directory, run.name);
  const lock = Lock.take(join(directory, FILES.lock));
  try {
    const manifest: RunManifest = { journalVersion: JOURNAL_VERSION, name: run.name, ...run.manifest };
    await writeDurably(join(directory, FILES.config), stringify(run.config));
    // after the configuration: a directory is a run from here on
    await writeDurably(join(directory, FILES.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
    return new RunWriter(directory, lock, run.clock ?? Date.now);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Absolute: a relative path leads astray once the working directory has moved or is gone. */
const absoluteDirectory = ({ runsDirectory, name }: { readonly runsDirectory: string; readonly name: string }) =>
  resolve(runDirectory(runsDirectory, name));

/** A directory left by an attempt that failed before its manifest was written may be used; any other content is not ours. */
async function checkIsNew(directory: string, name: string): Promise<void> {
  if (await exists(join(directory, FILES.manifest)))
    throw new UserError(`run ${name} exists already in ${directory}: resume it, or choose another name`);
  const leftovers: readonly string[] = [FILES.config, FILES.lock];
  const foreign = (await namesIn(directory)).find((file) => !leftovers.includes(file) && !file.endsWith('.partial'));
  if (foreign !== undefined)
    throw new UserError(`${directory} is not empty (it holds ${foreign}): choose another run name`);
}

/**
 * Takes the run back to a checkpoint and opens it for writing.
 * @throws UserError when there is no such run or checkpoint, it is damaged, locked, or the disk refuses.
 */
export async function resumeRun(run: ExistingRun): Promise<ResumedRun> {
  const directory = absoluteDirectory(run);
  const manifest = await readRunManifest(directory);
  const lock = Lock.take(join(directory, FILES.lock));
  try {
    const checkpoint = await (run.step === undefined ? latestCheckpoint(directory) : checkpointAt(directory, run.step));
    const discarded = await takeBack(directory, await momentOf(checkpoint));
    const journal = new RunWriter(directory, lock, run.clock ?? Date.now);
    const step = checkpoint?.step ?? 0;
    if (lock.takenFrom !== undefined)
      journal.event({
        step,
        level: 'note',
        kind: 'lock-taken-over',
        message: `process ${lock.takenFrom.pid} died without closing the run`,
        details: { pid: lock.takenFrom.pid },
      });
    noteTakenBack(journal, step, discarded);
    return { journal, manifest, discarded: discarded.moved, ...(checkpoint === undefined ? {} : { checkpoint }) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

const momentOf = async (checkpoint: Checkpoint | undefined): Promise<Moment> =>
  checkpoint === undefined ? BEGINNING : verifyCheckpoint(checkpoint);

function noteTakenBack(journal: RunWriter, step: number, { directory, moved }: Discarded): void {
  if (directory === undefined) return;
  const message = `continuing after step ${step}; what came later is in ${directory}`;
  journal.event({ step, level: 'note', kind: 'taken-back', message, details: { directory, moved } });
}

/** The files of a run that grow. */
const openFiles = (directory: string) => ({
  metrics: new AppendFile(join(directory, FILES.metrics)),
  evaluations: new AppendFile(join(directory, FILES.evaluations)),
  events: new AppendFile(join(directory, FILES.events)),
});

/** Made by `createRun` and `resumeRun`. */
export class RunWriter {
  readonly directory: string;
  readonly #lock: Lock;
  readonly #clock: Clock;
  #files: ReturnType<typeof openFiles>;

  constructor(directory: string, lock: Lock, clock: Clock) {
    this.directory = directory;
    this.#lock = lock;
    this.#clock = clock;
    this.#files = openFiles(directory);
  }

  /** One line of metrics.jsonl, keys in the order given. @throws UserError when the disk refuses; nothing is written then. */
  metrics(step: number, metrics: Metrics): void {
    this.#files.metrics.append(encodeMetrics({ step, metrics }, this.#unixSeconds()));
  }

  evaluation(line: EvaluationLine): void {
    this.#files.evaluations.append(encodeEvaluation(line, this.#unixSeconds()));
  }

  event(line: EventLine): void {
    this.#files.events.append(encodeEvent(line, this.#unixSeconds()));
  }

  /** The step's rollouts, all at once. @param rules names of the objective's token rules, by bit of each row's `rules` */
  async rollouts(step: number, rows: readonly RolloutRow[], rules: readonly string[]): Promise<void> {
    assert(
      rows.every((row) => row.step === step),
      `rollouts of another step given for step ${step}`,
    );
    this.#files.metrics.mustBeThere();
    await makeDirectory(join(this.directory, FILES.rollouts));
    await writeRollouts(rolloutPath(this.directory, step), rows, rules);
  }

  /**
   * The last thing a step writes: a run resumed here has the lines written before this call, and the caller does again what it did after.
   * @throws UserError when the disk refuses: the run's earlier checkpoints are as they were.
   */
  async checkpoint(content: Omit<CheckpointContent, 'journalBytes'>): Promise<Checkpoint> {
    this.#files.metrics.mustBeThere();
    this.sync();
    const journalBytes = { metrics: this.#files.metrics.bytes, evaluations: this.#files.evaluations.bytes };
    return writeCheckpoint(this.directory, { ...content, journalBytes });
  }

  /**
   * The run as it was at its latest checkpoint, or its beginning, as `resumeRun` would open it; returns that checkpoint, verified.
   * @throws UserError when the checkpoint is damaged, or the disk refuses.
   */
  async takeBack(): Promise<Checkpoint | undefined> {
    const checkpoint = await latestCheckpoint(this.directory);
    const moment = await momentOf(checkpoint);
    this.sync();
    this.#closeFiles();
    let discarded: Discarded;
    try {
      discarded = await takeBack(this.directory, moment);
    } finally {
      this.#files = openFiles(this.directory);
    }
    noteTakenBack(this, moment.step, discarded);
    return checkpoint;
  }

  /** Removes old checkpoints; returns their steps. */
  prune(policy: RetentionPolicy): Promise<number[]> {
    return pruneCheckpoints(this.directory, policy);
  }

  /** Every line so far survives a power cut. */
  sync(): void {
    for (const file of Object.values(this.#files)) file.sync();
  }

  /** Syncs, closes the files and gives the run free. */
  close(): void {
    try {
      this.sync();
    } finally {
      this.#closeFiles();
      this.#lock.release();
    }
  }

  #closeFiles(): void {
    for (const file of Object.values(this.#files)) file.close();
  }

  #unixSeconds(): number {
    return this.#clock() / 1000;
  }
}
