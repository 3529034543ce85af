/**
 * Reverse mode: adds to a graph the nodes that compute gradients, by walking its nodes backwards through their gradient rules.
 *
 * A cotangent of a value v is d(s) / d(v) for the scalar s that the seeds define: s = sum over seeds of <cotangent, value>.
 */
import { assert } from '../core/errors.ts';
import type { Graph, Node, Value } from './graph.ts';
import { isZeros } from './ops/adjoint.ts';
import type { Backward, GradientRule } from './ops/record.ts';
import { sameShape } from './ops/shapes.ts';
import { opRecord } from './ops.ts';

/** Where differentiation starts: d(s) / d(value), of value's shape. */
export interface Seed {
  readonly value: Value;
  readonly cotangent: Value;
}

export interface GradientOptions {
  /**
   * For some values of `wrt`, what their gradient is added to. A gradient that ends in a matrix product or a scatter then takes the
   * accumulator as its third operand or its target: bound to one memory, accumulator and result cost no pass of their own.
   */
  readonly accumulators?: ReadonlyMap<Value, Value>;
}

/**
 * Per value of `wrt`, d(s) / d(value), plus its accumulator. Nodes that nothing in `wrt` feeds are not differentiated.
 *
 * @throws Error (ours) when a path meets an op without gradient, or when no seed depends on a value of `wrt`.
 */
export function gradients(
  graph: Graph,
  seeds: readonly Seed[],
  wrt: readonly Value[],
  { accumulators = new Map() }: GradientOptions = {},
): Map<Value, Value> {
  const nodes = [...graph.nodes];
  const varying = valuesFedBy(nodes, wrt);
  const parts = new Map<Value, Value[]>();
  const contribute = (value: Value | undefined, cotangent: Value | undefined) => {
    if (!value || !cotangent || !varying.has(value)) return;
    assert(sameShape(value.shape, cotangent.shape), `cotangent [${cotangent.shape}] of ${value.name} [${value.shape}]`);
    parts.set(value, [...(parts.get(value) ?? []), cotangent]);
  };
  for (const { value, cotangent } of seeds) contribute(value, cotangent);
  for (const node of nodes.reverse()) {
    if (!node.inputs.some((input) => input && varying.has(input))) continue;
    const cotangents = node.outputs.map((output) => total(graph, parts, output));
    if (cotangents.every((cotangent) => !cotangent)) continue;
    const given = gradientRule(node)(backward(graph, node, cotangents));
    for (const [i, input] of node.inputs.entries()) contribute(input, given[i]);
  }
  return new Map(wrt.map((value) => [value, gradient(graph, parts, value, accumulators.get(value))]));
}

function valuesFedBy(nodes: readonly Node[], wrt: readonly Value[]): ReadonlySet<Value> {
  const fed = new Set(wrt);
  for (const { inputs, outputs } of nodes) {
    if (!inputs.some((input) => input && fed.has(input))) continue;
    // only real numbers vary smoothly: a path through an index or a truth value carries no gradient
    for (const output of outputs) if (output.type === 'float32') fed.add(output);
  }
  return fed;
}

function gradientRule({ op, outputs }: Node): GradientRule {
  const { gradient } = opRecord(op);
  assert(typeof gradient !== 'string', `no gradient through ${op} (${outputs[0]!.name}): ${gradient}`);
  return gradient;
}

function backward(
  graph: Graph,
  { op, inputs, outputs, attributes }: Node,
  cotangents: Backward['cotangents'],
): Backward {
  return {
    graph,
    inputs,
    outputs,
    attributes,
    cotangents,
    get cotangent() {
      assert(cotangents[0], `${op} (${outputs[0]!.name}) is differentiated through a further output only`);
      return cotangents[0];
    },
  };
}

/** The sum of a value's cotangents, which replaces them so that it is made once. */
function total(graph: Graph, parts: Map<Value, Value[]>, value: Value): Value | undefined {
  const summands = parts.get(value);
  if (!summands) return undefined;
  const sum = summands.reduce((left, right) => graph.one('Add', [left, right]));
  parts.set(value, [sum]);
  return sum;
}

function gradient(graph: Graph, parts: Map<Value, Value[]>, value: Value, accumulator: Value | undefined): Value {
  const summands = parts.get(value);
  assert(summands, `no seed depends on ${value.name} in a way that can be differentiated`);
  if (!accumulator) return total(graph, parts, value)!;
  assert(sameShape(accumulator.shape, value.shape), `accumulator [${accumulator.shape}] of [${value.shape}]`);
  return summands.reduce((sum, summand) => addInto(graph, sum, summand), accumulator);
}

/** sum + summand, folded into the node that makes the summand where that node can add. */
function addInto(graph: Graph, sum: Value, summand: Value): Value {
  const node = graph.producer(summand);
  const [a, b, c] = node?.inputs ?? [];
  if (node?.op === 'Gemm' && !c) return graph.one('Gemm', [a, b, sum], { ...node.attributes, beta: 1 });
  const isScatter = node?.op === 'ScatterElements' && node.attributes['reduction'] === 'add';
  if (isScatter && isZeros(graph, a!)) return graph.one('ScatterElements', [sum, b, c], node.attributes);
  return graph.one('Add', [sum, summand]);
}
