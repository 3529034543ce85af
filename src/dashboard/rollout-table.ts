/**
 * The small columns of all rollouts of a run in typed arrays, 21 bytes a rollout, grown file by file: filters and sorts look at
 * nothing else. Knows no files: whoever reads them adds their summaries.
 */
import type { FileSummary } from './rollout-jobs.ts';

/** The rollouts of one step: rows [0, count) of its file are places [start, start + count) of the table. */
export interface Block {
  readonly step: number;
  readonly start: number;
  readonly count: number;
}

const emptyColumns = (capacity: number) => ({
  problem: new Uint32Array(capacity),
  reward: new Float64Array(capacity),
  tokens: new Uint32Array(capacity),
  policyVersion: new Int32Array(capacity),
  flags: new Uint8Array(capacity),
});

export type Columns = Readonly<ReturnType<typeof emptyColumns>>;

export class RolloutTable {
  #columns = emptyColumns(0);
  #length = 0;
  readonly #problems: string[] = [];
  readonly #codes = new Map<string, number>();
  /** By step, ascending, and in the order they came in: by start. */
  readonly #blocks: Block[] = [];
  readonly #arrived: Block[] = [];

  get length(): number {
    return this.#length;
  }

  /** [length] or longer */
  get columns(): Columns {
    return this.#columns;
  }

  /** By `columns.problem`. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** @param step of which nothing was added before */
  add(step: number, file: FileSummary): void {
    const start = this.#length;
    const count = file.flags.length;
    this.#grow(start + count);
    const codes = Uint32Array.from(file.problems, (problem) => this.#numbered(problem));
    this.#columns.problem.set(
      file.problem.map((code) => codes[code] ?? 0),
      start,
    );
    for (const name of ['reward', 'tokens', 'policyVersion', 'flags'] as const)
      this.#columns[name].set(file[name], start);
    this.#length = start + count;
    const block = { step, start, count };
    this.#blocks.splice(this.#blocksBefore(step), 0, block);
    this.#arrived.push(block);
  }

  /** By step, ascending. */
  blocks(firstStep: number, lastStep: number): readonly Block[] {
    return this.#blocks.slice(this.#blocksBefore(firstStep), this.#blocksBefore(lastStep + 1));
  }

  /** Where a place is on disk. */
  at(place: number): { readonly step: number; readonly row: number } {
    const block = this.#arrived[countWhere(this.#arrived, ({ start }) => start <= place) - 1] as Block;
    return { step: block.step, row: place - block.start };
  }

  /** The number of a problem in `problems`; undefined for one that no rollout has. */
  codeOf(problem: string): number | undefined {
    return this.#codes.get(problem);
  }

  #blocksBefore(step: number): number {
    return countWhere(this.#blocks, (block) => block.step < step);
  }

  #numbered(problem: string): number {
    const known = this.#codes.get(problem);
    if (known !== undefined) return known;
    this.#codes.set(problem, this.#problems.length);
    return this.#problems.push(problem) - 1;
  }

  #grow(length: number): void {
    if (length <= this.#columns.flags.length) return;
    const larger = emptyColumns(Math.max(length, 2 * this.#columns.flags.length, 4096));
    for (const name of Object.keys(larger) as (keyof Columns)[]) larger[name].set(this.#columns[name]);
    this.#columns = larger;
  }
}

/** How many elements lie before the first that fails; none after it may hold. */
function countWhere<T>(list: readonly T[], holds: (element: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
