/**
 * `npm run bench`: the embedded engine's speed; with `--against pytorch`, PyTorch's beside it, in turns, on the same threads.
 *
 *   npm run bench -- --against pytorch --threads 4 --only peaks,train,decode,adamw --shapes a,b,c --rounds 3
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createExecutor } from '../src/graph/create-executor.ts';
import { QUIET_CORES, withForeignCores } from './foreign.ts';
import { adamw, decoder, forwardBackward, gemmPeak, shapes } from './ours.ts';
import { type Answer, startPeer } from './peer.ts';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: 'peaks,train,decode,adamw' },
    shapes: { type: 'string', default: 'a,b,c' },
    rounds: { type: 'string', default: '3' },
    backend: { type: 'string', default: 'auto' },
  },
});
if (values.against !== undefined && values.against !== 'pytorch')
  throw new Error(`--against ${values.against}: only pytorch is known`);
const threads = Number(values.threads);
const rounds = Number(values.rounds);
const { executor } = await createExecutor({ backend: values.backend as 'auto', threads });
const peer = values.against ? startPeer() : undefined;

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

interface Round {
  readonly ours: number;
  readonly theirs: number | undefined;
  readonly foreignCores: number;
}

async function round(ours: () => Promise<number[]>, request: object): Promise<Round> {
  const mine = await withForeignCores(ours);
  const answer = await peer?.ask<Answer>({ ...request, threads });
  return {
    ours: median(mine.result),
    theirs: answer?.medianMs,
    foreignCores: Math.max(mine.foreignCores ?? 0, answer?.foreignCores ?? 0),
  };
}

/** In turns, so that a neighbour's load falls on both; the ratio is the median of the quiet rounds' ratios. */
async function compare(label: string, units: number, ours: () => Promise<number[]>, request: object): Promise<void> {
  // the first answer for a shape also tries PyTorch's variants
  await peer?.ask<Answer>({ ...request, threads, repeats: 1 });
  const all: Round[] = [];
  for (let i = 0; i < rounds; i++) all.push(await round(ours, request));
  const quiet = all.filter(({ foreignCores }) => foreignCores <= QUIET_CORES);
  const used = quiet.length > 0 ? quiet : all;
  const ms = median(used.map(({ ours }) => ours));
  const speed = (of: number) => `${((units / of) * 1000).toPrecision(4)}/s`;
  const load = quiet.length > 0 ? `${quiet.length} of ${rounds}` : 'none: beside other work';
  let line = `| ${label} | ${ms.toFixed(2)} ms | ${speed(ms)} |`;
  if (peer) {
    const ratios = used.map(({ ours, theirs = Number.NaN }) => theirs / ours).toSorted((a, b) => a - b);
    const theirs = median(used.map((it) => it.theirs ?? Number.NaN));
    const range = `${ratios[0]!.toFixed(2)}-${ratios.at(-1)!.toFixed(2)}`;
    line += ` ${theirs.toFixed(2)} ms | **${median(ratios).toFixed(2)}x** (${range}) | ${load} |`;
  }
  console.log(line);
}

const only = values.only.split(',');
const environment = peer ? `, ${JSON.stringify(await peer.ask({ kind: 'environment', threads }))}` : '';
console.log(`${cpus()[0]?.model}, ${threads} threads, executor ${executor.backend}, ${rounds} rounds${environment}\n`);
console.log(`| what | ours | |${peer ? ' PyTorch | ours is faster by | quiet rounds |' : ''}`);
console.log(`|---|---|---|${peer ? '---|---|---|' : ''}`);
if (only.includes('peaks')) {
  const gemm = await gemmPeak(executor);
  const theirs = peer ? ` ${JSON.stringify(await peer.ask({ kind: 'peaks', threads }))} | | |` : '';
  console.log(`| GEMM 2048^3 | ${gemm.toFixed(0)} GFLOP/s | |${theirs}`);
}
for (const name of values.shapes.split(',')) {
  const shape = shapes[name];
  if (!shape)
    throw new Error(`--shapes: no shape ${name} in bench/shapes.json (it has ${Object.keys(shapes).join(', ')})`);
  const { batch, length } = shape.train;
  if (only.includes('train')) {
    const repeats = name === 'c' ? 3 : 10;
    const request = { kind: 'fwdbwd', repeats, shape: name };
    const label = `${name} forward+backward, ${batch} x ${length} tokens`;
    await compare(label, batch * length, () => forwardBackward(executor, shape, repeats), request);
  }
  if (!only.includes('decode')) continue;
  for (const layers of shape.decode.layers) {
    const ours = await decoder(executor, shape, layers);
    for (const rows of shape.decode.batches) {
      const request = { kind: 'decode', layers, batch: rows, shape: name };
      await compare(`${name} decode, ${layers} layers, batch ${rows}`, rows, () => ours.measure(rows), request);
    }
    ours.release();
  }
}
if (only.includes('adamw')) {
  for (const parameters of [1e6, 1e7, 1e8])
    for (const fused of [false, true]) {
      const request = { kind: 'adamw', parameters, fused, clip: true };
      const label = `AdamW ${parameters / 1e6}M with clipping, against ${fused ? 'fused' : 'default'}`;
      await compare(label, parameters, () => adamw(executor, parameters, 15), request);
    }
}
console.log(`\npeak RSS of this process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
peer?.close();
executor.close();
