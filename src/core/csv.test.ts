import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv } from './csv.ts';

test('quotes what needs it, keeps numbers exact and absent cells empty', () => {
  expect(
    csv([
      ['a,b', 'say "x"', 'two\nlines'],
      [0.1 + 0.2, undefined, -1],
    ]),
  ).toBe('"a,b","say ""x""","two\nlines"\n0.30000000000000004,,-1\n');
});

test('is text to a spreadsheet, never a formula', () => {
  expect(csv([['=1+1', '@x', '-y', '+z', '\t=1', '1=1']])).toBe("'=1+1,'@x,'-y,'+z,'\t=1,1=1\n");
  expect(csv([['a","=1']])).toBe('"a"",""=1"\n');
});

test('whatever the texts, a reader gets them back, with an apostrophe before what looks like a formula', () => {
  const cells = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(cells, (row) => {
      const [read] = parse(csv([row]), { relaxColumnCount: true, recordDelimiter: '\n' }) as string[][];
      expect(read).toEqual(row.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)));
    }),
  );
});
