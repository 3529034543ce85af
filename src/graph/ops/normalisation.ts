/**
 * Softmax and RMS normalisation.
 *
 * Dimensions: R rows, C channels.
 */
import type { GraphBuilder, Node, Value } from '../value.ts';
import { type Backward, drawn, type OpRecord, type ShapeRule } from './record.ts';
import { axisOf, commonType, elementCount, fits, numberAttribute, operand, sameShape } from './shapes.ts';

const softmaxShape: ShapeRule = (inputs, attributes) => {
  const { type, shape } = operand(inputs, 0);
  axisOf(numberAttribute(attributes, 'axis', -1), shape.length);
  return [{ type, shape }];
};

function sumAlong(graph: GraphBuilder, value: Value, axis: number): Value {
  return graph.one('ReduceSum', [value, graph.integers([axis])]);
}

const isProduct = ({ op }: Node) => op === 'MatMul' || op === 'FusedMatMul' || op === 'Gemm';
const flag = (node: Node, name: string) => numberAttribute(node.attributes, name, 0);
const rowCount = ({ shape }: Value) => elementCount(shape.slice(0, -1));
const alphaOf = (node: Node) => numberAttribute(node.attributes, 'alpha', 1);

/** What `value` was before reshapes that leave its rows (last axis) whole. */
function beneathReshapes(graph: GraphBuilder, value: Value): Value {
  const node = graph.producer(value);
  const source = node?.op === 'Reshape' ? node.inputs[0] : undefined;
  return source && source.shape.at(-1) === value.shape.at(-1) ? beneathReshapes(graph, source) : value;
}

/**
 * The row sums of P dP for an attention O = alpha P V. As dP = alpha dO V^T they equal the row sums of O dO, over a head's
 * channels instead of over the sequence. `undefined` when P and dP are not of that form.
 */
function attentionRowSums(graph: GraphBuilder, p: Value, dP: Value): Value | undefined {
  const back = graph.producer(beneathReshapes(graph, dP));
  if (!back || !isProduct(back) || flag(back, 'transA') === 1 || flag(back, 'transB') === 0) return undefined;
  const [dO, v] = back.inputs;
  const forward = graph.nodes.find(
    (node) =>
      isProduct(node) &&
      beneathReshapes(graph, node.inputs[0]!) === p &&
      node.inputs[1] === v &&
      flag(node, 'transA') === 0 &&
      flag(node, 'transB') === 0 &&
      alphaOf(node) === alphaOf(back),
  );
  const o = forward?.outputs[0];
  if (!o || !sameShape(o.shape, dO!.shape) || rowCount(o) !== rowCount(p)) return undefined;
  const sums = sumAlong(graph, graph.one('Mul', [dO, o]), -1);
  return graph.reshape(sums, [...p.shape.slice(0, -1), 1]);
}

function softmaxGradient({ graph, cotangent, outputs, attributes }: Backward): readonly Value[] {
  const p = outputs[0]!;
  const axis = axisOf(numberAttribute(attributes, 'axis', -1), p.shape.length);
  const fromAttention = axis === p.shape.length - 1 ? attentionRowSums(graph, p, cotangent) : undefined;
  const sums = fromAttention ?? sumAlong(graph, graph.one('Mul', [cotangent, p]), axis);
  return [graph.one('Mul', [p, graph.one('Sub', [cotangent, sums])])];
}

function logSoftmaxGradient({ graph, cotangent, outputs, attributes }: Backward): readonly Value[] {
  const total = sumAlong(graph, cotangent, numberAttribute(attributes, 'axis', -1));
  return [graph.one('Sub', [cotangent, graph.one('Mul', [graph.one('Exp', [outputs[0]]), total])])];
}

const rmsShape: ShapeRule = (inputs, attributes) => {
  const [x, scale] = [operand(inputs, 0), operand(inputs, 1)];
  const rank = x.shape.length;
  fits(axisOf(numberAttribute(attributes, 'axis', -1), rank) === rank - 1, 'normalises the last axis only');
  fits(sameShape(scale.shape, x.shape.slice(-1)), `the scale must have shape [${x.shape.at(-1)}]`);
  const type = commonType([x, scale]);
  return [
    { type, shape: x.shape },
    { type, shape: [...x.shape.slice(0, -1), 1] },
  ];
};

/**
 * y = x r s with r = 1 / sqrt(mean(x^2) + epsilon), the second output. With g = dy s:
 * dx = r (g - x r^2 / C rowsum(g x)), ds = columnsum(dy x r). Both sums are products with dy x, which is made once.
 */
function rmsGradient({ graph, cotangent, cotangents, inputs, outputs }: Backward): readonly Value[] {
  fits(!cotangents[1], 'no gradient through the inverse standard deviation');
  const [x, scale] = [inputs[0]!, inputs[1]!];
  const inverse = outputs[1]!;
  const channels = elementCount(scale.shape);
  const rows = elementCount(inverse.shape);
  const weighted_RC = graph.reshape(graph.one('Mul', [cotangent, x]), [rows, channels]);
  const sums = graph.reshape(graph.one('Gemm', [weighted_RC, graph.reshape(scale, [channels, 1])]), inverse.shape);
  const share = graph.one('Mul', [graph.one('Mul', [inverse, inverse]), graph.scalar(1 / channels)]);
  const pull = graph.one('Mul', [x, graph.one('Mul', [sums, share])]);
  const dx = graph.one('Mul', [graph.one('Sub', [graph.one('Mul', [cotangent, scale]), pull]), inverse]);
  const dScale = graph.one('Gemm', [graph.reshape(inverse, [1, rows]), weighted_RC]);
  return [dx, graph.reshape(dScale, scale.shape)];
}

export const normalisation = {
  Softmax: {
    outputs: softmaxShape,
    gradient: softmaxGradient,
    examples: [{ inputs: [drawn([2, 4], -2, 2)] }, { inputs: [drawn([2, 3, 2], -2, 2)], attributes: { axis: 1 } }],
  },
  LogSoftmax: {
    outputs: softmaxShape,
    gradient: logSoftmaxGradient,
    examples: [{ inputs: [drawn([2, 4], -2, 2)] }, { inputs: [drawn([2, 3, 2], -2, 2)], attributes: { axis: 1 } }],
  },
  SimplifiedLayerNormalization: {
    floats: ['epsilon'],
    optionalFrom: 1,
    outputs: rmsShape,
    gradient: rmsGradient,
    examples: [
      { inputs: [drawn([3, 4], 0.5, 2), drawn([4], 0.5, 2)], attributes: { axis: -1, epsilon: 1e-6, stash_type: 1 } },
      { inputs: [drawn([2, 2, 3], -2, -0.5), drawn([3])], attributes: { axis: -1, epsilon: 0.1, stash_type: 1 } },
    ],
  },
  /** (x, skip, scale) -> (normalised x + skip, x + skip). */
  SkipSimplifiedLayerNormalization: {
    domain: 'com.microsoft',
    floats: ['epsilon'],
    slots: [0, 3],
    optionalFrom: 1,
    outputs: (inputs, attributes) => {
      const [x, skip] = [operand(inputs, 0), operand(inputs, 1)];
      fits(sameShape(x.shape, skip.shape), 'both summands must have one shape');
      const [y] = rmsShape([x, inputs[2]], attributes);
      return [y!, y!];
    },
    gradient: 'none: its CPU kernel does not return the inverse standard deviation; add and normalise in two nodes',
    examples: [{ inputs: [drawn([2, 1, 4]), drawn([2, 1, 4]), drawn([4])], attributes: { epsilon: 1e-5 } }],
  },
} satisfies Record<string, OpRecord>;
