/**
 * A graph as the bytes of an ONNX model. Only nodes and constants that an output needs are written; inputs are all kept, so a caller
 * binds what the graph declares.
 */
import { assert } from '../core/errors.ts';
import { bytesOf } from './bind-checks.ts';
import type { ElementType } from './executor.ts';
import type { Attributes, AttributeValue, Constant, Graph, Node, Shape, Value } from './graph.ts';
import { encodeModelProto } from './onnx-proto.ts';
import { elementCode, type OpRecord, opRecord } from './ops.ts';

const IR_VERSION = 9;
const OPSETS = [
  { domain: '', version: 18 },
  { domain: 'com.microsoft', version: 1 },
];
const ATTRIBUTE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;
const EXTERNAL = 1;

/**
 * The model's bytes. Constants made by `Graph.frozen` are external initializers, each at a location of its own name: their contents
 * come with `SessionOptions.constants`.
 *
 * @throws Error (ours) when two things of the graph have one name.
 */
export function encodeModel(graph: Graph): Uint8Array {
  const nodes = neededNodes(graph);
  const { names, copies } = outputNames(graph);
  const used = new Set<Value | undefined>([
    ...nodes.flatMap((node) => node.inputs),
    ...graph.outputs.map(({ value }) => value),
  ]);
  const constants = graph.constants.filter(({ value }) => used.has(value));
  mustBeDistinct([
    ...graph.inputs.map(({ name }) => name),
    ...constants.map(({ value }) => value.name),
    ...nodes.flatMap(({ outputs }) => outputs.map((value) => names.get(value) ?? value.name)),
    ...copies.map(({ output }) => output[0]!),
  ]);
  return encodeModelProto({
    irVersion: IR_VERSION,
    producerName: 'polarity',
    opsetImport: OPSETS,
    graph: {
      name: 'polarity',
      node: [...nodes.map((node) => nodeProto(node, names, used)), ...copies],
      initializer: constants.map(tensorProto),
      input: graph.inputs.map((value) => valueInfo(value.name, value.type, value.shape)),
      output: graph.outputs.map(({ name, value }) => valueInfo(name, value.type, value.shape)),
    },
  });
}

/** The nodes that some output depends on, in the graph's order (which is a topological one). */
function neededNodes(graph: Graph): readonly Node[] {
  const needed = new Set<Value | undefined>(graph.outputs.map(({ value }) => value));
  return graph.nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some((value) => needed.has(value))) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    })
    .reverse();
}

/** A value goes by its output's name; inputs, constants and values with several output names are copied to the further ones. */
function outputNames(graph: Graph) {
  const names = new Map<Value, string>();
  const copies: { opType: string; input: string[]; output: string[] }[] = [];
  for (const { name, value } of graph.outputs) {
    if (graph.producer(value) && !names.has(value)) names.set(value, name);
    else copies.push({ opType: 'Identity', input: [names.get(value) ?? value.name], output: [name] });
  }
  return { names, copies };
}

function mustBeDistinct(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    assert(!seen.has(name), `two values of the graph are called ${name}`);
    seen.add(name);
  }
}

function nodeProto(node: Node, names: ReadonlyMap<Value, string>, used: ReadonlySet<Value | undefined>): object {
  const record = opRecord(node.op);
  const nameOf = (value: Value | undefined) => (value ? (names.get(value) ?? value.name) : '');
  const output: string[] = [];
  node.outputs.forEach((value, i) => {
    const slot = record.slots?.[i] ?? i;
    while (output.length < slot) output.push('');
    output.push(i < (record.optionalFrom ?? Number.POSITIVE_INFINITY) || used.has(value) ? nameOf(value) : '');
  });
  return {
    opType: node.op,
    domain: record.domain ?? '',
    input: withoutTrailingEmpty(node.inputs.map(nameOf)),
    output: withoutTrailingEmpty(output),
    attribute: attributeProtos(node.attributes, record),
  };
}

function withoutTrailingEmpty(names: readonly string[]): readonly string[] {
  return names.slice(0, names.findLastIndex((name) => name !== '') + 1);
}

function attributeProtos(attributes: Attributes, record: OpRecord): readonly object[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (record.elementTypes?.includes(name)) {
      return { name, type: ATTRIBUTE.int, i: elementCode[value as ElementType] };
    }
    return { name, ...attributeContents(name, value, record.floats?.includes(name) ?? false) };
  });
}

function attributeContents(name: string, value: AttributeValue, isFloat: boolean): object {
  if (typeof value === 'string') return { type: ATTRIBUTE.string, s: new TextEncoder().encode(value) };
  const numbers = typeof value === 'number' ? [value] : value;
  assert(isFloat || numbers.every(Number.isInteger), `attribute ${name}=${value} must be whole numbers`);
  if (typeof value === 'number')
    return isFloat ? { type: ATTRIBUTE.float, f: value } : { type: ATTRIBUTE.int, i: value };
  return isFloat ? { type: ATTRIBUTE.floats, floats: value } : { type: ATTRIBUTE.ints, ints: value };
}

const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = { float32: 4, int32: 4, int64: 8, bool: 1 };

function tensorProto({ value, tensor }: Constant): object {
  const dims = value.shape.map(Number);
  const header = { name: value.name, dims, dataType: elementCode[value.type] };
  if (tensor) return { ...header, rawData: bytesOf(tensor.data) };
  const byteLength = dims.reduce((count, size) => count * size, ELEMENT_BYTES[value.type]);
  const externalData = Object.entries({ location: value.name, offset: '0', length: String(byteLength) });
  return {
    ...header,
    dataLocation: EXTERNAL,
    externalData: externalData.map(([key, text]) => ({ key, value: text })),
  };
}

function valueInfo(name: string, type: ElementType, shape: Shape): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: elementCode[type], shape: { dim } } } };
}
