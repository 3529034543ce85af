import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { readParquet } from './read-parquet.ts';
import { readRows } from './read-rows.ts';
import type { ReadRowsOptions } from './row.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarity-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

async function rowsOf(path: string, options?: ReadRowsOptions) {
  const rows: { place: string; cells: Record<string, unknown> }[] = [];
  for await (const { place, cells } of readRows(path, options))
    rows.push({ place: place.slice(folder.length + 1), cells: { ...cells } });
  return rows;
}

const parquet = () =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'q', data: ['one', 'two', 'three'], type: 'STRING' },
        { name: 'n', data: [1n, 2n ** 60n, 3n], type: 'INT64' },
        { name: 'list', data: [[1, 2], [3], []], type: 'JSON' },
      ],
      rowGroupSize: 2,
    }),
  );

describe('JSONL', () => {
  it('takes byte order marks, CRLF, blank lines and a last line without an end', async () => {
    const path = written('a.jsonl', '\ufeff{"q":"one"}\r\n\r\n{"q":"two\u2028lines"}\n{"q":"three"}');
    expect(await rowsOf(path)).toEqual([
      { place: 'a.jsonl:1', cells: { q: 'one' } },
      { place: 'a.jsonl:3', cells: { q: 'two\u2028lines' } },
      { place: 'a.jsonl:4', cells: { q: 'three' } },
    ]);
  });

  it('finds lines across the chunks of a file', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => ({ i, text: 'x'.repeat(i) }));
    const path = written('long.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    expect((await rowsOf(path)).map(({ cells }) => cells)).toEqual(rows);
  });

  it('keeps a column called __proto__ as a column', async () => {
    const path = written('proto.jsonl', '{"__proto__": {"polluted": 1}, "q": 2}');
    for await (const { cells } of readRows(path)) expect(Object.keys(cells)).toEqual(['__proto__', 'q']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['a torn line', '{"q":1}\n{"q":', 'torn.jsonl:2: it ends too early (was the file cut off?)'],
    ['no JSON', '{"q":1}\nhello', 'torn.jsonl:2: not JSON'],
    ['a list', '[1]', 'torn.jsonl:1: a row is an object of columns, got a list'],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff), 'torn.jsonl:1: the text is not UTF-8'],
  ])('refuses %s', async (_name, content, message) => {
    await expect(rowsOf(written('torn.jsonl', content))).rejects.toThrow(message);
  });
});

describe('JSON', () => {
  it.each([
    ['a list', '\ufeff[{"q":1},{"q":2}]'],
    ['an object that holds one list', '{"version":1,"rows":[{"q":1},{"q":2}]}'],
  ])('takes %s', async (_name, content) => {
    expect(await rowsOf(written('a.json', content))).toEqual([
      { place: 'a.json[0]', cells: { q: 1 } },
      { place: 'a.json[1]', cells: { q: 2 } },
    ]);
  });

  it.each([
    ['two lists', '{"train":[],"test":[]}', 'one list; it holds 2: train, test'],
    ['a number', '3', 'a JSON data file is a list of rows'],
    ['a row that is none', '[{"q":1}, 2]', 'b.json[1]: a row is an object of columns, got a number'],
  ])('refuses %s', async (_name, content, message) => {
    await expect(rowsOf(written('b.json', content))).rejects.toThrow(message);
  });
});

describe('CSV', () => {
  it('takes cells of several lines, quotes in cells and CRLF; every cell is text', async () => {
    const path = written('a.csv', '\ufeffQuestion,Answer\r\n"What is\n1, 2 and ""3""?",007\r\nplain,\r\n');
    expect(await rowsOf(path)).toEqual([
      { place: 'a.csv:3', cells: { Question: 'What is\n1, 2 and "3"?', Answer: '007' } },
      { place: 'a.csv:4', cells: { Question: 'plain', Answer: '' } },
    ]);
  });

  it.each([
    ['a missing cell', 'a,b\n1\n', 'b.csv:2: the record has another number of cells than the header'],
    ['an open quote', 'a,b\n"1,2\n3,4\n', 'a quote is opened and never closed'],
    ['a header that repeats a name', 'a,a\n1,2\n', 'b.csv:1: the header names column "a" twice'],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0x0a, 0xff), 'the text is not UTF-8'],
  ])('refuses %s', async (_name, content, message) => {
    await expect(rowsOf(written('b.csv', content))).rejects.toThrow(message);
  });
});

