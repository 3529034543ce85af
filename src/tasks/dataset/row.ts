/** A row of a data file, whatever its format. */

/** Column -> value, plain JSON. Made without a prototype, so a column called `__proto__` is a column. */
export type Cells = Readonly<Record<string, unknown>>;

export interface Row {
  /** For messages: `data/train.jsonl:12` (a line) or `data/train.parquet[11]` (a row, from 0). */
  readonly place: string;
  readonly cells: Cells;
}

export interface ReadRowsOptions {
  /** Top-level columns that are wanted; others may be left out (Parquet reads only these). Absent: all. */
  readonly columns?: readonly string[];
  /** Stop after so many rows. */
  readonly limit?: number;
}

/** Own properties all of them. */
export function cellsOf(entries: Iterable<readonly [string, unknown]>): Cells {
  const cells: Record<string, unknown> = Object.create(null);
  for (const [name, value] of entries) cells[name] = value;
  return cells;
}

/** Cells end in spaces and line breaks in published files; one that is no text counts as empty. */
export const textOf = (cell: unknown): string => (typeof cell === 'string' ? cell.trim() : '');
