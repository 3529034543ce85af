/**
 * Metrics of runs as the page holds them: columns that grow while a run is written. Each key is asked for once from its beginning,
 * afterwards only from its last step on. Kept while the page is open, so that going back to a run shows it at once.
 */
import { useEffect, useState } from 'preact/hooks';
import type { MetricsReply, Value } from '../api.ts';
import { api, ask, type Failure } from './client.ts';
import { useLive, versionOf } from './live.ts';

/** [N] steps, ascending, and [N] values; null where the step has none. NaN and infinities are what they are. */
export interface Column {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

export interface RunMetrics {
  /** Of those asked for; keys that the run does not have are absent. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Every key of the run, sorted; undefined until the first answer. */
  readonly keys?: readonly string[];
  readonly generation?: number;
  readonly damaged: number;
  readonly tornBytes: number;
  /** Why the last question was not answered; what was known before stays. */
  readonly failure?: Failure;
}

export const NO_METRICS: RunMetrics = { columns: new Map(), damaged: 0, tornBytes: 0 };

/** As many as the server takes in one question. */
const MOST_KEYS = 200;

const numberOf = (value: Value | null): number | null => (typeof value === 'string' ? Number(value) : value);

/**
 * What is known after an answer.
 *
 * @param from the first step that was asked for; an answer of another generation than before counts only where it is 0
 */
export function withReply(before: RunMetrics, reply: MetricsReply, asked: readonly string[], from: number): RunMetrics {
  const isAnother = before.generation !== undefined && before.generation !== reply.generation;
  const columns = new Map(isAnother ? [] : before.columns);
  for (const key of isAnother && from > 0 ? [] : asked) {
    const values = reply.columns[key]?.map(numberOf) ?? reply.steps.map(() => null);
    const old = from > 0 ? columns.get(key) : undefined;
    columns.set(key, old ? joined(old, { steps: reply.steps, values }) : { steps: reply.steps, values });
  }
  const { keys, generation, damaged, tornBytes } = reply;
  return { columns, keys, generation, damaged, tornBytes };
}

/** Steps of the later column that the earlier has already are left out. */
function joined(earlier: Column, later: Column): Column {
  const last = earlier.steps.at(-1) ?? -1;
  const fresh = later.steps.findIndex((step) => step > last);
  if (fresh < 0) return earlier;
  return {
    steps: [...earlier.steps, ...later.steps.slice(fresh)],
    values: [...earlier.values, ...later.values.slice(fresh)],
  };
}

/** Keys by the step they are to be asked from: 0 for those not held. */
export function questions(held: RunMetrics, wanted: readonly string[]): { from: number; keys: string[] }[] {
  const byStep = new Map<number, string[]>();
  for (const key of wanted) {
    const from = (held.columns.get(key)?.steps.at(-1) ?? -1) + 1;
    byStep.set(from, [...(byStep.get(from) ?? []), key]);
  }
  return [...byStep].flatMap(([from, keys]) =>
    Array.from({ length: Math.ceil(keys.length / MOST_KEYS) }, (_, i) => ({
      from,
      keys: keys.slice(i * MOST_KEYS, (i + 1) * MOST_KEYS),
    })),
  );
}

/** One run's metrics, asked for one question at a time. */
class MetricsOfRun {
  held: RunMetrics = NO_METRICS;
  readonly listeners = new Set<() => void>();
  private readonly run: string;
  private readonly wanted = new Set<string>();
  private isBusy = false;
  private isWanted = false;

  constructor(run: string) {
    this.run = run;
  }

  async want(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.wanted.add(key);
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWanted) {
      this.isWanted = false;
      await this.askAll();
      for (const listener of this.listeners) listener();
    }
    this.isBusy = false;
  }

  private async askAll(): Promise<void> {
    const asked = questions(this.held, [...this.wanted]);
    // without keys the answer still says which there are
    for (const { from, keys } of asked.length > 0 ? asked : [{ from: 0, keys: [] }]) {
      const { generation } = this.held;
      const answer = await ask(api.metrics(this.run, { keys: keys.join(','), from }));
      if (!answer.ok) {
        this.held = { ...this.held, failure: answer.failure };
        return;
      }
      this.held = withReply(this.held, answer.value, keys, from);
      if (generation !== undefined && generation !== answer.value.generation) this.isWanted = true;
    }
  }
}

const known = new Map<string, MetricsOfRun>();

function metricsOf(run: string): MetricsOfRun {
  const held = known.get(run) ?? new MetricsOfRun(run);
  known.set(run, held);
  return held;
}

/** Metrics of some runs, followed as the live stream says. Without keys: which keys there are. */
export function useMetrics(runs: readonly string[], keys: readonly string[]): ReadonlyMap<string, RunMetrics> {
  const { changes } = useLive();
  const [, setDrawn] = useState(0);
  const [runList, keyList] = [runs.join(','), keys.join(',')];
  const versions = runs.map((run) => versionOf(changes.get(run))).join(' ');

  useEffect(() => {
    const redraw = (): void => setDrawn((count) => count + 1);
    for (const run of runs) metricsOf(run).listeners.add(redraw);
    return () => {
      for (const run of runs) metricsOf(run).listeners.delete(redraw);
    };
  }, [runList]);

  useEffect(() => {
    for (const run of runs) void metricsOf(run).want(keys);
  }, [runList, keyList, versions]);

  return new Map(runs.map((run) => [run, metricsOf(run).held]));
}
