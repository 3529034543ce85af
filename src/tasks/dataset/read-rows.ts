/**
 * Rows of a local data file, one at a time: JSONL, JSON, CSV, Parquet. Knows nothing of what the columns mean.
 *
 * Whatever the bytes are, reading ends: in rows, or in a UserError that names the file and the place.
 */
import { extname } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { readJsonl } from './read-jsonl.ts';
import { readParquet } from './read-parquet.ts';
import type { ReadRowsOptions, Row } from './row.ts';

type Reader = (path: string, options: ReadRowsOptions) => AsyncIterable<Row>;

const READERS: Readonly<Record<string, Reader>> = {
  '.jsonl': readJsonl,
  '.ndjson': readJsonl,
  '.json': readJson,
  '.csv': readCsv,
  '.parquet': readParquet,
};

/**
 * The rows of a file in its order, read as they are asked for; the format is the file name's ending.
 * @throws UserError naming the file and the line or row.
 */
export async function* readRows(path: string, options: ReadRowsOptions = {}): AsyncGenerator<Row> {
  const read = Object.hasOwn(READERS, extname(path).toLowerCase()) ? READERS[extname(path).toLowerCase()] : undefined;
  if (read === undefined)
    throw new UserError(`${path}: a data file ends in ${Object.keys(READERS).join(', ')}; convert it to one of them`);
  let count = 0;
  if (options.limit === 0) return;
  for await (const row of read(path, options)) {
    yield row;
    if (++count === options.limit) return;
  }
}
