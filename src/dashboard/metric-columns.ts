/** The metrics of a run as columns over its steps. */
import type { MetricsLine } from '../journal/schema.ts';
import type { MetricsReply, Value } from './api.ts';

/** A run has about 150; whoever has more is not measured by us. */
const MOST_KEYS = 5000;

export class MetricColumns {
  #steps: number[] = [];
  readonly #columns = new Map<string, (number | null)[]>();
  #keysLeftOut = false;

  get steps(): readonly number[] {
    return this.#steps;
  }

  /** Whether the file has more keys than are kept. */
  get keysLeftOut(): boolean {
    return this.#keysLeftOut;
  }

  get keys(): string[] {
    return [...this.#columns.keys()].sort();
  }

  /** A step that was there already, and all after it, are replaced: the later line is what happened. */
  take({ step, metrics }: MetricsLine): void {
    if (step <= (this.#steps.at(-1) ?? -1)) this.#cutAt(this.#steps.findIndex((each) => each >= step));
    const row = this.#steps.push(step) - 1;
    for (const [key, value] of Object.entries(metrics)) {
      const column = this.#columnOf(key);
      if (column === undefined) continue;
      while (column.length < row) column.push(null);
      column[row] = value;
    }
  }

  forget(): void {
    this.#steps = [];
    this.#columns.clear();
    this.#keysLeftOut = false;
  }

  /** [N], null where a step has no such metric; undefined when no step has. */
  column(key: string): readonly (number | null)[] | undefined {
    const column = this.#columns.get(key);
    if (column === undefined) return undefined;
    while (column.length < this.#steps.length) column.push(null);
    return column;
  }

  /** Undefined where the step has no such metric. */
  at(step: number, key: string): number | undefined {
    return this.#columns.get(key)?.[this.#steps.indexOf(step)] ?? undefined;
  }

  reply(keys: readonly string[], from: number): Pick<MetricsReply, 'steps' | 'columns' | 'keys'> {
    const first = this.#steps.findIndex((step) => step >= from);
    const begin = first < 0 ? this.#steps.length : first;
    const columns = [...new Set(keys)].flatMap((key) => {
      const column = this.column(key);
      return column === undefined ? [] : [[key, column.slice(begin).map(writable)] as const];
    });
    return { steps: this.#steps.slice(begin), columns: Object.fromEntries(columns), keys: this.keys };
  }

  #columnOf(key: string): (number | null)[] | undefined {
    const known = this.#columns.get(key);
    if (known !== undefined) return known;
    this.#keysLeftOut ||= this.#columns.size >= MOST_KEYS;
    if (this.#keysLeftOut) return undefined;
    const column: (number | null)[] = [];
    this.#columns.set(key, column);
    return column;
  }

  #cutAt(row: number): void {
    this.#steps.length = row;
    for (const column of this.#columns.values()) column.length = Math.min(column.length, row);
  }
}

/** JSON has no NaN and no infinities. */
export const writable = (value: number | null): Value | null =>
  value === null || Number.isFinite(value) ? value : (String(value) as Value);

export const writableAll = (values: Readonly<Record<string, number>>): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, writable(value) as Value]));
