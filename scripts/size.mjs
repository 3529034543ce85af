/**
 * Prints lines of source and tests per room: a mirror for whoever reviews, not a wall.
 * `node scripts/size.mjs` counts every line of each .ts file below src/, test/ and bench/.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

function typescriptFiles(folder) {
  const path = join(ROOT, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => ({ file, lines: readFileSync(join(path, file), 'utf8').split('\n').length - 1 }));
}

/** room -> { files, source, tests, longest } */
function perRoom() {
  const rooms = new Map();
  const count = (room, isTest, { file, lines }) => {
    const row = rooms.get(room) ?? { files: 0, source: 0, tests: 0, longest: { file: '', lines: 0 } };
    row.files += 1;
    row[isTest ? 'tests' : 'source'] += lines;
    if (lines > row.longest.lines) row.longest = { file, lines };
    rooms.set(room, row);
  };
  for (const each of typescriptFiles('src')) count(each.file.split(sep)[0], each.file.endsWith('.test.ts'), each);
  for (const each of typescriptFiles('test')) count('test', true, each);
  for (const each of typescriptFiles('bench')) count('bench', false, each);
  return rooms;
}

const rooms = perRoom();
const row = (...cells) =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(12) : `${cell}`.padStart(9))).join(''));
row('room', 'files', 'source', 'tests', 'longest');
const total = { files: 0, source: 0, tests: 0 };
for (const [room, { files, source, tests, longest }] of [...rooms].sort(([a], [b]) => a.localeCompare(b))) {
  row(room, files, source, tests, longest.lines);
  total.files += files;
  total.source += source;
  total.tests += tests;
}
row('total', total.files, total.source, total.tests, '');
console.log(`tests / source = ${(total.tests / Math.max(total.source, 1)).toFixed(2)}`);