describe('Parquet', () => {
  it('gives plain values, group by group', async () => {
    expect(await rowsOf(written('a.parquet', parquet()))).toEqual([
      { place: 'a.parquet[0]', cells: { q: 'one', n: 1, list: [1, 2] } },
      { place: 'a.parquet[1]', cells: { q: 'two', n: `${2n ** 60n}`, list: [3] } },
      { place: 'a.parquet[2]', cells: { q: 'three', n: 3, list: [] } },
    ]);
  });

  it('reads only the columns and rows asked for', async () => {
    const path = written('b.parquet', parquet());
    expect(await rowsOf(path, { columns: ['n', 'unheard of'], limit: 1 })).toEqual([
      { place: 'b.parquet[0]', cells: { n: 1 } },
    ]);
  });

  it('refuses a file that is cut off', async () => {
    await expect(rowsOf(written('c.parquet', parquet().subarray(0, 200)))).rejects.toThrow(
      'not a Parquet file that can be read',
    );
  });

  it('takes many rows in their order, and can be left in the middle', async () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `${i} ${'x'.repeat(i % 700)}`);
    const columnData = [{ name: 'text', data: texts, type: 'STRING' as const }];
    const path = written('many.parquet', new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 1000 })));
    expect((await rowsOf(path)).map(({ cells }) => cells['text'])).toEqual(texts);
    for await (const { place } of readRows(path)) if (place.endsWith('[1500]')) break;
  });

  describe('with a damaged run length', () => {
    // byte 200 stands in the header of the first column's page
    const endless = () => {
      const bytes = parquet();
      bytes[200] = 168;
      return written('endless.parquet', bytes);
    };
    const read = async (bounds: object) => {
      for await (const _ of readParquet(endless(), {}, bounds));
    };

    it('is given up once nothing has been decoded for a while', async () => {
      await expect(read({ stallMs: 1000 })).rejects.toThrow(/endless.parquet: nothing could be read for 1 s: the file/);
      await expect(read({ stallMs: 1000 })).rejects.toThrow(UserError);
    });

    it('takes no more memory than it may', async () => {
      await expect(read({ memoryBytes: 2 ** 25 })).rejects.toThrow('reading it takes more than 32 MiB of memory');
    });
  });
});

it.each([
  ['nowhere.jsonl', 'there is no such file'],
  ['nowhere.json', 'there is no such file'],
  ['nowhere.csv', 'there is no such file'],
  ['nowhere.parquet', 'there is no such file'],
  ['data.txt', 'a data file ends in .jsonl, .ndjson, .json, .csv, .parquet'],
  ['folder', 'a data file ends in'],
])('%s: %s', async (name, message) => {
  await expect(rowsOf(join(folder, name))).rejects.toThrow(message);
  await expect(rowsOf(join(folder, name))).rejects.toThrow(UserError);
});

/** Real bytes with a few of them changed, or cut off. */
const damaged = (whole: Uint8Array) =>
  fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }).map((changes) => {
    const bytes = Uint8Array.from(whole);
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes;
  });
const cutOff = (whole: Uint8Array) => fc.nat(whole.length - 1).map((end) => whole.subarray(0, end));
const meaningless = fc.uint8Array({ maxLength: 300 });

const jsonl = Buffer.from('{"q":"one","a":[1,2]}\n{"q":"two"}\n');
const json = Buffer.from('{"rows":[{"q":"one"},{"q":"two"}]}');
const csv = Buffer.from('q,a\r\n"one, two",1\r\n"x""y",2\r\n');
const framed = (middle: Uint8Array) => Buffer.concat([Buffer.from('PAR1'), middle, Buffer.from('PAR1')]);

it.each([
  ['jsonl', fc.oneof(damaged(jsonl), cutOff(jsonl), meaningless), 100],
  ['json', fc.oneof(damaged(json), cutOff(json), meaningless), 100],
  ['csv', fc.oneof(damaged(csv), cutOff(csv), meaningless), 100],
  ['parquet', fc.oneof(cutOff(parquet()), meaningless, meaningless.map(framed)), 10],
])('whatever the bytes of a %s file are, reading ends in rows or a UserError', async (ending, content, numRuns) => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(content, async (bytes) => {
      const path = written(`fuzz-${count++}.${ending}`, bytes);
      try {
        await rowsOf(path);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { numRuns },
  );
});

it('whatever bytes of a Parquet file were changed, reading ends', async () => {
  await fc.assert(
    fc.asyncProperty(damaged(parquet()), async (bytes) => {
      try {
        const bounds = { stallMs: 2000, memoryBytes: 2 ** 29 };
        for await (const _ of readParquet(written('changed.parquet', bytes), {}, bounds));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { numRuns: 30 },
  );
});
