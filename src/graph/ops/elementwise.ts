/**
 * Ops that work element by element, with broadcasting.
 */
import type { ElementType } from '../executor.ts';
import type { GraphBuilder, Value } from '../value.ts';
import { sumTo } from './adjoint.ts';
import { type Backward, bool, drawn, type Example, type OpRecord, type ShapeRule, spaced } from './record.ts';
import { broadcast, commonType, fits, numberAttribute, operand } from './shapes.ts';

const unaryShape: ShapeRule = (inputs) => {
  const { type, shape } = operand(inputs, 0);
  return [{ type, shape }];
};

const binaryShape: ShapeRule = (inputs) => {
  fits(inputs.length === 2, 'takes two operands');
  const operands = [operand(inputs, 0), operand(inputs, 1)];
  return [{ type: commonType(operands), shape: broadcast(operands.map((value) => value.shape)) }];
};

const comparisonShape: ShapeRule = (inputs, attributes) => [
  { type: 'bool', shape: binaryShape(inputs, attributes)[0]!.shape },
];

type UnaryGradient = (graph: GraphBuilder, cotangent: Value, x: Value, y: Value) => Value;

function unary(gradient: UnaryGradient, example: Example = { inputs: [drawn([2, 3])] }): OpRecord {
  return {
    outputs: unaryShape,
    gradient: ({ graph, cotangent, inputs, outputs }) => [gradient(graph, cotangent, inputs[0]!, outputs[0]!)],
    examples: [example],
  };
}

type BinaryGradient = (graph: GraphBuilder, cotangent: Value, a: Value, b: Value, y: Value) => readonly [Value, Value];

/** `gradient` gives cotangents of the result's shape; summing over what was broadcast happens here. */
function binary(gradient: BinaryGradient, examples: readonly Example[]): OpRecord {
  return {
    outputs: binaryShape,
    gradient: ({ graph, cotangent, inputs, outputs }) =>
      gradient(graph, cotangent, inputs[0]!, inputs[1]!, outputs[0]!).map((value, i) =>
        sumTo(graph, value, inputs[i]!.shape),
      ),
    examples,
  };
}

const broadcasts: readonly Example[] = [
  { inputs: [drawn([2, 3]), drawn([2, 3])] },
  { inputs: [drawn([2, 3]), drawn([3])] },
  { inputs: [drawn([2, 1, 3]), drawn([4, 1])] },
  { inputs: [drawn([]), drawn([2, 2])] },
  { inputs: [drawn([1]), drawn([1, 1])] },
];

const spacedPairs: readonly Example[] = [
  { inputs: [spaced([2, 3]), spaced([2, 3])] },
  { inputs: [spaced([3]), spaced([2, 1])] },
];

function comparison(): OpRecord {
  return {
    outputs: comparisonShape,
    gradient: 'none: a truth value does not vary smoothly',
    examples: spacedPairs,
  };
}

/** Of two candidates the one that `chooseFirst` names gets the cotangent, the first at ties. */
function choice(chooseFirst: 'LessOrEqual' | 'Greater'): OpRecord {
  return binary((graph, cotangent, a, b) => {
    const mask = chooseFirst === 'Greater' ? graph.one('LessOrEqual', [b, a]) : graph.one('LessOrEqual', [a, b]);
    const zero = graph.scalar(0);
    return [graph.one('Where', [mask, cotangent, zero]), graph.one('Where', [mask, zero, cotangent])];
  }, spacedPairs);
}

/** x sigmoid(alpha x), whose slope is alpha y + s (1 - alpha y) with s = sigmoid(alpha x); SiLU at alpha 1. */
function quickGeluGradient({ graph, cotangent, inputs, outputs, attributes }: Backward): readonly Value[] {
  const alpha = numberAttribute(attributes, 'alpha', 1.702);
  const scale = (value: Value) => (alpha === 1 ? value : graph.one('Mul', [value, graph.scalar(alpha)]));
  const gate = graph.one('Sigmoid', [scale(inputs[0]!)]);
  const y = scale(outputs[0]!);
  const slope = graph.one('Add', [y, graph.one('Mul', [gate, graph.one('Sub', [graph.scalar(1), y])])]);
  return [graph.one('Mul', [cotangent, slope])];
}

