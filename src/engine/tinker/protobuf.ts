/**
 * The protocol's protobuf messages (package tinker_public, proto3), encoded and decoded in both directions. Arrays travel as little-endian bytes.
 * Field numbers: the official SDK's descriptor, 0.25.0.
 */
import protobuf from 'protobufjs/light.js';
import type { ForwardBackwardOutput, ForwardBackwardRequest, SampleOutput, Tensor, WireDatum } from './wire.ts';

export const PROTOBUF = 'application/x-protobuf';

interface Field {
  readonly id: number;
  readonly type: string;
  readonly rule?: 'repeated';
  readonly keyType?: string;
}

// an absent field is no own property of what was decoded; `proto3_optional` bytes are more than the library (8.8) can do
const one = (id: number, type: string): Field => ({ id, type });
const many = (id: number, type: string): Field => ({ id, type, rule: 'repeated' });
const map = (id: number, type: string): Field => ({ id, type, keyType: 'string' });

const messages: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ForwardBackwardRequest: {
    modelId: one(1, 'string'),
    seqId: one(2, 'int32'),
    data: many(3, 'Datum'),
    lossFn: one(4, 'string'),
    lossFnConfig: map(5, 'double'),
    forwardOnly: one(6, 'bool'),
  },
  Datum: { modelInput: many(1, 'Chunk'), lossFnInputs: map(2, 'Tensor') },
  Chunk: { encodedText: one(1, 'EncodedText') },
  EncodedText: { tokens: one(1, 'bytes') },
  Tensor: { dense: one(1, 'bytes'), dtype: one(3, 'int32'), shape: many(4, 'int64') },
  ForwardBackwardOutput: {
    lossFnOutputType: one(1, 'string'),
    lossFnOutputs: many(2, 'ArrayRecord'),
    metrics: map(3, 'double'),
  },
  ArrayRecord: { typeTag: one(1, 'string'), fields: map(2, 'BatchedTensor'), numDatums: one(3, 'int64') },
  BatchedTensor: {
    data: one(1, 'bytes'),
    offsets: one(2, 'bytes'),
    dtype: one(3, 'int32'),
    trailingShape: many(4, 'int64'),
  },
  SampleResponse: { sequences: many(1, 'SampledSequence'), promptLogprobs: one(2, 'bytes') },
  SampledSequence: { stopReason: one(1, 'int32'), tokens: one(2, 'bytes'), logprobs: one(3, 'bytes') },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [name, { fields: fields as Record<string, protobuf.IField> }]),
  ),
});

const DTYPE = { float32: 1, int64: 2, int32: 3, bfloat16: 4 } as const;
const LENGTH = 1;

function encode(name: string, message: object): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(root.lookupType(name).encode(message).finish());
}

/** @throws Error when the bytes are no such message */
function decode<Message>(name: string, bytes: Uint8Array): Message {
  return root.lookupType(name).decode(bytes) as unknown as Message;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A copy: a slice of a received buffer may lie at any address. */
function aligned(bytes: Uint8Array, size: number): ArrayBuffer {
  if (bytes.length % size !== 0) throw new Error(`${bytes.length} bytes are no whole number of ${size}-byte elements`);
  return new Uint8Array(bytes).buffer;
}

const integers = (bytes: Uint8Array): Int32Array => new Int32Array(aligned(bytes, 4));
const floats = (bytes: Uint8Array): Float32Array => new Float32Array(aligned(bytes, 4));
const longs = (bytes: Uint8Array): number[] => Array.from(new BigInt64Array(aligned(bytes, 8)), Number);

/** Elements of any type the protocol has, as float32. */
function floatsOf(bytes: Uint8Array, dtype: number): Float32Array {
  switch (dtype) {
    case DTYPE.float32:
      return floats(bytes);
    case DTYPE.int32:
      return Float32Array.from(integers(bytes));
    case DTYPE.int64:
      return Float32Array.from(longs(bytes));
    case DTYPE.bfloat16: {
      const bits = Uint32Array.from(new Uint16Array(aligned(bytes, 2)), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
    default:
      throw new Error(`tensors of type ${dtype} are not known`);
  }
}

/** Little-endian int64, as two halves: no BigInt for each token. */
function widened(values: Int32Array): Int32Array {
  const halves = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    halves[2 * i] = value;
    halves[2 * i + 1] = value >> 31;
  }
  return halves;
}

function tensor(values: Tensor): object {
  const isInteger = values instanceof Int32Array;
  return {
    dense: bytesOf(isInteger ? widened(values) : values),
    dtype: isInteger ? DTYPE.int64 : DTYPE.float32,
    shape: [values.length],
  };
}

export function encodeForwardBackwardRequest(request: ForwardBackwardRequest): Uint8Array<ArrayBuffer> {
  return encode('ForwardBackwardRequest', {
    ...request,
    data: request.data.map(({ tokens, inputs }) => ({
      modelInput: [{ encodedText: { tokens: bytesOf(tokens) } }],
      lossFnInputs: Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, tensor(values)])),
    })),
  });
}

interface RawTensor {
  readonly dense: Uint8Array;
  readonly dtype: number;
}

interface RawRequest {
  readonly modelId: string;
  readonly seqId: number;
  readonly data: readonly {
    readonly modelInput: readonly { readonly encodedText: { readonly tokens: Uint8Array } }[];
    readonly lossFnInputs: Readonly<Record<string, RawTensor>>;
  }[];
  readonly lossFn: string;
  readonly lossFnConfig: Readonly<Record<string, number>>;
  readonly forwardOnly: boolean;
}

