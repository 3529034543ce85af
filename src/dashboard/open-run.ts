/**
 * Runs that are being looked at: their lines, followed as they grow, and their rollouts. Those asked for longest ago are let go.
 */
import { join } from 'node:path';
import { FILES } from '../journal/names.ts';
import {
  decodeEvaluation,
  decodeEvent,
  decodeMetrics,
  type EvaluationLine,
  type EventLine,
  type MetricsLine,
  type Written,
} from '../journal/schema.ts';
import { LineTail } from './line-tail.ts';
import { MetricColumns } from './metric-columns.ts';
import type { OpenRolloutSource, RolloutSource } from './rollout-source.ts';
import type { RunFolder } from './run-folder.ts';

/** A list of lines that a tail fills. */
class Collected<T> {
  readonly lines: T[] = [];
  readonly tail: LineTail<T>;

  constructor(path: string, decode: (value: unknown) => T) {
    const { lines } = this;
    const forget = () => {
      lines.length = 0;
    };
    this.tail = new LineTail(path, { decode, take: (line) => lines.push(line), forget });
  }
}

export class OpenRun {
  readonly run: string;
  readonly directory: string;
  readonly columns = new MetricColumns();
  readonly metrics: LineTail<MetricsLine>;
  readonly evaluations: Collected<EvaluationLine & Written>;
  readonly events: Collected<EventLine & Written>;
  readonly rollouts: RolloutSource;

  constructor({ run, directory }: RunFolder, openRollouts: OpenRolloutSource) {
    this.run = run;
    this.directory = directory;
    const { columns } = this;
    this.metrics = new LineTail(join(directory, FILES.metrics), {
      decode: decodeMetrics,
      take: (line) => columns.take(line),
      forget: () => columns.forget(),
    });
    this.evaluations = new Collected(join(directory, FILES.evaluations), decodeEvaluation);
    this.events = new Collected(join(directory, FILES.events), decodeEvent);
    this.rollouts = openRollouts(directory);
  }

  /** Takes what all three files have that is new. */
  async look(): Promise<void> {
    await Promise.all([this.metrics.look(), this.evaluations.tail.look(), this.events.tail.look()]);
  }

  close(): Promise<void> {
    return this.rollouts.close();
  }
}

const MOST_OPEN = 48;

export class OpenRuns {
  readonly #openRollouts: OpenRolloutSource;
  /** By directory, the one asked for last at the end. */
  readonly #open = new Map<string, OpenRun>();

  constructor(openRollouts: OpenRolloutSource) {
    this.#openRollouts = openRollouts;
  }

  get(folder: RunFolder): OpenRun {
    const found = this.#open.get(folder.directory) ?? new OpenRun(folder, this.#openRollouts);
    this.#open.delete(folder.directory);
    this.#open.set(folder.directory, found);
    const oldest = this.#open.size > MOST_OPEN ? this.#open.values().next().value : undefined;
    if (oldest !== undefined) {
      this.#open.delete(oldest.directory);
      void oldest.close();
    }
    return found;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((run) => run.close()));
    this.#open.clear();
  }
}
