/**
 * docs/TREE.md: every source file with the first sentence of its header, so that a newcomer finds any line's room.
 *   node scripts/tree.mjs          writes it
 *   node scripts/tree.mjs --check  exits 1 when it is out of date
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TARGET = 'docs/TREE.md';

/** The first sentence of the first block comment, on one line. */
function clause(path) {
  const text = readFileSync(path, 'utf8');
  const comment = /\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  const prose = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .trim();
  return /^(.*?)\.(\s|$)/.exec(prose)?.[1] ?? prose;
}

function lines(folder, depth) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const files = entries.filter(
    (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.test.ts'),
  );
  const folders = entries.filter((entry) => entry.isDirectory());
  const indent = '  '.repeat(depth);
  return [
    ...files.map(({ name }) => `${indent}- \`${name}\` ${clause(join(folder, name))}`),
    ...folders.flatMap(({ name }) => [`${indent}- **${name}/**`, ...lines(join(folder, name), depth + 1)]),
  ];
}

const text = `# The tree, one clause a file

Written by \`node scripts/tree.mjs\` from the files' own headers.

${lines('src', 0).join('\n')}
`;
if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') === text) process.exit(0);
  console.error(`${TARGET} is out of date: run node scripts/tree.mjs`);
  process.exit(1);
}
writeFileSync(TARGET, text);
