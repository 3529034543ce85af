/**
 * Parquet, one row group at a time and only the columns asked for, so memory is bounded by the largest row group. What the file
 * claims about its sizes is checked before memory is taken for it.
 */
import {
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { UserError } from '../../core/errors.ts';
import { unreadable } from './read-errors.ts';
import { cellsOf, type ReadRowsOptions, type Row } from './row.ts';

/** Bytes of one page once decompressed. Writers aim at 1 MiB; a dictionary page may be larger. */
const LARGEST_PAGE = 2 ** 29;
/** Rows of one group. Writers' defaults are up to 2^20. */
const LARGEST_GROUP = 2 ** 22;

/** @throws UserError naming the file. */
export async function* readParquet(path: string, { columns, limit }: ReadRowsOptions): AsyncGenerator<Row> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const groups = groupsOf(metadata, path);
    const names = columnsOf(metadata);
    const wanted = columns === undefined ? names : names.filter((name) => columns.includes(name));
    let start = 0;
    for (const rows of groups) {
      const rowEnd = Math.min(start + rows, limit ?? Number.POSITIVE_INFINITY);
      const read = { file, metadata, columns: wanted, compressors: bounded, rowStart: start, rowEnd };
      const objects = rowEnd > start ? await parquetReadObjects(read) : [];
      for (const [i, object] of objects.entries())
        yield { place: `${path}[${start + i}]`, cells: cellsOf(Object.entries(object).map(([n, v]) => [n, plain(v)])) };
      start += rows;
    }
  } catch (error) {
    throw isFileFault(error) || error instanceof UserError
      ? unreadable(path, error)
      : new UserError(`${path}: not a Parquet file that can be read: ${(error as Error).message}`, { cause: error });
  }
}

const isFileFault = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).code === 'string';

const columnsOf = ({ schema }: FileMetaData): string[] => {
  const names: string[] = [];
  for (let i = 1; i < schema.length; i += 1 + descendants(schema, i)) names.push(schema[i]?.name ?? '');
  return names;
};

/** Elements below element `at` of a schema that is listed depth first. */
function descendants(schema: FileMetaData['schema'], at: number): number {
  let left = schema[at]?.num_children ?? 0;
  let next = at + 1;
  for (; left > 0 && next < schema.length; next++) left += (schema[next]?.num_children ?? 0) - 1;
  return next - at - 1;
}

/** Rows of each group. */
function groupsOf(metadata: FileMetaData, path: string): number[] {
  return metadata.row_groups.map((group) => {
    const rows = Number(group.num_rows);
    if (Number.isInteger(rows) && rows >= 0 && rows <= LARGEST_GROUP) return rows;
    throw new UserError(
      `${path}: a row group claims ${group.num_rows} rows, more than ${LARGEST_GROUP}: write the file again with smaller row groups`,
    );
  });
}

const bounded: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, size: number) => {
      if (size < 0 || size > LARGEST_PAGE) throw new RangeError(`a page claims ${size} bytes`);
      return decompress(input, size);
    },
  ]),
);

/** Parquet's values as JSON has them: whole numbers beyond 2^53 and dates become text. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return cellsOf(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return value;
}
