/**
 * Each op's gradient rule against differences of its own forward pass, and each shape rule against ONNX Runtime.
 *
 * The differences: L(x) = sum of w y(x) with fixed random w, summed in double precision. The five-point formula
 * (8 (L(x+h) - L(x-h)) - (L(x+2h) - L(x-2h))) / 12 h at h = 0.03 has a truncation error of h^4 / 30 times the fifth derivative, about
 * 3e-8 here, and a rounding error of about 2^-24 |y| / h = 2e-6 for each float32 output. The largest error seen is 5e-6 of the
 * gradient's size, the tolerance 2e-5, far below any wrong factor, sign or index.
 */
import { describe, expect, test } from 'vitest';
import { blankOutputs, evaluateGraph, numbers, type Tensors, testExecutor } from '../../test/evaluate-graph.ts';
import { RandomStream, randomKey } from '../core/random.ts';
import type { Tensor } from './executor.ts';
import { Graph, type Value } from './graph.ts';
import { encodeModel } from './onnx-model.ts';
import type { Drawn, Example } from './ops/record.ts';
import { type OpName, opNames, opRecord } from './ops.ts';
import { gradients } from './reverse.ts';

const STEP = 0.03;
const TOLERANCE = 2e-5;

function fill(count: number, of: (index: number) => number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => of(i));
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Numbers for the drawn operands; spaced ones come from one shuffled grid of width 0.3, wider than both steps of a difference. */
function draw(operands: readonly (readonly [string, Drawn])[], stream: RandomStream): Record<string, Tensor> {
  const grid = stream.shuffle(Array.from({ length: 32 }, (_, i) => 0.3 * (i - 16)));
  return Object.fromEntries(
    operands.map(([name, { shape, low, high, isSpaced }]) => {
      const number = () => (isSpaced ? grid.pop()! : low + (high - low) * stream.uniform());
      return [name, { type: 'float32', dims: shape, data: fill(size(shape), number) }];
    }),
  );
}

/** One node on inputs x0, x1 ... (drawn operands) and constants. */
function build(op: OpName, { inputs, attributes }: Example) {
  const graph = new Graph();
  const operands: [string, Drawn][] = [];
  const values = inputs.map((input, i) => {
    if (!input || 'data' in input) return input && graph.constant(input);
    operands.push([`x${i}`, input]);
    return graph.input(`x${i}`, 'float32', input.shape);
  });
  const outputs = graph.apply(op, values, attributes);
  return { graph, operands, outputs };
}

type Projection = (outputs: Tensors) => number;

/** [elements] dL/dx by five-point differences, one element at a time. */
async function differences(graph: Graph, inputs: Tensors, name: string, projection: Projection): Promise<number[]> {
  const session = await (await testExecutor()).session(encodeModel(graph));
  const outputs = blankOutputs(graph);
  const binding = session.bind(inputs, outputs);
  const moved = inputs[name]!.data as Float32Array;
  const slopes: number[] = [];
  for (let i = 0; i < moved.length; i++) {
    const at = moved[i]!;
    const lossAt = async (x: number) => {
      moved[i] = x;
      await binding.runAsync();
      return { x: moved[i]!, loss: projection(outputs) };
    };
    const rise = async (step: number) => {
      const [above, below] = [await lossAt(at + step), await lossAt(at - step)];
      return (above.loss - below.loss) / (above.x - below.x);
    };
    slopes.push((4 * (await rise(STEP)) - (await rise(2 * STEP))) / 3);
    moved[i] = at;
  }
  session.release();
  return slopes;
}

