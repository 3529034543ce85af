/**
 * The least of ONNX's wire format that executor tests need, written apart from `graph/onnx-model.ts` so that an executor is judged by
 * plain ONNX and not by our own encoder. Field numbers are those of onnx.proto3.
 */
type Bytes = readonly number[];

export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;

const varint = (n: number): Bytes => (n < 128 ? [n] : [(n % 128) + 128, ...varint(Math.floor(n / 128))]);
const whole = (field: number, n: number): Bytes => [...varint(field * 8), ...varint(n)];
const block = (field: number, body: Bytes): Bytes => [...varint(field * 8 + 2), ...varint(body.length), ...body];
const text = (field: number, s: string): Bytes => block(field, [...Buffer.from(s)]);
const operatorSet = (version: number): Bytes => block(8, [...text(1, ''), ...whole(2, version)]);

/** ValueInfoProto of a tensor; -1 is a size known at run time only. */
export function value(name: string, type: number, dims: readonly number[]): Bytes {
  const shape = dims.flatMap((size) => block(1, size < 0 ? text(2, 'size') : whole(1, size)));
  return [...text(1, name), ...block(2, block(1, [...whole(1, type), ...block(2, shape)]))];
}

export function node(op: string, inputs: readonly string[], output: string): Bytes {
  return [...inputs.flatMap((name) => text(1, name)), ...text(2, output), ...text(4, op)];
}

/** A TensorProto whose bytes are elsewhere: `location` is its own name. */
export function external(name: string, type: number, dims: readonly number[], bytes: number): Bytes {
  const entries = { location: name, offset: '0', length: String(bytes) };
  return [
    ...dims.flatMap((size) => whole(1, size)),
    ...whole(2, type),
    ...text(8, name),
    ...Object.entries(entries).flatMap(([key, entry]) => block(13, [...text(1, key), ...text(2, entry)])),
    ...whole(14, 1),
  ];
}

export function model(graph: {
  readonly nodes: readonly Bytes[];
  readonly inputs: readonly Bytes[];
  readonly outputs: readonly Bytes[];
  readonly constants?: readonly Bytes[];
}): Uint8Array {
  const body = [
    ...graph.nodes.flatMap((n) => block(1, n)),
    ...text(2, 'tiny'),
    ...(graph.constants ?? []).flatMap((c) => block(5, c)),
    ...graph.inputs.flatMap((v) => block(11, v)),
    ...graph.outputs.flatMap((v) => block(12, v)),
  ];
  return Uint8Array.from([...whole(1, 8), ...block(7, body), ...operatorSet(17)]);
}
