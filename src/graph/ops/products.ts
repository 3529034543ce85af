/**
 * Matrix products. Transposes are flags of the product, never copies. A 2-D right operand that many rows share gets its gradient from
 * one Gemm over all rows, a form that `gradients` can turn into in-place accumulation.
 *
 * Dimensions: M rows, K inner, N columns, R all rows of a stack of matrices.
 */
import type { Attributes, Dim, GraphBuilder, Shape, Value } from '../value.ts';
import { sumTo } from './adjoint.ts';
import { type Backward, drawn, type Operands, type OpRecord, type Signature } from './record.ts';
import { broadcast, commonType, elementCount, fits, numberAttribute, operand } from './shapes.ts';

interface Flags {
  readonly alpha: number;
  readonly transA: 0 | 1;
  readonly transB: 0 | 1;
}

function flagsOf(attributes: Attributes): Flags {
  const flag = (name: string) => (numberAttribute(attributes, name, 0) === 0 ? 0 : 1);
  return { alpha: numberAttribute(attributes, 'alpha', 1), transA: flag('transA'), transB: flag('transB') };
}

/** [M, K] and [K, N] of two operands after the flags. */
function matrixSizes(a: Shape, b: Shape, { transA, transB }: Flags): { rows: Dim; columns: Dim } {
  fits(a.length >= 2 && b.length >= 2, 'operands must be matrices or stacks of matrices');
  const [rows, inner] = transA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [innerB, columns] = transB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  fits(inner === innerB, `inner sizes ${inner} and ${innerB} differ`);
  return { rows, columns };
}

function productShape(inputs: Operands, flags: Flags): readonly Signature[] {
  const [a, b] = [operand(inputs, 0), operand(inputs, 1)];
  const { rows, columns } = matrixSizes(a.shape, b.shape, flags);
  const stack = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return [{ type: commonType([a, b]), shape: [...stack, rows, columns] }];
}

type Multiply = (left: Value, right: Value, transA: number, transB: number) => Value;

function rowsOf(graph: GraphBuilder, value: Value): Value {
  const columns = value.shape.at(-1)!;
  return graph.reshape(value, [elementCount(value.shape.slice(0, -1)), columns]);
}

/** Cotangents of both operands of alpha op(A) op(B), as products of the same kind. */
function operandCotangents(multiply: Multiply, cotangent: Value, a: Value, b: Value, { transA, transB }: Flags) {
  return [
    () => (transA ? multiply(b, cotangent, transB, 1) : multiply(cotangent, b, 0, 1 - transB)),
    () => (transB ? multiply(cotangent, a, 1, transA) : multiply(a, cotangent, 1 - transA, 0)),
  ] as const;
}

function productGradient({ graph, cotangent, inputs, attributes }: Backward): readonly Value[] {
  const [a, b] = [inputs[0]!, inputs[1]!];
  const flags = flagsOf(attributes);
  const { alpha } = flags;
  const gemm: Multiply = (left, right, transA, transB) => graph.one('Gemm', [left, right], { alpha, transA, transB });
  const fused: Multiply = (left, right, transA, transB) =>
    graph.one('FusedMatMul', [left, right], { alpha, transA, transB });
  if (a.shape.length === 2 && b.shape.length === 2) {
    return operandCotangents(gemm, cotangent, a, b, flags).map((make) => make());
  }
  const [left, right] = operandCotangents(fused, cotangent, a, b, flags);
  const isShared = b.shape.length === 2 && flags.transA === 0;
  const shared = () => operandCotangents(gemm, rowsOf(graph, cotangent), rowsOf(graph, a), b, flags)[1]();
  return [sumTo(graph, left(), a.shape), isShared ? shared() : sumTo(graph, right(), b.shape)];
}

function gemmGradient({ graph, cotangent, inputs, attributes }: Backward): readonly (Value | undefined)[] {
  const flags = flagsOf(attributes);
  const { alpha } = flags;
  const gemm: Multiply = (left, right, transA, transB) => graph.one('Gemm', [left, right], { alpha, transA, transB });
  const products = operandCotangents(gemm, cotangent, inputs[0]!, inputs[1]!, flags).map((make) => make());
  const bias = inputs[2];
  if (!bias) return products;
  const sum = sumTo(graph, cotangent, bias.shape);
  const beta = numberAttribute(attributes, 'beta', 1);
  return [...products, beta === 1 ? sum : graph.one('Mul', [sum, graph.scalar(beta)])];
}

export const products = {
  MatMul: {
    outputs: (inputs) => productShape(inputs, { alpha: 1, transA: 0, transB: 0 }),
    gradient: productGradient,
    examples: [
      { inputs: [drawn([2, 3]), drawn([3, 4])] },
      { inputs: [drawn([2, 2, 3]), drawn([3, 2])] },
      { inputs: [drawn([2, 1, 2, 3]), drawn([2, 3, 2])] },
      { inputs: [drawn([2, 3]), drawn([2, 3, 2])] },
    ],
  },
  FusedMatMul: {
    domain: 'com.microsoft',
    floats: ['alpha'],
    outputs: (inputs, attributes) => productShape(inputs, flagsOf(attributes)),
    gradient: productGradient,
    examples: [
      { inputs: [drawn([2, 3]), drawn([4, 3])], attributes: { alpha: 0.5, transB: 1 } },
      { inputs: [drawn([2, 2, 3]), drawn([4, 3])], attributes: { transB: 1 } },
      { inputs: [drawn([2, 2, 3]), drawn([3, 2])], attributes: { alpha: 2 } },
      { inputs: [drawn([2, 3, 2]), drawn([3, 2])], attributes: { transA: 1 } },
      { inputs: [drawn([2, 2, 2, 3]), drawn([2, 2, 4, 3])], attributes: { alpha: 0.5, transB: 1 } },
      { inputs: [drawn([2, 3, 2]), drawn([2, 4, 3])], attributes: { transA: 1, transB: 1 } },
      { inputs: [drawn([2, 3, 2]), drawn([1, 3, 2])], attributes: { alpha: -1, transA: 1 } },
    ],
  },
  Gemm: {
    floats: ['alpha', 'beta'],
    outputs: (inputs, attributes) => {
      const [a, b, bias] = [operand(inputs, 0), operand(inputs, 1), inputs[2]];
      fits(a.shape.length === 2 && b.shape.length === 2, 'operands must be matrices');
      const { rows, columns } = matrixSizes(a.shape, b.shape, flagsOf(attributes));
      const shape = bias ? broadcast([[rows, columns], bias.shape]) : [rows, columns];
      fits(
        shape.length === 2 && shape[0] === rows && shape[1] === columns,
        'the third operand must stretch to the product',
      );
      return [{ type: commonType(bias ? [a, b, bias] : [a, b]), shape }];
    },
    gradient: gemmGradient,
    examples: [
      { inputs: [drawn([2, 3]), drawn([3, 4])] },
      { inputs: [drawn([3, 2]), drawn([3, 4]), drawn([4])], attributes: { alpha: 0.5, beta: 2, transA: 1 } },
      { inputs: [drawn([2, 3]), drawn([4, 3]), drawn([2, 4])], attributes: { transB: 1 } },
      { inputs: [drawn([3, 2]), drawn([4, 3]), drawn([2, 1])], attributes: { transA: 1, transB: 1 } },
    ],
  },
} satisfies Record<string, OpRecord>;
