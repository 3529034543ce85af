import { describe, expect, test } from 'vitest';
import { blank, evaluateGraph, float32, numbers, testExecutor } from '../../test/evaluate-graph.ts';
import { RandomStream, randomKey } from '../core/random.ts';
import { Graph, type Value } from './graph.ts';
import { encodeModel } from './onnx-model.ts';
import { int64 } from './ops/record.ts';
import { gradients } from './reverse.ts';

function random(dims: readonly number[], seed: number) {
  const stream = new RandomStream(randomKey(seed));
  const count = dims.reduce((product, size) => product * size, 1);
  return float32(
    dims,
    Float32Array.from({ length: count }, () => stream.uniform() * 2 - 1),
  );
}

function opsOf(graph: Graph): string[] {
  return graph.nodes.map(({ op }) => op);
}

describe('gradients', () => {
  test('adds where paths meet: y = x^2 + 3 x has slope 2 x + 3', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const y = graph.one('Add', [graph.one('Mul', [x, x]), graph.one('Mul', [x, graph.scalar(3)])]);
    const cotangent = graph.constant(float32([2], [1, 10]));
    graph.output('dx', gradients(graph, [{ value: y, cotangent }], [x]).get(x)!);
    const { dx } = await evaluateGraph(graph, { x: float32([2], [1, 2]) });
    expect(numbers(dx)).toEqual([5, 70]);
  });

  test('adds several seeds, and gives the gradient of a value on the way', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1]);
    const double = graph.one('Mul', [x, graph.scalar(2)]);
    const square = graph.one('Mul', [double, double]);
    const seeds = [
      { value: square, cotangent: graph.constant(float32([1], [1])) },
      { value: double, cotangent: graph.constant(float32([1], [100])) },
    ];
    const found = gradients(graph, seeds, [x, double]);
    graph.output('dx', found.get(x)!);
    graph.output('dDouble', found.get(double)!);
    const { dx, dDouble } = await evaluateGraph(graph, { x: float32([1], [3]) });
    expect([numbers(dDouble), numbers(dx)]).toEqual([[112], [224]]);
  });

  test('counts outputs that nothing uses as zero', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    const [, middle] = graph.apply('Split', [x, graph.integers([1, 1, 1])]);
    const cotangent = graph.constant(float32([1], [5]));
    graph.output('dx', gradients(graph, [{ value: middle!, cotangent }], [x]).get(x)!);
    const { dx } = await evaluateGraph(graph, { x: float32([3], [1, 2, 3]) });
    expect(numbers(dx)).toEqual([0, 5, 0]);
  });

  test('touches only nodes that a wanted value feeds', () => {
    const graph = new Graph();
    const [x, other] = [graph.input('x', 'float32', [2]), graph.input('other', 'float32', [2])];
    const y = graph.one('Add', [x, graph.one('Exp', [other])]);
    const before = graph.nodes.length;
    const cotangent = graph.input('dy', 'float32', [2]);
    expect(gradients(graph, [{ value: y, cotangent }], [x]).get(x)).toBe(cotangent);
    expect(graph.nodes.length).toBe(before);
  });

  test('stops at choices and indices, which do not vary smoothly', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const clipped = graph.one('Where', [graph.one('Less', [x, graph.scalar(0)]), graph.scalar(0), x]);
    const cotangent = graph.constant(float32([2], [1, 1]));
    graph.output('dx', gradients(graph, [{ value: clipped, cotangent }], [x]).get(x)!);
    const { dx } = await evaluateGraph(graph, { x: float32([2], [-1, 1]) });
    expect(numbers(dx)).toEqual([0, 1]);
  });

  test('refuses a path through an op without gradient, with the reason', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [1, 1, 4]);
    const scale = graph.input('scale', 'float32', [4]);
    const y = graph.one('SkipSimplifiedLayerNormalization', [x, x, scale], { epsilon: 1e-6 });
    expect(() => gradients(graph, [{ value: y, cotangent: x }], [x])).toThrow(
      /no gradient through SkipSimplifiedLayerNormalization .*add and normalise in two nodes/,
    );
  });

  test('refuses a wanted value that no seed depends on, by name', () => {
    const graph = new Graph();
    const [x, z] = [graph.input('x', 'float32', [2]), graph.input('z', 'float32', [2])];
    const y = graph.one('Exp', [x]);
    expect(() => gradients(graph, [{ value: y, cotangent: x }], [x, z])).toThrow('no seed depends on z');
  });

  test('refuses a cotangent of another shape', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const seeds = [{ value: graph.one('Exp', [x]), cotangent: graph.scalar(1) }];
    expect(() => gradients(graph, seeds, [x])).toThrow('cotangent [] of Exp_0 [2]');
  });
});

