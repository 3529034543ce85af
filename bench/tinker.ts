/**
 * `npm run bench:tinker`: what the client of the Tinker protocol costs. The whole training loop against a server of zero compute in a process of its
 * own (`tinker-peer.ts`): sample, decode, verify, advantages, datums, forward_backward, optimizer step, journal. Every token has an advantage.
 *
 *   npm run bench:tinker -- --steps 8 --only protobuf
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect, type TinkerEngine } from '../src/engine/tinker/index.ts';
import { createRun } from '../src/journal/writer.ts';
import { parseObjective } from '../src/objectives/objective.ts';
import type { Task } from '../src/tasks/task.ts';
import { createCharacterTokenizer } from '../src/text/character-tokenizer.ts';
import { initialState } from '../src/train/checkpoint-state.ts';
import { resolveConfig } from '../src/train/config.ts';
import { train } from '../src/train/loop.ts';
import type { PeerSettings, PeerStats } from './tinker-peer.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '6' },
    only: { type: 'string' },
    'sample-ms': { type: 'string', default: '10000' },
    'train-ms': { type: 'string', default: '5000' },
  },
});
const STEPS = Number(values.steps);

/** Not measured: code is still being compiled. */
const WARM_UP = 2;
const PROMPT = 64;
const COMPLETION = 512;
const HEARTBEAT_MS = 1_000;

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789 +-*/=().';
const tokenizer = createCharacterTokenizer(ALPHABET);

/** A prompt of a length, and a verifier that reads all of the completion; half of the peer's completions are correct. */
const task: Task = {
  name: 'letters',
  alphabet: ALPHABET,
  size: (split) => (split === 'train' ? 100_000 : 1),
  problem: (split, index) => ({ id: `${split}/${index}`, data: index }),
  prompt: ({ data }) => String(data).padStart(PROMPT, 'x'),
  gold: () => 'a',
  verify: (_, completion) =>
    completion.startsWith('a') && !completion.includes('A')
      ? { outcome: 'correct', reward: 1, explanation: 'begins with a' }
      : { outcome: 'incorrect', reward: 0, explanation: 'begins with something else' },
};

interface Workload {
  readonly name: string;
  readonly problems: number;
  readonly groupSize: number;
  readonly sampleMs: number;
  /** Of a whole batch. */
  readonly trainMs: number;
  readonly stream: boolean;
}

const AT_ONCE: Workload = {
  name: '64 requests of 16',
  problems: 64,
  groupSize: 16,
  sampleMs: 0,
  trainMs: 0,
  stream: false,
};

const MANY = {
  problems: 2_000,
  groupSize: 2,
  sampleMs: Number(values['sample-ms']),
  trainMs: Number(values['train-ms']),
};
const WORKLOADS: readonly Workload[] = [
  AT_ONCE,
  { ...MANY, name: '2000 requests of 2', stream: false },
  { ...MANY, name: '2000 of 2, streamed', stream: true },
];

interface Peer {
  readonly baseUrl: string;
  readonly process: ChildProcess;
  stats(): Promise<PeerStats>;
}

async function startPeer({ problems, groupSize, sampleMs, trainMs }: Workload): Promise<Peer> {
  const tokens = [...tokenizer.encode(ALPHABET)];
  const settings: PeerSettings = {
    groupSize,
    promptTokens: PROMPT,
    completionTokens: COMPLETION,
    tokens,
    sampleMs,
    trainMsPerDatum: trainMs / (problems * groupSize),
  };
  const path = fileURLToPath(new URL('./tinker-peer.js', import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout!, 'data')) as [Buffer];
  const baseUrl = `http://127.0.0.1:${String(port).trim()}`;
  return {
    baseUrl,
    process: child,
    stats: async () => (await (await fetch(`${baseUrl}/stats`)).json()) as PeerStats,
  };
}

/** At the end of a step. */
interface Mark {
  readonly seconds: number;
  /** Of all threads of the client. */
  readonly cpuSeconds: number;
  readonly traffic: TinkerEngine['traffic'];
}

function configOf({ problems, groupSize, stream }: Workload, steps: number) {
  return resolveConfig(
    {
      seed: 1,
      task: { name: 'echo' },
      engine: { fake: { maxContext: 1024 } },
      // every rollout has an advantage, so every step is as large as the others
      objective: { recipe: 'grpo', baseline: { kind: 'constant', positive: 0, negative: 1 } },
      sampling: { maxTokens: COMPLETION, groupSize, concurrency: problems, truncated: 'verify' },
      training: { steps, problemsPerStep: problems, learningRate: 1e-5, stream },
      evaluation: { atStart: false, atEnd: false },
      journal: { checkpointsEvery: 0, rolloutsEvery: 0 },
    },
    'bench',
  );
}

