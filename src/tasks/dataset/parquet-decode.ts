/**
 * Parquet, one row group at a time and only the columns asked for. What the file claims about its sizes is checked before memory is
 * taken for it; run lengths inside its pages are the library's to believe, which is why this runs in a process of its own.
 */
import { asyncBufferFromFile, type Compressors, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ParquetRequest } from './parquet-frames.ts';
import { cellsOf } from './row.ts';

/** Bytes of one page once decompressed. Writers aim at 1 MiB; a dictionary page may be larger. */
const LARGEST_PAGE = 2 ** 29;
/** Rows of one group. Writers' defaults are up to 2^20. */
const LARGEST_GROUP = 2 ** 22;
/** Characters after which a frame is full. */
const FRAME_LENGTH = 2 ** 18;

/** Frames of rows as JSON. @param onPage called whenever a page was decoded @throws Error saying what is wrong with the file */
export async function* decodeParquet(
  { path, columns, limit = Number.POSITIVE_INFINITY }: ParquetRequest,
  onPage: () => void,
): AsyncGenerator<string> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const groups = groupsOf(metadata);
  const names = columnsOf(metadata);
  const wanted = columns === undefined ? names : names.filter((name) => columns.includes(name));
  let start = 0;
  for (const rows of groups) {
    const rowEnd = Math.min(start + rows, limit);
    const read = { file, metadata, columns: wanted, compressors: bounded, onPage, rowStart: start, rowEnd };
    if (rowEnd > start) yield* inFrames(wanted, await rowsOf(read));
    start += rows;
  }
}

type Rows = readonly (readonly unknown[])[];

/** Values in the order of the columns. */
async function rowsOf(read: Parameters<typeof parquetRead>[0]): Promise<Rows> {
  let found: Rows = [];
  await parquetRead({
    ...read,
    rowFormat: 'array',
    onComplete: (rows) => {
      found = rows;
    },
  });
  return found;
}

/** JSON texts, so that their length tells when a frame is full. */
function* inFrames(columns: readonly string[], rows: Rows): Generator<string> {
  let texts: string[] = [];
  let length = 0;
  const frame = () => `{"columns":${JSON.stringify(columns)},"rows":[${texts.join(',')}]}`;
  for (const row of rows) {
    const text = JSON.stringify(row.map(plain));
    texts.push(text);
    length += text.length;
    if (length < FRAME_LENGTH) continue;
    yield frame();
    texts = [];
    length = 0;
  }
  if (texts.length > 0) yield frame();
}

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
function groupsOf(metadata: FileMetaData): number[] {
  return metadata.row_groups.map((group) => {
    const rows = Number(group.num_rows);
    if (Number.isInteger(rows) && rows >= 0 && rows <= LARGEST_GROUP) return rows;
    throw new RangeError(`a row group claims ${group.num_rows} rows, more than ${LARGEST_GROUP}`);
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

/** Parquet's values as JSON has them: whole numbers beyond 2^53 and dates become text, NaN and infinities null. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return cellsOf(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  return value;
}
