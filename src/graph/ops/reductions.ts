/**
 * Ops that fold axes away. Axes are a constant int64 operand; left out, all axes are folded.
 */
import type { Attributes, GraphBuilder, Shape, Value } from '../value.ts';
import { drawn, type Example, int64, type Operands, type OpRecord, type ShapeRule, spaced } from './record.ts';
import { axisOf, contents, numberAttribute, operand, staticSizes } from './shapes.ts';

function foldedAxes(inputs: Operands): ReadonlySet<number> {
  const { shape } = operand(inputs, 0);
  const axes = inputs[1] ? contents(inputs, 1) : shape.map((_, i) => i);
  return new Set(axes.map((axis) => axisOf(axis, shape.length)));
}

function keptShape(inputs: Operands): Shape {
  const axes = foldedAxes(inputs);
  return operand(inputs, 0).shape.map((size, i) => (axes.has(i) ? 1 : size));
}

const reductionShape: ShapeRule = (inputs, attributes) => {
  const { type, shape } = operand(inputs, 0);
  const axes = foldedAxes(inputs);
  const isKept = numberAttribute(attributes, 'keepdims', 1) === 1;
  return [{ type, shape: isKept ? keptShape(inputs) : shape.filter((_, i) => !axes.has(i)) }];
};

/** How many numbers go into each result. */
function foldedCount(inputs: Operands): number {
  const sizes = staticSizes(operand(inputs, 0).shape);
  return [...foldedAxes(inputs)].reduce((count, axis) => count * sizes[axis]!, 1);
}

function expanded(graph: GraphBuilder, value: Value, shape: Shape): Value {
  return graph.one('Expand', [value, graph.integers(staticSizes(shape))]);
}

type ReductionGradient = (graph: GraphBuilder, cotangent: Value, x: Value, y: Value, inputs: Operands) => Value;

/** `gradient` sees cotangent and result with the folded axes kept as 1. */
function reduction(gradient: ReductionGradient, examples: readonly Example[]): OpRecord {
  return {
    outputs: reductionShape,
    gradient: ({ graph, cotangent, inputs, outputs }) => {
      const kept = keptShape(inputs);
      const [rise, y] = [graph.reshape(cotangent, kept), graph.reshape(outputs[0]!, kept)];
      return [gradient(graph, rise, inputs[0]!, y, inputs)];
    },
    examples,
  };
}

function examplesOn(operandOf: (shape: readonly number[]) => Example['inputs'][number]): readonly Example[] {
  const dropped: Attributes = { keepdims: 0 };
  return [
    { inputs: [operandOf([2, 3]), int64([-1])] },
    { inputs: [operandOf([2, 3, 2]), int64([0, 2])], attributes: dropped },
    { inputs: [operandOf([2, 3])], attributes: dropped },
  ];
}

export const reductions = {
  ReduceSum: reduction((graph, cotangent, x) => expanded(graph, cotangent, x.shape), examplesOn(drawn)),
  ReduceMean: reduction((graph, cotangent, x, _, inputs) => {
    const share = graph.one('Mul', [cotangent, graph.scalar(1 / foldedCount(inputs))]);
    return expanded(graph, share, x.shape);
  }, examplesOn(drawn)),
  // at ties every largest element gets the whole cotangent
  ReduceMax: reduction(
    (graph, cotangent, x, y) => graph.one('Where', [graph.one('Equal', [x, y]), cotangent, graph.scalar(0)]),
    examplesOn(spaced),
  ),
  ReduceSumSquare: reduction(
    (graph, cotangent, x) => graph.one('Mul', [x, graph.one('Mul', [cotangent, graph.scalar(2)])]),
    examplesOn(drawn),
  ),
} satisfies Record<string, OpRecord>;