describe('accumulators', () => {
  /** y = x W + b; both gradients added to accumulators. */
  function linear() {
    const graph = new Graph();
    const input = (name: string, ...shape: number[]) => graph.input(name, 'float32', shape);
    const [x, w, b, dy] = [input('x', 1, 2, 2), input('w', 2, 2), input('b', 2), input('dy', 1, 2, 2)];
    const y = graph.one('Add', [graph.one('MatMul', [x, w]), b]);
    const accumulators = new Map([
      [w, input('sum w', 2, 2)],
      [b, input('sum b', 2)],
    ]);
    const found = gradients(graph, [{ value: y, cotangent: dy }], [w, b], { accumulators });
    graph.output('dw', found.get(w)!);
    graph.output('db', found.get(b)!);
    return graph;
  }

  test('get the gradient added, a weight matrix inside its Gemm', async () => {
    const graph = linear();
    const gemm = graph.producer(graph.outputs[0]!.value)!;
    expect([gemm.op, gemm.inputs[2]?.name]).toEqual(['Gemm', 'sum w']);
    const { dw, db } = await evaluateGraph(graph, {
      x: float32([1, 2, 2], [1, 2, 3, 4]),
      w: float32([2, 2], [0, 0, 0, 0]),
      b: float32([2], [0, 0]),
      dy: float32([1, 2, 2], [1, 0, 0, 1]),
      'sum w': float32([2, 2], [100, 200, 300, 400]),
      'sum b': float32([2], [10, 20]),
    });
    // x^T dy = [[1, 3], [2, 4]]; columns of dy add up to [1, 1]
    expect([numbers(dw), numbers(db)]).toEqual([
      [101, 203, 302, 404],
      [11, 21],
    ]);
  });

  test('may share their memory with the result', async () => {
    const graph = linear();
    const session = await (await testExecutor()).session(encodeModel(graph));
    const [sumW, sumB] = [float32([2, 2], [0, 0, 0, 0]), float32([2], [0, 0])];
    const inputs = {
      x: float32([1, 2, 2], [1, 2, 3, 4]),
      w: float32([2, 2], [0, 0, 0, 0]),
      b: float32([2], [0, 0]),
      dy: float32([1, 2, 2], [1, 0, 0, 1]),
      'sum w': sumW,
      'sum b': sumB,
    };
    const binding = session.bind(inputs, { dw: sumW, db: sumB });
    for (let run = 0; run < 3; run++) await binding.runAsync();
    expect([numbers(sumW), numbers(sumB)]).toEqual([
      [3, 9, 6, 12],
      [3, 3],
    ]);
  });

  test('of a table used as lookup and as head take both gradients, without a pass of their own', async () => {
    const graph = new Graph();
    const table = graph.input('table', 'float32', [3, 2]);
    const rows = graph.one('Gather', [table, graph.constant(int64([2, 2]))]);
    const logits = graph.one('Gemm', [rows, table], { transB: 1 });
    const sum = graph.input('sum', 'float32', [3, 2]);
    const cotangent = graph.constant(float32([2, 3], [1, 0, 0, 0, 1, 0]));
    const found = gradients(graph, [{ value: logits, cotangent }], [table], { accumulators: new Map([[table, sum]]) });
    graph.output('d', found.get(table)!);
    const { d } = await evaluateGraph(graph, {
      table: float32([3, 2], [1, 2, 3, 4, 5, 6]),
      sum: float32([3, 2], [0, 0, 0, 0, 1000, 0]),
    });
    // head: row 2 of the table at rows 0 and 1; lookup: rows 0 and 1 of the table at row 2
    expect(numbers(d)).toEqual([5, 6, 5, 6, 1004, 6]);
    expect(opsOf(graph)).not.toContain('Add');
  });
});

