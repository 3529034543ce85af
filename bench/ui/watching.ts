/**
 * `npm run bench:watching`: does watching slow training down? One training runs through; blocks of time with three pages open (each with an
 * event stream, asking for charts, health and rollouts whenever something changed) take turns with blocks without. The dashboard's server
 * runs all the while.
 *
 *   npm run bench:watching -- --file examples/quickstart.yaml --block 20 --pairs 8
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { MetricsReply } from '../../src/dashboard/api.ts';
import { FILES } from '../../src/journal/names.ts';
import { RunReader } from '../../src/journal/reader.ts';
import { median, type Served, serve } from './served.ts';

const { values } = parseArgs({
  options: {
    file: { type: 'string', default: 'examples/quickstart.yaml' },
    block: { type: 'string', default: '20' },
    pairs: { type: 'string', default: '8' },
    pages: { type: 'string', default: '3' },
    /** As `train --set`: small steps give more of them. */
    set: { type: 'string', multiple: true, default: ['training.problemsPerStep=2', 'sampling.groupSize=4'] },
  },
});
const blockMs = 1000 * Number(values.block);
/** Of each block, left out: pages open, the scan of earlier steps ends. */
const SETTLING_MS = 2000;
const NAME = 'watched';

interface Block {
  readonly isWatched: boolean;
  readonly from: number;
  readonly to: number;
  /** Of the dashboard's processes. */
  readonly cpuSeconds: number;
  /** Questions of the pages. */
  readonly asked: number;
}

/** One open page, until it is aborted. @returns questions asked */
async function page({ url, ask }: Served, signal: AbortSignal): Promise<number> {
  let asked = 0;
  try {
    const keys = (await ask<MetricsReply>(`/api/runs/${NAME}/metrics`)).keys.slice(0, 12).join(',');
    const response = await fetch(`${url}/api/stream?runs=${NAME}`, { signal });
    for await (const _ of response.body ?? []) {
      await Promise.all([
        ask(`/api/runs/${NAME}/metrics?keys=${keys}`),
        ask(`/api/runs/${NAME}/health`),
        ask(`/api/runs/${NAME}/events`),
        ask(`/api/runs/${NAME}/rollouts?sort=-step&limit=50`),
      ]);
      asked += 4;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return asked;
}

async function block(served: Served, isWatched: boolean): Promise<Block> {
  const closing = new AbortController();
  const pages = Array.from({ length: isWatched ? Number(values.pages) : 0 }, () => page(served, closing.signal));
  await setTimeout(SETTLING_MS);
  const [from, before] = [Date.now() / 1000, served.cpuSeconds()];
  await setTimeout(blockMs - SETTLING_MS);
  const [to, cpuSeconds] = [Date.now() / 1000, served.cpuSeconds() - before];
  closing.abort();
  const asked = (await Promise.all(pages)).reduce((sum, count) => sum + count, 0);
  return { isWatched, from, to, asked, cpuSeconds };
}

const runs = realpathSync(mkdtempSync(join(tmpdir(), 'polarity-bench-watching-')));
const settings = ['training.steps=1000000', ...values.set].flatMap((setting) => ['--set', setting]);
const args = ['train', values.file, '--runs', runs, '--name', NAME, ...settings];
const training = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
try {
  while (!existsSync(join(runs, NAME, FILES.metrics))) await setTimeout(200);
  await setTimeout(10_000);
  const served = await serve(runs);
  const blocks: Block[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair++)
    // A B, then B A: what drifts falls on both alike
    for (const isWatched of pair % 2 === 0 ? [true, false] : [false, true]) blocks.push(await block(served, isWatched));
  await served.close();
  const { lines } = await (await RunReader.open(runs, NAME)).metrics();
  const stepsOf = ({ from, to }: Block): number[] =>
    lines
      .map(({ metrics }) => ({ at: metrics['time/unix_s'] ?? 0, seconds: metrics['time/step_s'] ?? 0 }))
      .filter(({ at, seconds }) => at - seconds >= from && at <= to)
      .map(({ seconds }) => seconds);
  const of = (isWatched: boolean) => blocks.filter((each) => each.isWatched === isWatched).map(stepsOf);
  const [watched, alone] = [of(true), of(false)];
  const ratios = watched
    .map((steps, pair) => median(steps) / median(alone[pair] ?? []))
    // a block without a whole step says nothing
    .filter((ratio) => Number.isFinite(ratio) && ratio > 0);
  const asked = blocks.reduce((sum, each) => sum + each.asked, 0);
  console.log(
    `steps: ${watched.flat().length} watched by ${values.pages} pages (${asked} questions), ${alone.flat().length} not`,
  );
  console.log(`median step: ${median(watched.flat()).toFixed(4)} s watched, ${median(alone.flat()).toFixed(4)} s not`);
  const shares = blocks
    .filter(({ isWatched }) => isWatched)
    .map(({ cpuSeconds, from, to }) => cpuSeconds / (to - from));
  console.log(`processor time of the dashboard while watched: ${(100 * median(shares)).toFixed(1)} % of one core`);
  const sorted = [...ratios].sort((a, b) => a - b);
  console.log(
    `ratio of the medians of neighbouring blocks: median ${median(ratios).toFixed(3)}, ${(sorted[0] ?? 0).toFixed(3)} to ${(sorted.at(-1) ?? 0).toFixed(3)}`,
  );
} finally {
  const ended = once(training, 'exit');
  training.kill('SIGKILL');
  await ended;
  rmSync(runs, { recursive: true });
}
