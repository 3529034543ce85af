/**
 * Ops that order or accumulate along an axis, used to draw tokens inside the graph.
 */
import { zeros } from './adjoint.ts';
import { drawn, int64, type OpRecord, spaced } from './record.ts';
import { axisOf, contents, fits, numberAttribute, operand } from './shapes.ts';

const cumSum: OpRecord = {
  outputs: (inputs) => {
    const { type, shape } = operand(inputs, 0);
    const [axis] = contents(inputs, 1);
    axisOf(axis ?? Number.NaN, shape.length);
    return [{ type, shape }];
  },
  // the sum of all before becomes the sum of all after
  gradient: ({ graph, cotangent, inputs, attributes }) => [
    graph.one('CumSum', [cotangent, inputs[1]], {
      exclusive: attributes['exclusive'] ?? 0,
      reverse: attributes['reverse'] === 1 ? 0 : 1,
    }),
  ],
  examples: [
    { inputs: [drawn([2, 3]), int64([1], [])] },
    { inputs: [drawn([2, 3]), int64([-1], [])], attributes: { exclusive: 1 } },
    { inputs: [drawn([3, 2]), int64([0])], attributes: { reverse: 1 } },
  ],
};

const topK: OpRecord = {
  outputs: (inputs, attributes) => {
    const { type, shape } = operand(inputs, 0);
    const axis = axisOf(numberAttribute(attributes, 'axis', -1), shape.length);
    const counts = contents(inputs, 1);
    const [count] = counts;
    const size = shape[axis]!;
    fits(counts.length === 1 && count !== undefined && count >= 0, 'k must be one count');
    fits(typeof size === 'string' || count <= size, `k is ${count}, axis ${axis} has ${size}`);
    const kept = shape.map((own, i) => (i === axis ? count : own));
    return [
      { type, shape: kept },
      { type: 'int64', shape: kept },
    ];
  },
  gradient: ({ graph, cotangent, inputs, outputs, attributes }) => [
    graph.one('ScatterElements', [zeros(graph, inputs[0]!.shape), outputs[1], cotangent], {
      axis: attributes['axis'] ?? -1,
      reduction: 'add',
    }),
  ],
  examples: [
    { inputs: [spaced([2, 4]), int64([2])] },
    { inputs: [spaced([3, 2]), int64([1])], attributes: { axis: 0, largest: 0 } },
  ],
};

const argMax: OpRecord = {
  outputs: (inputs, attributes) => {
    const { shape } = operand(inputs, 0);
    const axis = axisOf(numberAttribute(attributes, 'axis', 0), shape.length);
    const isKept = numberAttribute(attributes, 'keepdims', 1) === 1;
    return [{ type: 'int64', shape: shape.flatMap((size, i) => (i !== axis ? [size] : isKept ? [1] : [])) }];
  },
  gradient: 'none: a position does not vary smoothly',
  examples: [
    { inputs: [spaced([2, 3])], attributes: { axis: -1 } },
    { inputs: [spaced([2, 3])], attributes: { axis: 0, keepdims: 0 } },
  ],
};

export const sampling = { CumSum: cumSum, TopK: topK, ArgMax: argMax } satisfies Record<string, OpRecord>;