describe('the embedding gradient', () => {
  test('adds up thousands of repeated tokens exactly as a loop does', async () => {
    const [N, V, C] = [4096, 64, 128];
    const stream = new RandomStream(randomKey(3));
    const ids = Array.from({ length: N }, () => Math.floor(V * stream.uniform() ** 3));
    const dy = random([N, C], 4);
    const graph = new Graph();
    const table = graph.input('table', 'float32', [V, C]);
    const rows = graph.one('Gather', [table, graph.input('ids', 'int64', [N])]);
    const seeds = [{ value: rows, cotangent: graph.input('dy', 'float32', [N, C]) }];
    graph.output('d', gradients(graph, seeds, [table]).get(table)!);
    const { d } = await evaluateGraph(graph, { table: blank('float32', [V, C]), ids: int64(ids), dy });
    const expected = new Float32Array(V * C);
    ids.forEach((id, row) => {
      for (let c = 0; c < C; c++) expected[id * C + c]! += Number(dy.data[row * C + c]);
    });
    // the same additions in the same order: equal to the last bit
    expect(d!.data).toEqual(expected);
  });
});

describe('attention written out', () => {
  /** O = softmax(q k^T) v with heads merged by reshapes around the softmax, as grouped queries need. */
  function attention(graph: Graph, q: Value, k: Value, v: Value): { p: Value; o: Value } {
    const scores = graph.one('FusedMatMul', [q, k], { transB: 1, alpha: 0.5 });
    const p = graph.one('Softmax', [graph.reshape(scores, [1, 2, 3, 3])], { axis: -1 });
    return { p, o: graph.one('MatMul', [graph.reshape(p, [1, 6, 3]), v]) };
  }

  test('takes the row sums of the softmax gradient from the result, to the same numbers', async () => {
    const inputs = {
      q: random([1, 6, 2], 1),
      k: random([1, 3, 2], 2),
      v: random([1, 3, 2], 3),
      dO: random([1, 6, 2], 4),
    };
    const graph = new Graph();
    const input = (name: keyof typeof inputs) => graph.input(name, 'float32', inputs[name].dims);
    const [q, k, v, dO] = [input('q'), input('k'), input('v'), input('dO')];
    const short = attention(graph, q, k, v);
    const before = graph.nodes.length;
    const found = gradients(graph, [{ value: short.o, cotangent: dO }], [q, k]);
    const summed = graph.nodes.slice(before).find(({ op }) => op === 'ReduceSum')!.inputs[0]!;
    expect(summed.shape).toEqual([1, 6, 2]);
    // one more use of the probabilities, with weight 0, makes their cotangent a sum: the general rule
    const long = attention(graph, q, k, v);
    const nothing = graph.constant(blank('float32', [1, 2, 3, 3]));
    const seeds = [
      { value: long.o, cotangent: dO },
      { value: long.p, cotangent: nothing },
    ];
    const general = gradients(graph, seeds, [q, k]);
    graph.output('q short', found.get(q)!);
    graph.output('k short', found.get(k)!);
    graph.output('q long', general.get(q)!);
    graph.output('k long', general.get(k)!);
    const results = await evaluateGraph(graph, inputs);
    for (const name of ['q', 'k']) {
      const [a, b] = [numbers(results[`${name} short`]), numbers(results[`${name} long`])];
      // float32 sums of numbers below 1
      a.forEach((value, i) => {
        expect(Math.abs(value - b[i]!)).toBeLessThan(1e-6);
      });
      expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(0.01);
    }
  });
});
