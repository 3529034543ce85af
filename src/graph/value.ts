/**
 * What a graph is made of: values, nodes, constants, and the building verbs that gradient rules use. `graph.ts` keeps them.
 */
import type { ElementType, Tensor } from './executor.ts';

/** A number, or a name for a size that is only known at run time (forward-only graphs). */
export type Dim = number | string;
export type Shape = readonly Dim[];

export interface Value {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
  /** The contents, where they are a constant stored in the model. */
  readonly tensor?: Tensor;
}

export type AttributeValue = number | string | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface Node {
  readonly op: OpName;
  /** `undefined`: an optional input left out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

export interface Constant {
  readonly value: Value;
  /** `undefined`: supplied when the session is made (`SessionOptions.constants`). */
  readonly tensor: Tensor | undefined;
}

export type OpName =
  // elementwise
  | 'Identity'
  | 'Add'
  | 'Sub'
  | 'Mul'
  | 'Div'
  | 'Neg'
  | 'Exp'
  | 'Log'
  | 'Sqrt'
  | 'Sigmoid'
  | 'Tanh'
  | 'QuickGelu'
  | 'Min'
  | 'Max'
  | 'Where'
  | 'Less'
  | 'LessOrEqual'
  | 'Greater'
  | 'Equal'
  | 'Cast'
  // products
  | 'MatMul'
  | 'FusedMatMul'
  | 'Gemm'
  // shaping
  | 'Reshape'
  | 'Transpose'
  | 'Split'
  | 'Slice'
  | 'Pad'
  | 'Concat'
  | 'Expand'
  // reductions
  | 'ReduceSum'
  | 'ReduceMean'
  | 'ReduceMax'
  | 'ReduceSumSquare'
  // normalisation
  | 'Softmax'
  | 'LogSoftmax'
  | 'SimplifiedLayerNormalization'
  | 'SkipSimplifiedLayerNormalization'
  // indexing
  | 'Gather'
  | 'GatherElements'
  | 'ScatterElements'
  // attention
  | 'RotaryEmbedding'
  | 'GroupQueryAttention'
  // sampling
  | 'CumSum'
  | 'TopK'
  | 'ArgMax';

/** What a gradient rule may do to the graph it extends. Each is described at `Graph`. */
export interface GraphBuilder {
  readonly nodes: readonly Node[];
  constant(tensor: Tensor, name?: string): Value;
  scalar(value: number): Value;
  integers(values: readonly number[]): Value;
  apply(op: OpName, inputs: readonly (Value | undefined)[], attributes?: Attributes): readonly Value[];
  one(op: OpName, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value;
  reshape(value: Value, shape: Shape): Value;
  cast(value: Value, type: ElementType): Value;
  producer(value: Value): Node | undefined;
}
