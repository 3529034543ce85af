/**
 * AdamW's arithmetic as two ONNX models over one block of the flat parameter vector: its sum of squares, and its update in place.
 *
 * A block is cut into chunks, each with its own chain of nodes. A chunk's arrays fit a core's second-level cache, so the chain runs in
 * cache and main memory is touched once; ONNX Runtime walks one chain after the other.
 */
import { Graph, type Value } from '../graph/graph.ts';
import { encodeModel } from '../graph/onnx-model.ts';

/** Elements of a chunk: 128 KiB an array, some six alive at a time. */
export const CHUNK = 32_768;

/** What `updateModel` takes beside the block; each [1]. */
export const SCALARS = [
  'gradientScale',
  'firstDecay',
  'squareScale',
  'secondDecay',
  'epsilon',
  'rate',
  'parameterDecay',
] as const;
export type Scalar = (typeof SCALARS)[number];

/** Lengths of a block's chunks; all are CHUNK but the last. */
export function chunkLengths(blockLength: number): readonly number[] {
  return Array.from({ length: Math.ceil(blockLength / CHUNK) }, (_, i) => Math.min(CHUNK, blockLength - i * CHUNK));
}

/** gradient [rows, columns] -> squares [rows], the sum of squares of each row. */
export function squaresModel(rows: number, columns: number): Uint8Array {
  const graph = new Graph();
  const gradient = graph.input('gradient', 'float32', [rows, columns]);
  graph.output('squares', graph.one('ReduceSumSquare', [gradient, graph.integers([1])], { keepdims: 0 }));
  return encodeModel(graph);
}

/**
 * For each chunk i: inputs p.i, g.i, m.i, v.i and outputs new.p.i, new.g.i, new.m.i, new.v.i, made to share the inputs' memory. The
 * runtime does not know that they do. It is safe because each input has exactly one reader and its output depends on that reader.
 */
export function updateModel(lengths: readonly number[]): Uint8Array {
  const graph = new Graph();
  const scalars = Object.fromEntries(SCALARS.map((name) => [name, graph.input(name, 'float32', [1])]));
  lengths.forEach((length, i) => {
    updateChunk(graph, scalars as Record<Scalar, Value>, length, i);
  });
  return encodeModel(graph);
}

/**
 * With s = gradientScale: m' = firstDecay m + s g;  v' = secondDecay v + squareScale (s g)^2;
 * p' = parameterDecay p - rate m' / (sqrt(v') + epsilon);  g' = 0.
 */
function updateChunk(graph: Graph, scalars: Record<Scalar, Value>, length: number, i: number): void {
  const input = (name: string) => graph.input(`${name}.${i}`, 'float32', [length]);
  const [p, g, m, v] = [input('p'), input('g'), input('m'), input('v')];
  const add = (a: Value, b: Value) => graph.one('Add', [a, b]);
  const times = (a: Value, b: Value) => graph.one('Mul', [a, b]);

  const share = times(g, scalars.gradientScale);
  const first = add(times(m, scalars.firstDecay), share);
  const second = add(times(v, scalars.secondDecay), times(times(share, share), scalars.squareScale));
  const direction = graph.one('Div', [first, add(graph.one('Sqrt', [second]), scalars.epsilon)]);
  const moved = graph.one('Sub', [times(p, scalars.parameterDecay), times(direction, scalars.rate)]);

  graph.output(`new.g.${i}`, graph.one('Sub', [share, share]));
  graph.output(`new.m.${i}`, first);
  graph.output(`new.v.${i}`, second);
  graph.output(`new.p.${i}`, moved);
}
