/** A JSON file: a list of objects, or an object that holds exactly one such list. Read whole. */
import { readFile, stat } from 'node:fs/promises';
import { UserError } from '../../core/errors.ts';
import { unreadable } from './read-errors.ts';
import { decode, objectOf, parse } from './read-jsonl.ts';
import type { Row } from './row.ts';

/** Bytes, at most: the file is held in memory three times over (bytes, text, values). */
const LARGEST_FILE = 2 ** 28;

/** @throws UserError naming the row. */
export async function* readJson(path: string): AsyncGenerator<Row> {
  const rows = listIn(parse((await read(path)).replace(/^\ufeff/, ''), path), path);
  for (const [index, row] of rows.entries()) {
    const place = `${path}[${index}]`;
    yield { place, cells: objectOf(row, place) };
  }
}

async function read(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_FILE)
      throw new UserError(`${path}: ${size} bytes are too many for one JSON value; convert it to JSONL`);
    return decode(await readFile(path), path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function listIn(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const isObject = typeof value === 'object' && value !== null;
  const lists = isObject ? Object.entries(value).filter(([, held]) => Array.isArray(held)) : [];
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only[1] as readonly unknown[];
  const found = lists.length > 1 ? `; it holds ${lists.length}: ${lists.map(([name]) => name).join(', ')}` : '';
  throw new UserError(`${path}: a JSON data file is a list of rows, or an object that holds one list${found}`);
}
