/** Lines of JSON, one object each. Lines end with \n or \r\n alone: text may hold other line separators. */
import { createReadStream } from 'node:fs';
import { UserError } from '../../core/errors.ts';
import { linesOf } from './lines.ts';
import { jsonFault } from './read-errors.ts';
import { cellsOf, type Row } from './row.ts';

/** @throws UserError naming the line. */
export async function* readJsonl(path: string): AsyncGenerator<Row> {
  let line = 0;
  for await (const bytes of linesOf(path, createReadStream(path, { highWaterMark: 2 ** 18 }))) {
    line++;
    const place = `${path}:${line}`;
    const text = decode(bytes, place);
    const json = line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
    if (json.trim() === '') continue;
    yield { place, cells: objectOf(parse(json, place), place) };
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws UserError naming the place when the bytes are not UTF-8. */
export function decode(bytes: Uint8Array, place: string): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new UserError(`${place}: the text is not UTF-8; convert the file`, { cause: error });
  }
}

/** @throws UserError naming the place. */
export function parse(json: string, place: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UserError(`${place}: ${jsonFault(error)}`, { cause: error });
  }
}

/** @throws UserError when it is not an object. */
export function objectOf(value: unknown, place: string): Row['cells'] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return cellsOf(Object.entries(value));
  const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  throw new UserError(`${place}: a row is an object of columns, got ${kind}`);
}
