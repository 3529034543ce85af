import { describe, expect, test } from 'vitest';
import { evaluateGraph, float32, numbers, testExecutor } from '../../test/evaluate-graph.ts';
import { createNodeExecutor } from './executor-node.ts';
import { Graph } from './graph.ts';
import { encodeModel } from './onnx-model.ts';
import { decodeModelProto } from './onnx-proto.ts';
import { int32 } from './ops/record.ts';

interface WrittenNode {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly { name: string; type: number; f?: number; i?: number }[];
}

interface Written {
  readonly node: readonly WrittenNode[];
  readonly initializer: readonly { name: string; dataLocation?: number }[];
}

function written(graph: Graph): Written {
  return decodeModelProto(encodeModel(graph))['graph'] as Written;
}

describe('a model from graph to numbers', () => {
  test('computes y = 2 x w + b with inputs, stored and frozen constants', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 2]);
    const w = graph.frozen('w', 'float32', [2, 2]);
    const b = graph.constant(float32([2], [10, 20]));
    graph.output('y', graph.one('Add', [graph.one('FusedMatMul', [x, w], { alpha: 2 }), b]));
    const inputs = { x: float32([1, 2], [1, 2]) };
    const { y } = await evaluateGraph(graph, inputs, { w: float32([2, 2], [1, 0, 0, 1]) });
    expect(numbers(y)).toEqual([12, 24]);
  });

  test('hands frozen constants to both executors', async () => {
    const graph = new Graph();
    const w = graph.frozen('w', 'float32', [2]);
    graph.output('y', graph.one('Add', [graph.input('x', 'float32', [2]), w]));
    const model = encodeModel(graph);
    for (const executor of [await testExecutor(), await createNodeExecutor({ threads: 1 })]) {
      const session = await executor.session(model, { constants: { w: float32([2], [5, 6]) } });
      const y = float32([2], [0, 0]);
      await session.bind({ x: float32([2], [1, 1]) }, { y }).runAsync();
      expect(numbers(y), executor.backend).toEqual([6, 7]);
    }
  });

  test('gives an input, a constant, and a value wanted twice, under each output name', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    const double = graph.one('Add', [x, x]);
    graph.output('same', x);
    graph.output('seven', graph.constant(float32([1], [7])));
    graph.output('double', double);
    graph.output('twice', double);
    const outputs = await evaluateGraph(graph, { x: float32([1], [3]) });
    expect(Object.entries(outputs).map(([name, tensor]) => [name, ...numbers(tensor)])).toEqual([
      ['same', 3],
      ['seven', 7],
      ['double', 6],
      ['twice', 6],
    ]);
  });

  test('runs with sizes that are known only at run time', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['B', 'L', 2]);
    const rows = graph.reshape(x, ['N', 2]);
    const summed = graph.one('ReduceSum', [rows, graph.integers([1])], { keepdims: 0 });
    expect(summed.shape).toEqual(['N']);
    graph.output('y', summed);
    const session = await (await testExecutor()).session(encodeModel(graph));
    const y = float32([3], [0, 0, 0]);
    await session.bind({ x: float32([3, 1, 2], [1, 2, 3, 4, 5, 6]) }, { y }).runAsync();
    expect(numbers(y)).toEqual([3, 7, 11]);
  });
});

describe('what is written', () => {
  test('leaves out nodes and constants that no output needs, and keeps all inputs', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    const unused = graph.input('unused', 'float32', [1]);
    graph.one('Exp', [graph.one('Add', [unused, graph.scalar(1)])]);
    graph.output('y', graph.one('Neg', [x]));
    expect(written(graph).node.map(({ opType }) => opType)).toEqual(['Neg']);
    expect(written(graph).initializer).toEqual([]);
    const { y } = await evaluateGraph(graph, { x: float32([1], [2]), unused: float32([1], [0]) });
    expect(numbers(y)).toEqual([-2]);
  });

  test('types float attributes as floats even when they hold whole numbers', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2, 2]);
    graph.output('y', graph.one('Gemm', [x, x], { alpha: 1, transA: 1 }));
    expect(written(graph).node[0]!.attribute).toMatchObject([
      { name: 'alpha', type: 1, f: 1 },
      { name: 'transA', type: 2, i: 1 },
    ]);
  });

  test('omits optional inputs at the end, and writes those in between as empty names', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 1, 24]);
    const seqlens = graph.constant(int32([0]));
    const total = graph.constant(int32([1]));
    const inputs = [x, undefined, undefined, undefined, undefined, seqlens, total, undefined, undefined];
    graph.output('y', graph.one('GroupQueryAttention', inputs, { num_heads: 1, kv_num_heads: 1 }));
    expect(written(graph).node[0]!.input).toEqual(['x', '', '', '', '', seqlens.name, total.name]);
  });

  test('names the present outputs of attention always, an unused inverse deviation never', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 1, 24]);
    const lengths = [graph.constant(int32([0])), graph.constant(int32([1]))];
    const inputs = [x, undefined, undefined, undefined, undefined, ...lengths];
    const attended = graph.one('GroupQueryAttention', inputs, { num_heads: 1, kv_num_heads: 1 });
    const scale = graph.input('scale', 'float32', [8]);
    graph.output('y', graph.one('SimplifiedLayerNormalization', [attended, scale], { epsilon: 1e-6 }));
    expect(written(graph).node.map(({ output }) => output.length)).toEqual([3, 1]);
  });

  test('places the sum of the skip norm at its fourth output', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 1, 4]);
    const scale = graph.input('scale', 'float32', [4]);
    const [y, sum] = graph.apply('SkipSimplifiedLayerNormalization', [x, x, scale], { epsilon: 1e-6 });
    graph.output('y', y!);
    graph.output('sum', sum!);
    expect(written(graph).node[0]!.output).toEqual(['y', '', '', 'sum']);
  });

  test('refuses two values of one name', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    graph.output('x', graph.one('Neg', [x]));
    expect(() => encodeModel(graph)).toThrow('two values of the graph are called x');
  });
});