function tensorOf({ dense, dtype }: RawTensor): Tensor {
  if (dtype === DTYPE.int64) return Int32Array.from(longs(dense));
  return dtype === DTYPE.int32 ? integers(dense) : floatsOf(dense, dtype);
}

/** @throws Error when the bytes are no such message */
export function decodeForwardBackwardRequest(bytes: Uint8Array): ForwardBackwardRequest {
  const raw = decode<RawRequest>('ForwardBackwardRequest', bytes);
  const data = raw.data.map(({ modelInput, lossFnInputs }): WireDatum => {
    const chunks = modelInput.map(({ encodedText }) => integers(encodedText.tokens));
    return {
      tokens: Int32Array.from(chunks.flatMap((chunk) => [...chunk])),
      inputs: Object.fromEntries(Object.entries(lossFnInputs).map(([name, values]) => [name, tensorOf(values)])),
    };
  });
  const { modelId, seqId, lossFn, lossFnConfig, forwardOnly } = raw;
  return { modelId, seqId, data, lossFn, lossFnConfig: { ...lossFnConfig }, forwardOnly };
}

/** One record: every datum has the same fields. @throws Error when they differ */
export function encodeForwardBackwardOutput({ outputs, metrics }: ForwardBackwardOutput): Uint8Array<ArrayBuffer> {
  const names = Object.keys(outputs[0] ?? {});
  const fields = names.map((name) => {
    const parts = outputs.map((output) => output[name] ?? new Float32Array(0));
    const offsets = [0];
    for (const part of parts) offsets.push((offsets.at(-1) as number) + part.byteLength);
    const data = new Uint8Array(offsets.at(-1) as number);
    for (const [d, part] of parts.entries()) data.set(bytesOf(part), offsets[d]);
    return [name, { data, offsets: bytesOf(BigInt64Array.from(offsets, BigInt)), dtype: DTYPE.float32 }] as const;
  });
  return encode('ForwardBackwardOutput', {
    lossFnOutputType: 'ArrayRecord',
    lossFnOutputs: [{ typeTag: 'ArrayRecord', fields: Object.fromEntries(fields), numDatums: outputs.length }],
    metrics,
  });
}

interface RawOutput {
  readonly lossFnOutputs: readonly {
    readonly fields: Readonly<
      Record<string, { readonly data: Uint8Array; readonly offsets: Uint8Array; readonly dtype: number }>
    >;
    readonly numDatums: unknown;
  }[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** @throws Error when the bytes are no such message, or its offsets leave its data */
export function decodeForwardBackwardOutput(bytes: Uint8Array): ForwardBackwardOutput {
  const raw = decode<RawOutput>('ForwardBackwardOutput', bytes);
  const outputs = raw.lossFnOutputs.flatMap(({ fields, numDatums }) => {
    const records = Array.from({ length: datumCount(Number(numDatums)) }, (): Record<string, Float32Array> => ({}));
    for (const [name, { data, offsets, dtype }] of Object.entries(fields)) {
      const places = longs(offsets);
      for (const [d, record] of records.entries())
        record[name] = floatsOf(slice(data, places[d], places[d + 1]), dtype);
    }
    return records;
  });
  return { outputs, metrics: { ...raw.metrics } };
}

/** More datums than a request may carry would be memory taken on a stranger's word. */
const MOST_DATUMS = 1 << 20;

function datumCount(claimed: number): number {
  if (!Number.isInteger(claimed) || claimed < 0 || claimed > MOST_DATUMS)
    throw new Error(`${claimed} datums in one record`);
  return claimed;
}

function slice(data: Uint8Array, start: number | undefined, end: number | undefined): Uint8Array {
  if (start === undefined || end === undefined || start < 0 || end < start || end > data.length)
    throw new Error(`offsets ${start} to ${end} leave the ${data.length} bytes of data`);
  // no data at all are decoded as an empty list
  return data.length === 0 ? new Uint8Array(0) : data.subarray(start, end);
}

export function encodeSampleResponse({ sequences, promptLogprobs }: SampleOutput): Uint8Array<ArrayBuffer> {
  return encode('SampleResponse', {
    sequences: sequences.map(({ tokens, logprobs, stopReason }) => ({
      stopReason: stopReason === 'length' ? LENGTH : 0,
      tokens: bytesOf(tokens),
      ...(logprobs !== undefined && { logprobs: bytesOf(logprobs) }),
    })),
    ...(promptLogprobs !== undefined && { promptLogprobs: bytesOf(promptLogprobs) }),
  });
}

interface RawSample {
  readonly sequences: readonly {
    readonly stopReason: number;
    readonly tokens: Uint8Array;
    readonly logprobs?: Uint8Array | null;
  }[];
  readonly promptLogprobs?: Uint8Array | null;
}

/** @throws Error when the bytes are no such message */
export function decodeSampleResponse(bytes: Uint8Array): SampleOutput {
  const raw = decode<RawSample>('SampleResponse', bytes);
  const given = (array: Uint8Array | null | undefined, isThere: boolean) =>
    isThere && array != null ? floats(array) : undefined;
  return {
    sequences: raw.sequences.map((sequence) => ({
      tokens: integers(sequence.tokens),
      logprobs: given(sequence.logprobs, Object.hasOwn(sequence, 'logprobs')),
      stopReason: sequence.stopReason === LENGTH ? 'length' : 'stop',
    })),
    promptLogprobs: given(raw.promptLogprobs, Object.hasOwn(raw, 'promptLogprobs')),
  };
}
