/**
 * Ops that move elements without computing on them.
 */
import type { Dim, Shape, Value } from '../value.ts';
import { sumTo, zeros } from './adjoint.ts';
import { drawn, int64, type OpRecord } from './record.ts';
import {
  axisOf,
  broadcast,
  commonType,
  contents,
  fits,
  numberAttribute,
  operand,
  reshaped,
  staticSizes,
} from './shapes.ts';

function replaced(shape: Shape, axis: number, size: Dim): Shape {
  return shape.map((own, i) => (i === axis ? size : own));
}

function permutation(rank: number, perm: unknown): readonly number[] {
  const order = (perm as readonly number[] | undefined) ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const isPermutation = order.length === rank && order.every((_, i) => order.includes(i));
  fits(isPermutation, `perm [${order}] is not an order of ${rank} axes`);
  return order;
}

/** Start and end of each axis after Slice's negative and overlong bounds. */
function bounds(shape: Shape, starts: readonly number[], ends: readonly number[], axes: readonly number[]) {
  fits(starts.length === axes.length && ends.length === axes.length, 'starts, ends and axes differ in length');
  const result = shape.map((size) => ({ start: 0, end: size }));
  axes.forEach((given, i) => {
    const axis = axisOf(given, shape.length);
    const size = shape[axis]!;
    fits(typeof size === 'number', `axis ${axis} has size ${size}: only sizes known in advance can be sliced`);
    const inside = (bound: number) => Math.min(size, Math.max(0, bound < 0 ? bound + size : bound));
    result[axis] = { start: inside(starts[i]!), end: inside(ends[i]!) };
  });
  return result;
}

function sliceBounds(inputs: readonly (Value | undefined)[]) {
  fits(inputs.length === 4, 'takes data, starts, ends and axes (steps are always 1)');
  return bounds(operand(inputs, 0).shape, contents(inputs, 1), contents(inputs, 2), contents(inputs, 3));
}

const split: OpRecord = {
  outputs: (inputs, attributes) => {
    const { type, shape } = operand(inputs, 0);
    const axis = axisOf(numberAttribute(attributes, 'axis', 0), shape.length);
    const sizes = contents(inputs, 1);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    fits(total === shape[axis], `sizes [${sizes}] add up to ${total}, axis ${axis} has ${shape[axis]}`);
    return sizes.map((size) => ({ type, shape: replaced(shape, axis, size) }));
  },
  gradient: ({ graph, cotangents, outputs, attributes }) => [
    graph.one(
      'Concat',
      outputs.map((output, i) => cotangents[i] ?? zeros(graph, output.shape)),
      { axis: attributes['axis'] ?? 0 },
    ),
  ],
  examples: [
    { inputs: [drawn([2, 5]), int64([2, 3])], attributes: { axis: 1 } },
    { inputs: [drawn([3, 2]), int64([1, 1, 1])] },
    { inputs: [drawn([2, 2, 4]), int64([3, 1])], attributes: { axis: -1 } },
  ],
};

const slice: OpRecord = {
  outputs: (inputs) => [
    {
      type: operand(inputs, 0).type,
      shape: sliceBounds(inputs).map(({ start, end }) => (typeof end === 'number' ? Math.max(0, end - start) : end)),
    },
  ],
  gradient: ({ graph, cotangent, inputs }) => {
    const sizes = staticSizes(inputs[0]!.shape);
    const around = sliceBounds(inputs);
    const before = around.map(({ start }) => start);
    const after = around.map(({ end }, i) => sizes[i]! - Math.max(end as number, before[i]!));
    return [graph.one('Pad', [cotangent, graph.integers([...before, ...after])])];
  },
  examples: [
    { inputs: [drawn([3, 4]), int64([1]), int64([3]), int64([1])] },
    { inputs: [drawn([3, 4]), int64([-2, 0]), int64([1000, -1]), int64([0, -1])] },
  ],
};

