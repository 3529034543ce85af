/**
 * A computation graph under construction: values, nodes, named inputs and outputs. Shapes are checked as nodes are added (each op's
 * record in `ops.ts` holds its shape rule). Knows nothing of language models, of execution, or of bytes.
 */
import { assert } from '../core/errors.ts';
import type { ElementType, Tensor } from './executor.ts';
import { reshaped, reshapeTarget, sameShape } from './ops/shapes.ts';
import { opRecord } from './ops.ts';
import type { Attributes, Constant, GraphBuilder, Node, OpName, Shape, Value } from './value.ts';

export type { Attributes, AttributeValue, Constant, Dim, Node, Shape, Value } from './value.ts';

type Operands = readonly (Value | undefined)[];
type Signature = Pick<Value, 'type' | 'shape'>;

export class Graph implements GraphBuilder {
  readonly inputs: Value[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  readonly #producers = new Map<Value, Node>();
  #names = 0;

  input(name: string, type: ElementType, shape: Shape): Value {
    assert(!this.inputs.some((input) => input.name === name), `graph input ${name} declared twice`);
    const value = { name, type, shape };
    this.inputs.push(value);
    return value;
  }

  /** A tensor stored in the model's bytes. */
  constant(tensor: Tensor, name = this.#fresh('constant')): Value {
    const value = { name, type: tensor.type, shape: tensor.dims, tensor };
    this.constants.push({ value, tensor });
    return value;
  }

  /** A float32 scalar (shape []) stored in the model's bytes. */
  scalar(value: number): Value {
    return this.constant({ type: 'float32', dims: [], data: Float32Array.of(value) });
  }

  /** An int64 vector stored in the model's bytes (axes, shapes, split sizes). */
  integers(values: readonly number[]): Value {
    return this.constant({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values.map(BigInt)) });
  }

  /** A named tensor supplied when the session is made: weights frozen into a sampler. */
  frozen(name: string, type: ElementType, shape: readonly number[]): Value {
    const value = { name, type, shape };
    this.constants.push({ value, tensor: undefined });
    return value;
  }

  /** Adds a node; the values it makes. @throws Error (ours) naming the op when the shapes do not fit. */
  apply(op: OpName, inputs: Operands, attributes: Attributes = {}): readonly Value[] {
    return this.#add(op, inputs, attributes, signatures(op, inputs, attributes));
  }

  /** `apply` for ops of which only the first result matters. */
  one(op: OpName, inputs: Operands, attributes: Attributes = {}): Value {
    return this.apply(op, inputs, attributes)[0]!;
  }

  /**
   * `value` with its elements in another shape. Names of sizes may be new ones: at most one named size may differ from the one at the
   * same place in `value`, e.g. [B, L, 128] -> [N, 128].
   */
  reshape(value: Value, shape: Shape): Value {
    if (sameShape(value.shape, shape)) return value;
    const { target } = naming('Reshape', [value], () => {
      const target = reshapeTarget(value.shape, shape);
      return { target, result: reshaped(value.shape, target) };
    });
    return this.#add('Reshape', [value, this.integers(target)], {}, [{ type: value.type, shape }])[0]!;
  }

  /** `value` as another element type. */
  cast(value: Value, type: ElementType): Value {
    return value.type === type ? value : this.one('Cast', [value], { to: type });
  }

  output(name: string, value: Value): void {
    assert(!this.outputs.some((output) => output.name === name), `graph output ${name} declared twice`);
    this.outputs.push({ name, value });
  }

  /** The node that makes `value`; none for inputs and constants. */
  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  #add(op: OpName, inputs: Operands, attributes: Attributes, results: readonly Signature[]): readonly Value[] {
    const outputs = results.map(({ type, shape }) => ({ name: this.#fresh(op), type, shape }));
    const node = { op, inputs, outputs, attributes };
    this.nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  #fresh(stem: string): string {
    return `${stem}_${this.#names++}`;
  }
}

function signatures(op: OpName, inputs: Operands, attributes: Attributes): readonly Signature[] {
  return naming(op, inputs, () => opRecord(op).outputs(inputs, attributes));
}

/** Puts op and operand shapes before the message of a shape rule. */
function naming<T>(op: OpName, inputs: Operands, rule: () => T): T {
  try {
    return rule();
  } catch (cause) {
    const operands = inputs.map((value) => (value ? `${value.type}[${value.shape}]` : 'none')).join(', ');
    throw new Error(`bug in polarity: ${op}(${operands}): ${(cause as Error).message}`, { cause });
  }
}