async function marksOf(workload: Workload, wire: 'json' | 'protobuf', peer: Peer, steps: number): Promise<Mark[]> {
  const runsDirectory = mkdtempSync(join(tmpdir(), 'polarity-tinker-'));
  const { engine } = await connect({
    baseUrl: peer.baseUrl,
    model: 'bench',
    rank: 8,
    seed: 1,
    profile: 'hosted',
    vocabularySize: tokenizer.vocabularySize,
    heartbeatMs: HEARTBEAT_MS,
    wire,
  });
  const marks: Mark[] = [];
  const mark = () => {
    const { user, system } = process.cpuUsage();
    marks.push({ seconds: performance.now() / 1000, cpuSeconds: (user + system) / 1e6, traffic: engine.traffic });
  };
  try {
    const config = configOf(workload, steps);
    const manifest = { seed: 1, versions: {}, dataHashes: {}, environment: {} };
    const journal = await createRun({ runsDirectory, name: 'run', config, manifest });
    mark();
    await train({
      config,
      task,
      tokenizer,
      engine,
      objective: parseObjective(config.objective),
      journal,
      state: initialState,
      stop: new AbortController().signal,
      clock: () => performance.now() / 1000,
      report: ({ kind }) => kind === 'step' && mark(),
    });
    journal.close();
  } finally {
    await engine.close();
    rmSync(runsDirectory, { recursive: true, force: true });
  }
  return marks;
}

const COLUMNS = [
  'tokens/s',
  'CPU s/M tokens',
  'tokens/CPU s',
  's/step',
  'added s',
  'share',
  'requests',
  'MB up',
  'MB down',
  'beat s',
];
const WIDTHS = COLUMNS.map((name) => Math.max(name.length, 8));

async function measure(workload: Workload, wire: 'json' | 'protobuf'): Promise<void> {
  const { problems, groupSize, sampleMs, trainMs } = workload;
  // steps of many seconds are few
  const steps = sampleMs > 0 ? 3 : STEPS + WARM_UP;
  const skipped = sampleMs > 0 ? 1 : WARM_UP;
  const peer = await startPeer(workload);
  try {
    const marks = await marksOf(workload, wire, peer, steps);
    const stats = await peer.stats();
    const [first, last] = [marks[skipped]!, marks.at(-1)!];
    const count = marks.length - 1 - skipped;
    const per = (of: (mark: Mark) => number) => (of(last) - of(first)) / count;
    const tokens = problems * groupSize * COMPLETION;
    const [seconds, cpuSeconds] = [per((mark) => mark.seconds), per((mark) => mark.cpuSeconds)];
    const added = seconds - (sampleMs + trainMs) / 1000;
    const row = [
      Math.round(tokens / seconds),
      ((cpuSeconds / tokens) * 1e6).toFixed(2),
      Math.round(tokens / cpuSeconds),
      seconds.toFixed(2),
      added.toFixed(2),
      `${((100 * added) / seconds).toFixed(0)}%`,
      per(({ traffic }) => traffic.requests).toFixed(0),
      (per(({ traffic }) => traffic.bytesSent) / 1e6).toFixed(1),
      (per(({ traffic }) => traffic.bytesReceived) / 1e6).toFixed(1),
      (stats.longestBeatMs / 1000).toFixed(2),
    ];
    const cells = row.map((cell, i) => String(cell).padStart(WIDTHS[i]!));
    console.log(`${`${workload.name}, ${wire}`.padEnd(30)}  ${cells.join('  ')}`);
  } finally {
    peer.process.kill();
  }
}

console.log(
  `${COMPLETION} tokens a completion after ${PROMPT} of prompt; waits of the server: up to ${MANY.sampleMs / 1000} s for a sample, ${MANY.trainMs / 1000} s for a gradient where there are 2000 requests, else none`,
);
console.log(`${''.padEnd(30)}  ${COLUMNS.map((name, i) => name.padStart(WIDTHS[i]!)).join('  ')}`);
for (const workload of WORKLOADS)
  for (const wire of ['json', 'protobuf'] as const) {
    const name = `${workload.name}, ${wire}`;
    if (values.only === undefined || name.includes(values.only)) await measure(workload, wire);
  }
