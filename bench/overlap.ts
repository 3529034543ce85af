/**
 * `node .cache/bench/bench/overlap.js` (after `npx tsc -p tsconfig.bench.json`): seconds of a step, sampling and training at different latencies,
 * by how far they may overlap. An engine far away is the fake one behind waits: a batch takes
 * `--sample-ms` to sample; training is one machine, a batch's gradient takes `--train-ms` in all, each submission waits for the one before.
 *
 *   node .cache/bench/bench/overlap.js --sample-ms 200 --train-ms 100 --steps 30
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { uniform } from '../src/core/random.ts';
import type { Engine } from '../src/engine/engine.ts';
import { createRun } from '../src/journal/writer.ts';
import { train } from '../src/train/loop.ts';
import { hookedEngine } from '../test/hooked-engine.ts';
import { echoConfig, engineFor, partsOf } from '../test/training-run.ts';

const { values } = parseArgs({
  options: {
    'sample-ms': { type: 'string', default: '200' },
    'train-ms': { type: 'string', default: '100' },
    steps: { type: 'string', default: '30' },
  },
});
const [sampleMs, trainMs, steps] = [values['sample-ms'], values['train-ms'], values.steps].map(Number) as [
  number,
  number,
  number,
];

const PROBLEMS = 16;
const GROUP = 16;

/** How a batch's 16 problems are sampled. */
interface Sampling {
  readonly name: string;
  /** Problems at a time. */
  readonly concurrency: number;
  /** Of a problem, by a draw of its own in [0, 1). */
  readonly wait: (draw: number) => number;
}

const SAMPLINGS: readonly Sampling[] = [
  { name: `any number at a time, each ${sampleMs} ms`, concurrency: 64, wait: () => sampleMs },
  { name: `any number at a time, each up to ${sampleMs} ms`, concurrency: 64, wait: (draw) => sampleMs * (1 - draw) },
  { name: `four at a time, each ${sampleMs / 4} ms`, concurrency: 4, wait: () => sampleMs / 4 },
];

function farAway(inner: Engine, { wait }: Sampling): Engine {
  let machine: Promise<unknown> = Promise.resolve();
  const busy = <Result>(milliseconds: number, call: () => Promise<Result>): Promise<Result> => {
    const result = machine.then(() => setTimeout(milliseconds)).then(call);
    machine = result.catch(() => undefined);
    return result;
  };
  return Object.assign(Object.create(hookedEngine(inner, {})) as Engine, {
    sampler: async () => {
      const sampler = await busy(0, () => inner.sampler());
      const sample: typeof sampler.sample = async (request) => {
        await setTimeout(wait(uniform(request.key, 1e6)));
        return sampler.sample(request);
      };
      return { policyVersion: sampler.policyVersion, sample };
    },
    forwardBackward: ((data, ...rest) =>
      busy((trainMs * data.length) / (PROBLEMS * GROUP), () =>
        inner.forwardBackward(data, ...rest),
      )) satisfies Engine['forwardBackward'],
    optimStep: ((adam) => busy(0, () => inner.optimStep(adam))) satisfies Engine['optimStep'],
  });
}

/** Median seconds of a step once the first ones are over. */
async function stepSeconds(stream: boolean, maxStepsOffPolicy: number, sampling: Sampling): Promise<number> {
  const runsDirectory = mkdtempSync(join(tmpdir(), 'polarity-overlap-'));
  try {
    const config = echoConfig({
      // every rollout has an advantage, so every batch is as large as the others
      objective: { recipe: 'grpo', baseline: { kind: 'constant', positive: 0, negative: 1 } },
      sampling: { groupSize: GROUP, concurrency: sampling.concurrency },
      training: { steps, problemsPerStep: PROBLEMS, learningRate: 0.02, stream, maxStepsOffPolicy },
      evaluation: { atStart: false, atEnd: false },
      journal: { checkpointsEvery: 0, rolloutsEvery: 0 },
    });
    const parts = partsOf(config, farAway(engineFor(config), sampling));
    const manifest = { seed: 1, versions: {}, dataHashes: {}, environment: {} };
    const journal = await createRun({ runsDirectory, name: 'run', config, manifest });
    const ends: number[] = [];
    await train({
      ...parts,
      journal,
      clock: () => performance.now() / 1000,
      report: ({ kind }) => kind === 'step' && ends.push(performance.now() / 1000),
    });
    journal.close();
    const taken = ends.slice(1).map((end, i) => end - (ends[i] ?? 0));
    return taken.slice(3).sort((a, b) => a - b)[Math.floor((taken.length - 3) / 2)] ?? Number.NaN;
  } finally {
    rmSync(runsDirectory, { recursive: true, force: true });
  }
}

for (const sampling of SAMPLINGS) {
  console.log(`\nsampled ${sampling.name}; training ${trainMs} ms a batch; median seconds of a step`);
  console.log('  k   whole batch   streamed');
  for (const k of [0, 1, 2]) {
    const whole = await stepSeconds(false, k, sampling);
    const streamed = await stepSeconds(true, k, sampling);
    console.log(`  ${k}   ${whole.toFixed(3).padStart(11)}   ${streamed.toFixed(3).padStart(8)}`);
  }
}
