/**
 * `npm run bench:ui`: how long the dashboard takes to show a long run: 5,000 steps and 1,000,000 rollouts (235 MB, written to a temporary
 * folder first, two to five minutes, and deleted after). Medians over fresh servers, or over different queries.
 *
 *   npm run bench:ui -- --steps 5000 --servers 5
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { MetricsReply, RolloutsReply } from '../../src/dashboard/api.ts';
import { NEEDLE, writeBigRun } from './big-run.ts';
import { median, type Served, serve, timed } from './served.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '5000' },
    servers: { type: 'string', default: '5' },
    /** A folder that holds such a run already, called `big`: used and kept. */
    runs: { type: 'string' },
  },
});
const steps = Number(values.steps);
const ROLLOUTS = '/api/runs/big/rollouts';

const show = (what: string, value: string): void => console.log(`${what.padEnd(52)} ${value}`);
const milliseconds = (values: readonly number[]): string =>
  `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}, ${values.length} times)`;

/** What a page asks before it shows a run: the list, the run, its charts, its health, the first page of rollouts. */
async function open({ ask }: Served): Promise<void> {
  await ask('/api/runs');
  const keys = (await ask<MetricsReply>('/api/runs/big/metrics')).keys.slice(0, 12).join(',');
  await Promise.all([
    ask('/api/runs/big'),
    ask(`/api/runs/big/metrics?keys=${keys}`),
    ask('/api/runs/big/evaluations'),
    ask('/api/runs/big/events'),
    ask('/api/runs/big/health'),
    ask(`${ROLLOUTS}?sort=-step&limit=50`),
  ]);
}

/** Asks until everything is scanned. */
async function whole(
  { ask }: Served,
  query: string,
  onReply: (reply: RolloutsReply) => void = () => {},
): Promise<RolloutsReply> {
  for (;;) {
    const reply = await ask<RolloutsReply>(`${ROLLOUTS}?${query}`);
    onReply(reply);
    if (reply.complete) return reply;
    await setTimeout(250);
  }
}

async function measureOpening(folder: string): Promise<void> {
  const opened: number[] = [];
  const rollouts: number[] = [];
  const step: number[] = [];
  for (let i = 0; i < Number(values.servers); i++) {
    const served = await serve(folder);
    opened.push((await timed(() => open(served))).ms);
    await served.close();
    const fresh = await serve(folder);
    rollouts.push((await timed(() => fresh.ask(`${ROLLOUTS}?sort=-step&limit=50`))).ms);
    step.push((await timed(() => fresh.ask(`${ROLLOUTS}?step=${Math.ceil(steps / 2)}&limit=200`))).ms);
    await fresh.close();
  }
  show('opens: list, run, 12 charts, health, first rollouts', milliseconds(opened));
  show('first page of rollouts, nothing read before', milliseconds(rollouts));
  show('all rollouts of a step in the middle', milliseconds(step));
}

async function measureQueries(served: Served): Promise<void> {
  const each = async (what: string, queries: readonly string[]): Promise<void> => {
    const taken: number[] = [];
    for (const query of queries) taken.push((await timed(() => served.ask(`${ROLLOUTS}?${query}&limit=50`))).ms);
    show(what, milliseconds(taken));
  };
  const five = [0, 1, 2, 3, 4];
  await each(
    'filter: outcome and tokens',
    five.map((i) => `outcome=correct&minTokens=${6 + i}`),
  );
  await each(
    'filter: one problem across steps',
    five.map((i) => `problem=train/${100 + i}`),
  );
  await each(
    'filter: truncated, negative',
    five.map((i) => `truncated=true&polarity=negative&maxTokens=${99 - i}`),
  );
  await each(
    'sort all by tokens',
    five.map((i) => `sort=-tokens&minTokens=${i}`),
  );
  await each(
    'sort all by reward',
    five.map((i) => `sort=-reward&minTokens=${i}`),
  );
  await each(
    'sort all by problem',
    five.map((i) => `sort=problem&minTokens=${i}`),
  );
  await each(
    'scroll a sorted million',
    five.map((i) => `sort=problem&offset=${200_000 + 1000 * i}`),
  );
  const one = await Promise.all(five.map(() => timed(() => served.ask(`${ROLLOUTS}/${Math.ceil(steps / 3)}/77`))));
  show('one rollout with its tokens and group', milliseconds(one.map(({ ms }) => ms)));
}

async function measureIndex(served: Served): Promise<void> {
  let slowest = 0;
  let beats = 0;
  const scanning = timed(() => whole(served, 'sort=-step&limit=50&truncated=true&maxTokens=1'));
  const isDone = scanning.then(() => true);
  // what a page shows meanwhile
  while (!(await Promise.race([isDone, setTimeout(100, false)]))) {
    slowest = Math.max(slowest, (await timed(() => served.ask('/api/runs/big/health'))).ms);
    beats++;
  }
  show('index of all rollouts, in the background', `${((await scanning).ms / 1000).toFixed(1)} s`);
  show('slowest other answer meanwhile', `${slowest.toFixed(0)} ms of ${beats}`);
}

async function measureSearch(served: Served): Promise<void> {
  let first: number | undefined;
  const begin = performance.now();
  const { ms, value } = await timed(() =>
    whole(served, `sort=-step&text=${NEEDLE}`, ({ total }) => {
      if (total > 0) first ??= performance.now() - begin;
    }),
  );
  show('text search, first hit shown', first === undefined ? 'none' : `${(first / 1000).toFixed(1)} s`);
  show(`text search, all (${value.total} hits)`, `${(ms / 1000).toFixed(1)} s`);
}

const runs = values.runs ?? realpathSync(mkdtempSync(join(tmpdir(), 'polarity-bench-ui-')));
try {
  if (values.runs === undefined) {
    const run = { runsDirectory: runs, name: 'big', steps, problemsPerStep: 25, groupSize: 8, maxTokens: 28 };
    const { ms, value } = await timed(() => writeBigRun(run));
    show('written', `${value} rollouts of ${steps} steps in ${(ms / 1000).toFixed(0)} s`);
  }
  await measureOpening(runs);
  const served = await serve(runs);
  const before = served.memory();
  await measureIndex(served);
  await measureQueries(served);
  await measureSearch(served);
  const after = served.memory();
  show('memory of the server, before and after', `${before.server} MiB, ${after.server} MiB`);
  show('memory of its two readers', `${after.readers} MiB`);
  await served.close();
} finally {
  if (values.runs === undefined) rmSync(runs, { recursive: true });
}
