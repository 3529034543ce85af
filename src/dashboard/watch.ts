/**
 * Tells when the files of runs grew. One timer for all who listen, which looks at sizes and lists of names only, and at nothing while
 * nobody listens: watching costs a training process nothing.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES, stepOf } from '../journal/names.ts';
import type { StreamChange } from './api.ts';
import type { OpenRun } from './open-run.ts';
import { plainFile } from './run-folder.ts';
import { summarise } from './run-summary.ts';

export interface WatchedRun {
  readonly open: OpenRun;
  readonly study: string | null;
}

export interface Listener {
  readonly runs: readonly WatchedRun[];
  readonly onChange: (change: StreamChange) => void;
  /** A run appeared or went. */
  readonly onRuns: () => void;
}

export interface WatchSettings {
  /** Names of all runs, in one text: what a new or lost run changes. */
  readonly listing: () => Promise<string>;
  readonly everyMs?: number;
}

/** The list of runs is looked at less often: it takes a look at every folder. */
const LOOKS_PER_LISTING = 3;

export class Watch {
  readonly #settings: WatchSettings;
  readonly #listeners = new Set<Listener>();
  /** By directory: what was told last. */
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #looks = 0;
  #listing: string | undefined;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Told once about each of its runs, then about changes. @returns how to stop */
  async listen(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => void this.#look(), this.#settings.everyMs ?? 1000).unref();
    for (const run of listener.runs) {
      // taken first: what is written while the run is read is told again, not lost
      const signature = await signatureOf(run.open.directory);
      listener.onChange(await changeOf(run));
      if (!this.#told.has(run.open.directory)) this.#told.set(run.open.directory, signature);
    }
    return () => this.#leave(listener);
  }

  close(): void {
    this.#listeners.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.close();
    this.#told.clear();
    this.#listing = undefined;
  }

  /** A look that takes longer than the time between looks is not overtaken. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.#lookAtRuns();
      if (this.#looks++ % LOOKS_PER_LISTING === 0) await this.#lookAtListing();
    } catch {
      // a file that cannot be read this moment is looked at again at the next
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookAtRuns(): Promise<void> {
    const watched = new Map([...this.#listeners].flatMap(({ runs }) => runs.map((run) => [run.open.directory, run])));
    for (const [directory, run] of watched) {
      const signature = await signatureOf(directory);
      const before = this.#told.get(directory);
      // a run that somebody has just begun to listen to is told about there
      if (before === undefined || before === signature) continue;
      this.#told.set(directory, signature);
      const change = await changeOf(run);
      for (const { runs, onChange } of this.#listeners)
        if (runs.some(({ open }) => open.directory === directory)) onChange(change);
    }
  }

  async #lookAtListing(): Promise<void> {
    const listing = await this.#settings.listing();
    const isNew = this.#listing !== undefined && listing !== this.#listing;
    this.#listing = listing;
    if (isNew) for (const { onRuns } of this.#listeners) onRuns();
  }
}

const GROWING = [FILES.metrics, FILES.evaluations, FILES.events, FILES.lock] as const;
const FILLED = [FILES.rollouts, FILES.checkpoints] as const;

async function signatureOf(directory: string): Promise<string> {
  const files = await Promise.all(GROWING.map((name) => plainFile(directory, name)));
  const folders = await Promise.all(FILLED.map((name) => stat(join(directory, name)).catch(() => undefined)));
  return [...files.map((file) => file?.signature), ...folders.map((folder) => folder?.mtimeMs)].join(' ');
}

async function changeOf({ open, study }: WatchedRun): Promise<StreamChange> {
  const { run, directory } = open;
  const [summary] = await Promise.all([summarise(open, study), open.look()]);
  return {
    run,
    status: summary.status,
    step: summary.step,
    generation: open.metrics.generation,
    evaluations: open.evaluations.lines.length,
    events: open.events.lines.length,
    rolloutStep: await latestStep(join(directory, FILES.rollouts), '.parquet'),
    checkpointStep: await latestStep(join(directory, FILES.checkpoints), ''),
  };
}

/** The greatest step among `step-000010<ending>`. */
async function latestStep(folder: string, ending: string): Promise<number | null> {
  const names = await readdir(folder).catch(() => []);
  const steps = names.flatMap((name) =>
    name.endsWith(ending) ? (stepOf(name.slice(0, name.length - ending.length)) ?? []) : [],
  );
  return steps.length === 0 ? null : steps.reduce((a, b) => Math.max(a, b));
}
