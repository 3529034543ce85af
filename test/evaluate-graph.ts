/**
 * Runs a graph once on given inputs, for tests.
 */
import { createExecutor } from '../src/graph/create-executor.ts';
import type { ElementType, Executor, Tensor } from '../src/graph/executor.ts';
import type { Graph, Shape } from '../src/graph/graph.ts';
import { encodeModel } from '../src/graph/onnx-model.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

let shared: Promise<Executor> | undefined;

/** One executor for all tests of a file. */
export function testExecutor(): Promise<Executor> {
  shared ??= createExecutor({ backend: 'auto', threads: 2 }).then(({ executor }) => executor);
  return shared;
}

export function float32(dims: readonly number[], values: ArrayLike<number>): Tensor {
  return { type: 'float32', dims, data: Float32Array.from(values) };
}

export function blank(type: ElementType, shape: Shape): Tensor {
  const dims = shape.map(Number);
  const count = dims.reduce((product, size) => product * size, 1);
  const arrays = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array };
  return { type, dims, data: new arrays[type](count) };
}

/** Memory for each output, of the shapes the shape rules predict. */
export function blankOutputs(graph: Graph): Record<string, Tensor> {
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, blank(value.type, value.shape)]));
}

/** The outputs by name. ONNX Runtime refuses memory of another shape than it computes, so this checks the shape rules as well. */
export async function evaluateGraph(graph: Graph, inputs: Tensors, constants: Tensors = {}): Promise<Tensors> {
  const session = await (await testExecutor()).session(encodeModel(graph), { constants });
  const outputs = blankOutputs(graph);
  await session.bind(inputs, outputs).runAsync();
  session.release();
  return outputs;
}

/** An output's numbers. */
export function numbers(tensor: Tensor | undefined): number[] {
  return Array.from(tensor!.data as ArrayLike<number | bigint>, Number);
}
