/**
 * Builds what runs: the command and its rooms for Node, the dashboard's page for browsers, each by plain tsc, and beside the page
 * its HTML and style sheets. `node scripts/build.mjs [folder]`, by default dist/.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = join('dashboard', 'page');
const out = resolve(process.argv[2] ?? join(ROOT, 'dist'));

const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
/** What can be emitted is, whatever tsc complains of. */
const compile = (project) =>
  spawnSync(process.execPath, [tsc, '-p', join(ROOT, project), '--outDir', out], { stdio: 'inherit' }).status ?? 1;

const statuses = ['tsconfig.build.json', 'tsconfig.page.json'].map(compile);
for (const name of readdirSync(join(ROOT, 'src', PAGE), { recursive: true, encoding: 'utf8' }))
  if (/\.(?:css|html|svg)$/.test(name)) cpSync(join(ROOT, 'src', PAGE, name), join(out, PAGE, name));
process.exit(Math.max(...statuses));
