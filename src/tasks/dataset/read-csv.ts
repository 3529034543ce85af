/** Comma-separated values with a header line (RFC 4180): quoted cells may hold commas, quotes and line breaks. Every cell is text. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { UserError } from '../../core/errors.ts';
import { unreadable } from './read-errors.ts';
import { cellsOf, type Row } from './row.ts';

/** Characters of one record, at most: an unclosed quote must not swallow a large file. */
const LONGEST_RECORD = 2 ** 24;

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** @throws UserError naming the line where the record ends. */
export async function* readCsv(path: string): AsyncGenerator<Row> {
  let header: readonly string[] | undefined;
  try {
    for await (const { record, info } of recordsOf(path)) {
      if (header === undefined) header = checkHeader(record, path);
      else {
        const names = header;
        yield { place: `${path}:${info.lines}`, cells: cellsOf(record.map((cell, i) => [names[i] ?? '', cell])) };
      }
    }
  } catch (error) {
    throw error instanceof CsvError ? broken(error, path) : unreadable(path, error);
  }
}

function recordsOf(path: string): AsyncIterable<Parsed> {
  const text = Readable.from(textOf(path));
  const records = parse({ bom: true, info: true, skip_empty_lines: true, max_record_size: LONGEST_RECORD });
  text.on('error', (error) => records.destroy(error));
  return text.pipe(records);
}

async function* textOf(path: string): AsyncGenerator<string> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
      yield utf8.decode(chunk, { stream: true });
    yield utf8.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${path}: the text is not UTF-8; convert the file`);
    throw error;
  }
}

function checkHeader(names: readonly string[], path: string): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new UserError(`${path}:1: the header names column ${JSON.stringify(twice.slice(0, 40))} twice`);
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_MAX_RECORD_SIZE: `a record is longer than ${LONGEST_RECORD} characters: a quote may be unclosed`,
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'the record has another number of cells than the header',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that does not begin with one',
};

function broken(error: CsvError, path: string): UserError {
  const line = typeof error['lines'] === 'number' ? `:${error['lines']}` : '';
  return new UserError(`${path}${line}: ${FAULTS[error.code] ?? error.code}`, { cause: error });
}
