/**
 * `npm run bench`: the embedded engine's speed; with `--against pytorch`, PyTorch's beside it, in turns, on the same threads.
 *
 *   npm run bench -- --against pytorch --threads 4 --only train,decode,adamw,peaks --shapes a,b,c --rounds 3
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createExecutor } from '../src/graph/create-executor.ts';
import { adamw, configOf, decode, forwardBackward, gemmPeak, shapes } from './ours.ts';
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

const median = (samples: readonly number[]) =>
  samples.toSorted((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/** In turns, so that a neighbour's load falls on both; the ratio is the median of the rounds' ratios. */
async function compare(
  label: string,
  units: number,
  ours: () => Promise<number[]>,
  request: Record<string, unknown>,
): Promise<void> {
  const mine: number[] = [];
  const theirs: number[] = [];
  let variant = '';
  for (let round = 0; round < rounds; round++) {
    mine.push(median(await ours()));
    if (!peer) continue;
    const answer = await peer.ask<Answer>({ ...request, threads });
    theirs.push(answer.medianMs);
    variant = answer.variant;
  }
  const speed = (ms: number) => `${((units / ms) * 1000).toPrecision(4)}/s`;
  const left = `| ${label} | ${median(mine).toFixed(2)} ms | ${speed(median(mine))} |`;
  const ratios = mine.map((ms, round) => theirs[round]! / ms).toSorted((a, b) => a - b);
  const right = peer
    ? ` ${median(theirs).toFixed(2)} ms | **${median(ratios).toFixed(2)}x** (${ratios[0]!.toFixed(2)}-${ratios.at(-1)!.toFixed(2)}) | ${variant} |`
    : '';
  console.log(left + right);
}

const only = values.only.split(',');
console.log(
  `${cpus()[0]?.model}, ${threads} threads, executor ${executor.backend}, ${rounds} rounds${peer ? `, ${JSON.stringify(await peer.ask({ kind: 'environment', threads }))}` : ''}`,
);
console.log(`| what | ours | | ${peer ? 'PyTorch | ours is faster by | PyTorch variant |' : ''}`);
console.log(`|---|---|---|${peer ? '---|---|---|' : ''}`);
if (only.includes('peaks')) {
  const gemm = await gemmPeak(executor);
  console.log(
    `| GEMM 2048^3 | ${gemm.toFixed(0)} GFLOP/s | |${peer ? ` ${JSON.stringify(await peer.ask({ kind: 'peaks', threads }))} | | |` : ''}`,
  );
}
for (const name of values.shapes.split(',')) {
  const shape = shapes[name];
  if (!shape)
    throw new Error(`--shapes: no shape ${name} in bench/shapes.json (it has ${Object.keys(shapes).join(', ')})`);
  const { batch, length } = shape.train;
  const request = { shape: name };
  if (only.includes('train')) {
    const repeats = name === 'c' ? 3 : 10;
    await compare(
      `${name} forward+backward, ${batch} x ${length} tokens`,
      batch * length,
      () => forwardBackward(executor, shape, repeats),
      {
        kind: 'fwdbwd',
        repeats,
        ...request,
      },
    );
  }
  if (only.includes('decode'))
    for (const layers of shape.decode.layers)
      for (const rows of shape.decode.batches)
        await compare(
          `${name} decode, ${configOf(shape, layers).layers} layers, batch ${rows}`,
          rows,
          () => decode(executor, shape, layers, rows),
          {
            kind: 'decode',
            layers,
            batch: rows,
            ...request,
          },
        );
}
if (only.includes('adamw'))
  for (const count of [1e6, 1e7, 1e8]) {
    const ours = () => adamw(executor, count, 15);
    for (const fused of [false, true])
      await compare(`AdamW ${count / 1e6}M, clipped, against ${fused ? 'fused' : 'default'}`, count, ours, {
        kind: 'adamw',
        parameters: count,
        fused,
        clip: true,
      });
  }
peer?.close();
executor.close();