async function checkGradient(op: OpName, example: Example): Promise<void> {
  const stream = new RandomStream(randomKey(7, op));
  const { graph, operands, outputs } = build(op, example);
  // the inverse deviation of a norm serves its own gradient rule only
  const differentiated = outputs.slice(0, opRecord(op).optionalFrom).filter(({ type }) => type === 'float32');
  const inputs = draw(operands, stream);
  const weights = differentiated.map((value) => fill(size(value.shape.map(Number)), () => stream.uniform() * 2 - 1));
  for (const [i, value] of differentiated.entries()) graph.output(`y${i}`, value);
  const projection = (results: Tensors) =>
    weights.reduce((sum, weight, i) => {
      const y = results[`y${i}`]!.data as Float32Array;
      return weight.reduce((partial, factor, k) => partial + factor * y[k]!, sum);
    }, 0);
  const slopes = new Map<string, number[]>();
  for (const [name] of operands) slopes.set(name, await differences(graph, inputs, name, projection));

  const seeds = differentiated.map((value, i) => ({
    value,
    cotangent: graph.constant({ type: 'float32', dims: value.shape.map(Number), data: weights[i]! }),
  }));
  const wrt = graph.inputs as readonly Value[];
  const found = gradients(graph, seeds, wrt);
  for (const value of wrt) graph.output(`d ${value.name}`, found.get(value)!);
  const results = await evaluateGraph(graph, inputs);
  for (const [name, expected] of slopes) {
    const actual = numbers(results[`d ${name}`]);
    const scale = Math.max(1, ...expected.map(Math.abs));
    const error = Math.max(...expected.map((slope, i) => Math.abs(slope - actual[i]!))) / scale;
    expect(error, `${op} d ${name}: differences ${expected}, reverse mode ${actual}`).toBeLessThan(TOLERANCE);
  }
}

describe('reverse mode equals central differences', () => {
  for (const op of opNames.filter((name) => typeof opRecord(name).gradient !== 'string')) {
    opRecord(op).examples.forEach((example, i) => {
      if (!example.inputs.some((input) => input && !('data' in input))) return;
      test(`${op}, example ${i + 1}`, () => checkGradient(op, example));
    });
  }
});

describe('shape rules agree with ONNX Runtime', () => {
  for (const op of opNames) {
    test(op, async () => {
      const { examples } = opRecord(op);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const { graph, operands, outputs } = build(op, example);
        for (const [i, value] of outputs.entries()) graph.output(`y${i}`, value);
        await evaluateGraph(graph, draw(operands, new RandomStream(randomKey(8, op))));
      }
    });
  }
});

describe('operands that do not fit', () => {
  const graph = new Graph();
  const float = (...shape: (number | string)[]) => graph.input(`x${graph.inputs.length}`, 'float32', shape);

  test('are refused with the op, the shapes and the reason', () => {
    expect(() => graph.one('MatMul', [float(2, 3), float(4, 5)])).toThrow(
      'MatMul(float32[2,3], float32[4,5]): inner sizes 3 and 4 differ',
    );
    expect(() => graph.one('Add', [float(2, 3), float(2)])).toThrow('Add(float32[2,3], float32[2]): sizes 3 and 2');
    expect(() => graph.one('Add', [float(2), graph.integers([1, 2])])).toThrow('different element types');
    expect(() => graph.one('Reshape', [float(2, 3), graph.integers([4, -1])])).toThrow(
      'Reshape(float32[2,3], int64[2])',
    );
    expect(() => graph.one('Gemm', [float(2, 3), undefined])).toThrow('Gemm(float32[2,3], none): input 1 is missing');
    expect(() => graph.one('ReduceSum', [float(2), graph.integers([1])])).toThrow('axis 1 is outside rank 1');
    expect(() => graph.one('Split', [float(2, 5), graph.integers([2, 2])], { axis: 1 })).toThrow('add up to 4');
  });

  test('may have named sizes: equal names match, 1 stretches, others do not', () => {
    expect(graph.one('Add', [float('B', 3), float(1, 3)]).shape).toEqual(['B', 3]);
    expect(graph.one('MatMul', [float('B', 'L', 4), float(4, 2)]).shape).toEqual(['B', 'L', 2]);
    expect(() => graph.one('Mul', [float('B'), float('L')])).toThrow('sizes B and L do not broadcast');
    expect(graph.one('Reshape', [float('B', 'L', 4), graph.integers([-1, 4])]).shape).toEqual(['B*L', 4]);
  });
});
