/**
 * Makes the README's pictures of the dashboard again: trains the first steps of the quickstart in a folder of its own, opens it as
 * `polarity ui` does and photographs what Chromium shows. Needs a build. `node scripts/screenshots.mjs [steps]`, by default 40.
 */
import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const MAIN = join(ROOT, 'dist', 'cli', 'main.js');
const IMAGES = join(ROOT, 'docs', 'images');
/** What a reader of the README is asked to load. */
const MOST_BYTES = 200_000;

const steps = Number(process.argv[2] ?? 40);
const folder = mkdtempSync(join(tmpdir(), 'polarity-screenshots-'));
const runs = join(folder, 'runs');

function train() {
  const settings = [`training.steps=${steps}`, 'evaluation.problems=16', 'journal.rolloutsEvery=1'];
  const set = settings.flatMap((setting) => ['--set', setting]);
  execFileSync(process.execPath, [MAIN, 'train', join(ROOT, 'examples', 'quickstart.yaml'), '--runs', runs, ...set], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** @returns the server's process and its address */
function serve() {
  const server = fork(MAIN, ['ui', runs, '--port', '0'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    server.once('message', ({ dashboard }) => resolve([server, new URL(dashboard).origin]));
    server.once('exit', (code) => reject(new Error(`polarity ui ended with ${code}`)));
  });
}

/** A long search that found its answer, of an early step, where shaping is strongest: there is most to see in it. */
async function tellingRollout(origin) {
  const query = new URLSearchParams({ step: '2-6', outcome: 'correct', sort: '-tokens', limit: '100' });
  const address = `${origin}/api/runs/quickstart/rollouts?${query}`;
  let reply;
  do reply = await (await fetch(address)).json();
  while (!reply.complete);
  for (const { step, row } of reply.rows) {
    const { tokens } = await (await fetch(`${origin}/api/runs/quickstart/rollouts/${step}/${row}`)).json();
    const touched = tokens.rules?.findIndex((bits, t) => t > 0 && bits !== 0) ?? -1;
    if (touched > 0 && tokens.logprobChanges !== null) return { at: `${step}.${row}`, touched };
  }
  throw new Error('no correct rollout of steps 2 to 6 was probed');
}

/** @param selector what is there once the view is, and is clicked where `isClicked` */
async function photograph(page, address, selector, name, { isClicked = false } = {}) {
  await page.goto(address);
  await page.locator(selector).first().waitFor();
  if (isClicked) await page.locator(selector).first().click();
  // curves and numbers that come a moment later
  await page.waitForTimeout(1500);
  const path = join(IMAGES, name);
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${name} has ${size} bytes, more than ${MOST_BYTES}`);
  console.log(`docs/images/${name}: ${Math.round(size / 1000)} kB`);
}

let [server, browser] = [];
try {
  train();
  mkdirSync(IMAGES, { recursive: true });
  let origin;
  [server, origin] = await serve();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  await photograph(page, `${origin}/#/run/quickstart/charts`, 'canvas', 'dashboard.png');
  const { at, touched } = await tellingRollout(origin);
  const lens = `${origin}/#/run/quickstart/tokens?at=${at}&colour=advantage`;
  await photograph(page, lens, `[data-token="${touched}"]`, 'token-lens.png', { isClicked: true });
} finally {
  await browser?.close();
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
}
