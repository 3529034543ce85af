/** What crosses between a run and the process that reads a Parquet file for it. */

/** The process's only argument, as JSON. */
export interface ParquetRequest {
  readonly path: string;
  /** Absent: all. */
  readonly columns?: readonly string[] | undefined;
  /** Rows. Absent: all. */
  readonly limit?: number | undefined;
  /** Of the process; when it has taken more, it ends itself. */
  readonly memoryBytes: number;
}

/** One line of JSON on the process's stdout. */
export type ParquetFrame =
  /** Rows in their order, each with a value for every column. */
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] }
  /** Still at work: a page was decoded. */
  | 'working'
  | 'end'
  /** `code`: of an error of the file system. */
  | { readonly fault: string; readonly code?: string };