/** ONNX's numbers for element types. */
export const elementCode = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** `to` names one of our element types. */
const cast: OpRecord = {
  elementTypes: ['to'],
  outputs: (inputs, attributes) => {
    const type = Object.keys(elementCode).find((name) => name === attributes['to']) as ElementType | undefined;
    fits(type, `attribute to=${attributes['to']} is not one of ${Object.keys(elementCode).join(', ')}`);
    return [{ type, shape: operand(inputs, 0).shape }];
  },
  gradient: ({ cotangent, inputs }) => [inputs[0]!.type === 'float32' ? cotangent : undefined],
  examples: [
    { inputs: [drawn([2, 2])], attributes: { to: 'float32' } },
    { inputs: [bool([1, 0, 1])], attributes: { to: 'float32' } },
    { inputs: [bool([1, 0, 1])], attributes: { to: 'int64' } },
  ],
};

const where: OpRecord = {
  outputs: (inputs) => {
    const [condition, a, b] = [operand(inputs, 0), operand(inputs, 1), operand(inputs, 2)];
    fits(condition.type === 'bool', 'the condition must be bool');
    return [{ type: commonType([a, b]), shape: broadcast([condition.shape, a.shape, b.shape]) }];
  },
  gradient: ({ graph, cotangent, inputs: [condition, a, b] }) => {
    const zero = graph.scalar(0);
    return [
      undefined,
      sumTo(graph, graph.one('Where', [condition, cotangent, zero]), a!.shape),
      sumTo(graph, graph.one('Where', [condition, zero, cotangent]), b!.shape),
    ];
  },
  examples: [
    { inputs: [bool([1, 0, 0, 1], [2, 2]), drawn([2, 2]), drawn([2, 2])] },
    { inputs: [bool([1, 0], [2, 1]), drawn([3]), drawn([])] },
  ],
};

export const elementwise = {
  Identity: unary((_, cotangent) => cotangent),
  Add: binary((_, cotangent) => [cotangent, cotangent], broadcasts),
  Sub: {
    outputs: binaryShape,
    // negated after the sum, where it is smaller
    gradient: ({ graph, cotangent, inputs: [a, b] }) => [
      sumTo(graph, cotangent, a!.shape),
      graph.one('Neg', [sumTo(graph, cotangent, b!.shape)]),
    ],
    examples: broadcasts,
  },
  Mul: binary(
    (graph, cotangent, a, b) => [graph.one('Mul', [cotangent, b]), graph.one('Mul', [cotangent, a])],
    broadcasts,
  ),
  Div: {
    outputs: binaryShape,
    gradient: ({ graph, cotangent, inputs: [a, b], outputs: [y] }) => {
      const slope = graph.one('Div', [cotangent, b]);
      const negated = sumTo(graph, graph.one('Mul', [slope, y]), b!.shape);
      return [sumTo(graph, slope, a!.shape), graph.one('Neg', [negated])];
    },
    examples: [
      { inputs: [drawn([2, 3]), drawn([2, 3], 1, 2)] },
      { inputs: [drawn([2, 3]), drawn([2, 1], -2, -1)] },
      { inputs: [drawn([]), drawn([2, 2], 1, 2)] },
    ],
  },
  Neg: unary((graph, cotangent) => graph.one('Neg', [cotangent])),
  Exp: unary((graph, cotangent, _, y) => graph.one('Mul', [cotangent, y])),
  Log: unary((graph, cotangent, x) => graph.one('Div', [cotangent, x]), { inputs: [drawn([2, 3], 1, 3)] }),
  Sqrt: unary((graph, cotangent, _, y) => graph.one('Div', [graph.one('Mul', [cotangent, graph.scalar(0.5)]), y]), {
    inputs: [drawn([2, 3], 1, 3)],
  }),
  Sigmoid: unary((graph, cotangent, _, y) => {
    const slope = graph.one('Mul', [y, graph.one('Sub', [graph.scalar(1), y])]);
    return graph.one('Mul', [cotangent, slope]);
  }),
  Tanh: unary((graph, cotangent, _, y) => {
    const slope = graph.one('Sub', [graph.scalar(1), graph.one('Mul', [y, y])]);
    return graph.one('Mul', [cotangent, slope]);
  }),
  QuickGelu: {
    domain: 'com.microsoft',
    floats: ['alpha'],
    outputs: unaryShape,
    gradient: quickGeluGradient,
    examples: [
      { inputs: [drawn([2, 3], -2, 2)], attributes: { alpha: 1 } },
      { inputs: [drawn([2, 3], -2, 2)], attributes: { alpha: 1.5 } },
    ],
  },
  Min: choice('LessOrEqual'),
  Max: choice('Greater'),
  Where: where,
  Less: comparison(),
  LessOrEqual: comparison(),
  Greater: comparison(),
  Equal: comparison(),
  Cast: cast,
} satisfies Record<string, OpRecord>;
