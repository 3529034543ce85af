/**
 * Packs the project as npm would publish it, from a fresh build, installs the tarball in an empty folder and runs it there.
 * `node scripts/pack.mjs [folder for the tarball]`; needs the npm registry.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'polarity-pack-'));
const [staging, install] = [join(folder, 'package'), join(folder, 'install')];
const destination = resolve(process.argv[2] ?? folder);

const run = (cwd, command, ...args) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
const polarity = (...args) => run(install, 'npx', '--no-install', 'polarity', ...args);

function check(what, holds) {
  if (!holds) throw new Error(`the installed package fails: ${what}`);
  console.log(`well  ${what}`);
}

function pack() {
  for (const path of [staging, install, destination]) mkdirSync(path, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const copied = ['package.json', 'README.md', 'LICENSE', ...manifest.files.filter((path) => path !== 'dist')];
  for (const path of copied)
    if (existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(staging, path), { recursive: true });
  run(ROOT, process.execPath, join('scripts', 'build.mjs'), join(staging, 'dist'));
  const [{ filename, size, entryCount }] = JSON.parse(
    run(staging, 'npm', 'pack', '--json', '--pack-destination', destination),
  );
  console.log(`${join(destination, filename)}  ${(size / 1e6).toFixed(1)} MB, ${entryCount} files`);
  return join(destination, filename);
}

try {
  const tarball = pack();
  writeFileSync(join(install, 'package.json'), '{ "type": "module" }');
  // as .npmrc does here: onnxruntime-node's install script would download CUDA
  run(install, 'npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', tarball);
  check('--help names the commands', polarity('--help').includes('pretrain'));
  check('tasks lists countdown', polarity('tasks').includes('countdown'));
  check('doctor finds all well', JSON.parse(polarity('doctor', '--json')).isWell);
  const example = join('node_modules', 'polarity', 'examples', 'echo.yaml');
  check(
    'an example trains',
    JSON.parse(polarity('train', example, '--json').trimEnd().split('\n').at(-1)).steps === 20,
  );
  const importing = "console.log(typeof (await import('polarity/objectives/objective')).parseObjective)";
  const imported = run(install, process.execPath, '--input-type=module', '-e', importing);
  check('its rooms can be imported', imported.trim() === 'function');
  const serving = "console.log((await (await import('polarity/dashboard/static')).loadStaticSite()).files.has('/'))";
  check(
    "the dashboard's page is in it",
    run(install, process.execPath, '--input-type=module', '-e', serving).trim() === 'true',
  );
} finally {
  // the tarball with it, unless another place was given
  rmSync(folder, { recursive: true, force: true });
}
