/**
 * What the graph knows of one op: its shape rule, its gradient rule, and examples that the gradient test runs.
 */
import type { ElementType, Tensor } from '../executor.ts';
import type { Attributes, GraphBuilder, Shape, Value } from '../value.ts';

export type Operands = readonly (Value | undefined)[];

export interface Signature {
  readonly type: ElementType;
  readonly shape: Shape;
}

/** Types and shapes of the results. Throws a plain message when the operands do not fit; `Graph.apply` puts op and shapes before it. */
export type ShapeRule = (inputs: Operands, attributes: Attributes) => readonly Signature[];

/** One node seen by its gradient rule. */
export interface Backward {
  readonly graph: GraphBuilder;
  readonly inputs: Operands;
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
  /** Per output; `undefined` where nothing that is differentiated depends on it. At least one is given. */
  readonly cotangents: readonly (Value | undefined)[];
  /** Of the first output. Reading it throws when only other outputs have one. */
  readonly cotangent: Value;
}

/** Per input, its cotangent, or `undefined` for an input without one (integers, masks). What nobody uses is never run. */
export type GradientRule = (node: Backward) => readonly (Value | undefined)[];

/** A float32 operand of an example, drawn by the test; differentiated. */
export interface Drawn {
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
  /** No two drawn numbers of the example are closer than 0.3, for ops with kinks. */
  readonly isSpaced: boolean;
}

export interface Example {
  readonly inputs: readonly (Drawn | Tensor | undefined)[];
  readonly attributes?: Attributes;
}

export interface OpRecord {
  readonly domain?: 'com.microsoft';
  /** Attributes stored as floats even when their value is whole. */
  readonly floats?: readonly string[];
  /** Attributes that name one of our element types; ONNX has a number for each. */
  readonly elementTypes?: readonly string[];
  /** Positions of our outputs among ONNX's, where ONNX Runtime's CPU kernel leaves some unwritten. */
  readonly slots?: readonly number[];
  /** Outputs from this one on are left out of the model when nothing uses them. */
  readonly optionalFrom?: number;
  readonly outputs: ShapeRule;
  readonly gradient: GradientRule | `none: ${string}`;
  readonly examples: readonly Example[];
}

/** Uniform in [low, high]. */
export function drawn(shape: readonly number[], low = -1, high = 1): Drawn {
  return { shape, low, high, isSpaced: false };
}

export function spaced(shape: readonly number[]): Drawn {
  return { shape, low: 0, high: 0, isSpaced: true };
}

export function int64(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return { type: 'int64', dims, data: BigInt64Array.from(values.map(BigInt)) };
}

export function int32(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return { type: 'int32', dims, data: Int32Array.from(values) };
}

export function bool(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return { type: 'bool', dims, data: Uint8Array.from(values) };
}