const pad: OpRecord = {
  outputs: (inputs) => {
    const { type, shape } = operand(inputs, 0);
    const pads = contents(inputs, 1);
    const rank = shape.length;
    fits(pads.length === 2 * rank && pads.every((count) => count >= 0), `pads [${pads}] must be ${2 * rank} counts`);
    return [{ type, shape: staticSizes(shape).map((size, i) => size + pads[i]! + pads[rank + i]!) }];
  },
  gradient: ({ graph, cotangent, inputs }) => {
    const starts = contents(inputs, 1).slice(0, cotangent.shape.length);
    const ends = staticSizes(inputs[0]!.shape).map((size, i) => size + starts[i]!);
    const axes = starts.map((_, i) => i);
    return [graph.one('Slice', [cotangent, ...[starts, ends, axes].map((bound) => graph.integers(bound))])];
  },
  examples: [{ inputs: [drawn([2, 3]), int64([1, 0, 0, 2])] }],
};

const concat: OpRecord = {
  outputs: (inputs, attributes) => {
    const parts = inputs.map((_, i) => operand(inputs, i));
    const [first] = parts;
    fits(first, 'takes at least one operand');
    const axis = axisOf(numberAttribute(attributes, 'axis', Number.NaN), first.shape.length);
    for (const { shape } of parts) {
      const isAlike =
        shape.length === first.shape.length && shape.every((size, i) => i === axis || size === first.shape[i]);
      fits(isAlike, `sizes may differ along axis ${axis} only`);
    }
    const sizes = parts.map(({ shape }) => shape[axis]!);
    const isKnown = sizes.every((size) => typeof size === 'number');
    const size = isKnown ? sizes.reduce((sum: number, own) => sum + (own as number), 0) : sizes.join('+');
    return [{ type: commonType(parts), shape: replaced(first.shape, axis, size) }];
  },
  gradient: ({ graph, cotangent, inputs, attributes }) => {
    if (inputs.length === 1) return [cotangent];
    const axis = axisOf(attributes['axis'] as number, cotangent.shape.length);
    const sizes = staticSizes(inputs.map((value) => value!.shape[axis]!));
    return graph.apply('Split', [cotangent, graph.integers(sizes)], { axis });
  },
  examples: [
    { inputs: [drawn([2, 2]), drawn([2, 3])], attributes: { axis: 1 } },
    { inputs: [drawn([1, 2]), drawn([2, 2]), drawn([1, 2])], attributes: { axis: -2 } },
  ],
};

export const shaping = {
  Reshape: {
    outputs: (inputs) => {
      const { type, shape } = operand(inputs, 0);
      return [{ type, shape: reshaped(shape, contents(inputs, 1)) }];
    },
    gradient: ({ graph, cotangent, inputs }) => [graph.reshape(cotangent, inputs[0]!.shape)],
    examples: [
      { inputs: [drawn([2, 3]), int64([3, 2])] },
      { inputs: [drawn([2, 3, 2]), int64([0, -1])] },
      { inputs: [drawn([4]), int64([2, 1, 2])] },
    ],
  },
  Transpose: {
    outputs: (inputs, attributes) => {
      const { type, shape } = operand(inputs, 0);
      return [{ type, shape: permutation(shape.length, attributes['perm']).map((axis) => shape[axis]!) }];
    },
    gradient: ({ graph, cotangent, attributes }) => {
      const perm = permutation(cotangent.shape.length, attributes['perm']);
      return [graph.one('Transpose', [cotangent], { perm: perm.map((_, axis) => perm.indexOf(axis)) })];
    },
    examples: [{ inputs: [drawn([2, 3])] }, { inputs: [drawn([2, 3, 2, 2])], attributes: { perm: [0, 3, 1, 2] } }],
  },
  Split: split,
  Slice: slice,
  Pad: pad,
  Concat: concat,
  Expand: {
    outputs: (inputs) => {
      const { type, shape } = operand(inputs, 0);
      return [{ type, shape: broadcast([shape, contents(inputs, 1)]) }];
    },
    gradient: ({ graph, cotangent, inputs }) => [sumTo(graph, cotangent, inputs[0]!.shape)],
    examples: [{ inputs: [drawn([2, 1]), int64([3, 2, 4])] }, { inputs: [drawn([]), int64([2, 3])] }],
  },
} satisfies Record<string, OpRecord>;
