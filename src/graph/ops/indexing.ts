/**
 * Ops that pick or place elements by index. ScatterND is left out on purpose: ONNX Runtime's multi-threaded kernel loses updates when
 * indices repeat, ScatterElements adds them one after the other.
 */
import type { Value } from '../value.ts';
import { zeros } from './adjoint.ts';
import { type Backward, drawn, int64, type OpRecord } from './record.ts';
import { axisOf, commonType, elementCount, fits, numberAttribute, operand, sameShape, staticSizes } from './shapes.ts';

function isIndex({ type }: Value): boolean {
  return type === 'int64' || type === 'int32';
}

/** Adds each picked slice's cotangent to the slice it came from. */
function gatherGradient({ graph, cotangent, inputs, attributes }: Backward): readonly Value[] {
  const [table, indices] = [inputs[0]!, inputs[1]!];
  const axis = axisOf(numberAttribute(attributes, 'axis', 0), table.shape.length);
  const picked = table.shape.map((size, i) => (i === axis ? elementCount(indices.shape) : size));
  const column = graph.reshape(
    indices,
    picked.map((size, i) => (i === axis ? size : 1)),
  );
  const places = graph.one('Expand', [column, graph.integers(staticSizes(picked))]);
  const updates = graph.reshape(cotangent, picked);
  return [graph.one('ScatterElements', [zeros(graph, table.shape), places, updates], { axis, reduction: 'add' })];
}

const gather: OpRecord = {
  outputs: (inputs, attributes) => {
    const [table, indices] = [operand(inputs, 0), operand(inputs, 1)];
    fits(isIndex(indices), 'indices must be int32 or int64');
    const axis = axisOf(numberAttribute(attributes, 'axis', 0), table.shape.length);
    const shape = [...table.shape.slice(0, axis), ...indices.shape, ...table.shape.slice(axis + 1)];
    return [{ type: table.type, shape }];
  },
  gradient: gatherGradient,
  examples: [
    { inputs: [drawn([4, 3]), int64([1, 3, 1, 0, 1])] },
    { inputs: [drawn([4, 2]), int64([2, 2, 0, -1], [2, 2])], attributes: { axis: 0 } },
    { inputs: [drawn([2, 3, 2]), int64([2, 0, 2])], attributes: { axis: 1 } },
    { inputs: [drawn([3, 2]), int64([1], [])], attributes: { axis: 0 } },
  ],
};

const gatherElements: OpRecord = {
  outputs: (inputs, attributes) => {
    const [table, indices] = [operand(inputs, 0), operand(inputs, 1)];
    fits(isIndex(indices), 'indices must be int32 or int64');
    fits(table.shape.length === indices.shape.length, 'data and indices must have one rank');
    axisOf(numberAttribute(attributes, 'axis', 0), table.shape.length);
    return [{ type: table.type, shape: indices.shape }];
  },
  gradient: ({ graph, cotangent, inputs: [table, indices], attributes }) => [
    graph.one('ScatterElements', [zeros(graph, table!.shape), indices, cotangent], {
      axis: attributes['axis'] ?? 0,
      reduction: 'add',
    }),
  ],
  examples: [
    { inputs: [drawn([2, 4]), int64([3, 3, 0, 1], [2, 2])], attributes: { axis: 1 } },
    { inputs: [drawn([3, 2]), int64([2, 0], [1, 2])] },
  ],
};

const scatterElements: OpRecord = {
  outputs: (inputs, attributes) => {
    const [target, indices, updates] = [operand(inputs, 0), operand(inputs, 1), operand(inputs, 2)];
    fits(isIndex(indices), 'indices must be int32 or int64');
    fits(sameShape(indices.shape, updates.shape), 'indices and updates must have one shape');
    fits(target.shape.length === indices.shape.length, 'data and indices must have one rank');
    axisOf(numberAttribute(attributes, 'axis', 0), target.shape.length);
    const reduction = attributes['reduction'] ?? 'none';
    fits(reduction === 'none' || reduction === 'add', `reduction ${reduction} is not one of none, add`);
    return [{ type: commonType([target, updates]), shape: target.shape }];
  },
  gradient: ({ graph, cotangent, inputs: [, indices, updates], attributes }) => {
    const axis = attributes['axis'] ?? 0;
    const kept =
      attributes['reduction'] === 'add'
        ? cotangent
        : graph.one('ScatterElements', [cotangent, indices, zeros(graph, updates!.shape)], { axis });
    return [kept, undefined, graph.one('GatherElements', [cotangent, indices], { axis })];
  },
  examples: [
    {
      inputs: [drawn([2, 4]), int64([3, 3, 0, 1], [2, 2]), drawn([2, 2])],
      attributes: { axis: 1, reduction: 'add' },
    },
    { inputs: [drawn([3, 2]), int64([2, 0], [1, 2]), drawn([1, 2])], attributes: { axis: 0, reduction: 'none' } },
  ],
};

export const indexing = {
  Gather: gather,
  GatherElements: gatherElements,
  ScatterElements: scatterElements,
} satisfies Record<string, OpRecord>;
